package archive

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// A rejection is why a record cannot be landed, when the record is to blame.
type rejection struct{ err error }

func (r *rejection) Error() string { return r.err.Error() }

// judge does with a rejected record what OnError says.
func (p *partition) judge(rec *kgo.Record, why error) error {
	action, why := p.run.action(rec, why)
	switch action {
	case kafkaio.Skip:
		p.skipped++
	case kafkaio.DeadLetter:
		if err := p.mourn(rec, why); err != nil {
			return err
		}
	default:
		return &kafkaio.RecordError{Topic: p.topic, Partition: p.number, Offset: rec.Offset, Err: why}
	}
	return nil
}

// action returns what is to become of rec, and why.
func (r *run) action(rec *kgo.Record, why error) (action kafkaio.Action, _ error) {
	if r.OnError == nil {
		if r.DeadLetter != "" {
			return kafkaio.DeadLetter, why
		}
		return kafkaio.Stop, why
	}
	if err := protect(func() error { action = r.OnError(rec, why); return nil }); err != nil {
		return kafkaio.Stop, err
	}
	if action == kafkaio.DeadLetter && r.DeadLetter == "" {
		return kafkaio.Stop, fmt.Errorf("no Archive.DeadLetter to send it to: %w", why)
	}
	return action, why
}

// mourn makes rec a dead letter, to be sent by bury.
func (p *partition) mourn(rec *kgo.Record, why error) (err error) {
	if p.dead == nil {
		if p.dead, err = kafkaio.NewSink(p.run.cl); err != nil {
			return err
		}
	}
	p.dead.Batch().DeadLetter(p.run.DeadLetter, rec, why)
	p.unsent++
	return nil
}

// bury sends the dead letters. They must be there before what came after them
// lands, and before the memory of what was polled is used again.
func (p *partition) bury() error {
	if p.unsent == 0 {
		return nil
	}
	if err := p.dead.Flush(p.run.work); err != nil {
		p.discard()
		return err
	}
	p.buried += p.unsent
	p.unsent = 0
	return nil
}

// panicked is what follows a panic: the record is rejected. If the encoder was
// at it, its file is spoiled, and what is open is read again, as far as the
// record and without showing it to an encoder.
func (p *partition) panicked(rec *kgo.Record, why error) error {
	if p.last != nil && p.last.broken {
		if p.spoilers == nil {
			p.spoilers = make(map[int64]error)
		}
		p.spoilers[rec.Offset] = why
		p.discard()
		return nil
	}
	if err := p.judge(rec, why); err != nil {
		return err
	}
	return p.pass(rec)
}
