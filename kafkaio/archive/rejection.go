package archive

import (
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// A rejection is why a record cannot be landed, when the record is to blame.
type rejection struct{ err error }

func (r *rejection) Error() string { return r.err.Error() }

// judge does with a rejected record what OnError says.
func (p *partition) judge(rec *kgo.Record, err error) error {
	action := kafkaio.Stop
	if p.run.OnError != nil {
		if err := protect(func() error { action = p.run.OnError(rec, err); return nil }); err != nil {
			return p.blame(rec, err)
		}
	}
	if action == kafkaio.Skip {
		p.skipped++
		return nil
	}
	return p.blame(rec, err)
}

// panicked is what follows a panic: the record is rejected, unless its file is
// spoiled, for which nothing can be done.
func (p *partition) panicked(rec *kgo.Record, why error) error {
	if p.last != nil && p.last.broken {
		p.discard()
		return p.blame(rec, why)
	}
	if err := p.judge(rec, why); err != nil {
		return err
	}
	return p.pass(rec)
}

func (p *partition) blame(rec *kgo.Record, err error) error {
	return &kafkaio.RecordError{Topic: p.topic, Partition: p.number, Offset: rec.Offset, Err: err}
}
