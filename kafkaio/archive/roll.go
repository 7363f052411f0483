package archive

import (
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// due returns when what is open is to land; zero if nothing is.
func (p *partition) due() time.Time {
	if p.since.IsZero() {
		return time.Time{}
	}
	return p.since.Add(p.run.Roll.Age)
}

// roll lands what is open.
func (p *partition) roll(why Reason) error {
	if p.since.IsZero() && len(p.files) == 0 {
		return nil
	}
	if err := p.bury(); err != nil {
		return err
	}
	start := time.Now()
	roll := Roll{
		Topic: p.topic, Partition: p.number, Reason: why,
		Records: p.taken, Skipped: p.skipped, DeadLettered: p.buried,
		Next: p.next, HighWatermark: p.high,
	}
	moves, err := p.finish(&roll)
	if err != nil {
		p.discard()
		return p.failed(err)
	}
	err = p.ledger.commit(p.next, p.leader, moves)
	p.forget()
	if err != nil {
		return p.fenced(err)
	}
	p.fences = 0
	p.settle()
	roll.Took = time.Since(start)
	p.run.rolled(&roll)
	return nil
}

// finish closes all files and returns where they go.
func (p *partition) finish(roll *Roll) (moves []move, err error) {
	for _, folder := range slices.Sorted(maps.Keys(p.files)) {
		f := p.files[folder]
		if f.records == 0 { // its only record was rejected
			f.discard()
			if err := p.ledger.remove(f.temp); err != nil {
				return nil, err
			}
			continue
		}
		if err := f.finish(); err != nil {
			return nil, err
		}
		landed := Landed{
			Folder:  folder,
			Name:    Name{p.topic, p.number, f.first, f.last, p.run.ext},
			Records: f.records,
			Bytes:   f.out.size,
		}
		moves = append(moves, move{f.temp, landed.Path()})
		roll.Files = append(roll.Files, landed)
		roll.BytesIn += f.bytesIn
		roll.Bytes += f.out.size
	}
	return moves, nil
}

func (p *partition) settle() {
	p.settled = kgo.EpochOffset{Epoch: p.ledger.head.LeaderEpoch, Offset: p.ledger.head.Next}
	maps.DeleteFunc(p.spoilers, func(at int64, _ error) bool { return at < p.settled.Offset })
}

// discard throws away what is open: it has not landed and will be read again.
func (p *partition) discard() {
	for _, f := range p.files {
		f.discard()
		_ = p.ledger.remove(f.temp) // if not, the next owner does
	}
	if p.unsent > 0 {
		p.dead = nil
	}
	p.forget()
	p.back()
}

// back has the partition read again what is not settled.
func (p *partition) back() {
	p.next, p.leader = p.settled.Offset, p.settled.Epoch
	p.seek = p.next >= 0
}

// forget has nothing open any more. Files that may be an entry's stay.
func (p *partition) forget() {
	p.run.open.Add(-int64(len(p.files)))
	clear(p.files)
	p.last, p.since = nil, time.Time{}
	p.taken, p.skipped, p.unsent, p.buried = 0, 0, 0, 0
}
