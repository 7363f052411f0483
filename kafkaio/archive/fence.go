package archive

import "errors"

// maxFences is how often in a row a partition that the group says is ours may
// be claimed by another owner. Once or twice happens when a member has not
// heard yet that it has lost it.
const maxFences = 3

// failed is what follows an error while files were written.
func (p *partition) failed(err error) error {
	if _, ok := errors.AsType[*FSError](err); !ok || !p.owned {
		return err
	}
	if err := p.ledger.blame(p.ledger.mine.epoch, err); !errors.Is(err, ErrFenced) {
		return err
	}
	p.discard()
	return p.fenced(ErrFenced)
}

// fenced is what follows an error of the ledger: p is not the owner any more,
// and if the group says that the partition is still ours, it is claimed again.
func (p *partition) fenced(err error) error {
	p.owned = false
	p.back()
	if !errors.Is(err, ErrFenced) {
		if errors.Is(err, ErrCorrupt) {
			return &PartitionError{p.topic, p.number, err}
		}
		return err
	}
	p.doubt = true
	err = &PartitionError{p.topic, p.number, ErrFenced}
	if p.fences++; p.fences > maxFences {
		return err
	}
	p.run.survive(err)
	return nil
}
