package archive

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// nowhere is a generation that no group has.
const nowhere = -2

// fit returns the records from next on, and whether the stretch goes on there.
// What has landed, and not what the group or the client believe, says where to
// read: with a stretch from elsewhere the client is set to it, and nothing
// taken.
func (p *partition) fit(s *kafkaio.Stretch) (records []*kgo.Record, ok bool, err error) {
	if id := p.ledger.head.TopicID; id != s.TopicID && id != noID && s.TopicID != noID {
		return nil, false, p.refuse(s.First, ErrRecreated)
	}
	end := s.HighWatermark
	unknown := p.known != p.run.generation
	if unknown {
		cut, err := p.endOfEpoch()
		if err != nil { // it is asked again with what comes next
			p.run.survive(err)
			p.seek = true
			return nil, false, nil
		}
		if cut >= s.LogStart { // and not of what retention took
			end = cut // the watermark may be older than what another owner has landed
		}
	}
	if err := p.checkLoss(s, end); err != nil || p.seek {
		return nil, false, err
	}
	// A gap is what compaction and transactions leave, when the client is known
	// to have read on from next; if not, it may have been set elsewhere.
	p.known = p.run.generation
	if s.Next <= p.next || s.First != p.next && unknown {
		p.seek = true
		return nil, false, nil
	}
	records = s.Records
	for len(records) > 0 && records[0].Offset < p.next {
		records = records[1:]
	}
	return records, true, nil
}

// checkLoss looks for records that retention took before they were read, and
// for a log that has lost its end and is the one that was read up to end only.
// What the group has committed says nothing about that.
func (p *partition) checkLoss(s *kafkaio.Stretch, end int64) error {
	taken := s.LogStart > p.next && s.First > p.next
	if !taken && end >= p.next {
		return nil
	}
	lost := &kgo.ErrDataLoss{
		Topic: p.topic, Partition: p.number,
		ConsumedTo: p.next, ConsumedToEpoch: p.leader,
		ResetTo: s.LogStart, ResetToEpoch: -1,
	}
	if !taken {
		lost.ResetTo = end
		if lost.ResetTo < p.settled.Offset {
			return p.refuse(s.First, ErrBehind)
		}
	}
	if p.run.OnDataLoss != kafkaio.Skip {
		return fmt.Errorf("archive: %w", lost)
	}
	p.run.survive(lost)
	if taken {
		p.next, p.leader = s.LogStart, -1
		return nil
	}
	return p.truncated(lost)
}

// truncated is what follows when the log has lost its end, and the caller wants
// to go on with what is left. What is open may be of records that are no more
// and have others at their offsets: it is read again. What has landed stays, and
// if it is of such records, those others cannot land.
func (p *partition) truncated(lost *kgo.ErrDataLoss) error {
	if !p.owned || lost.ResetTo >= p.next {
		return nil
	}
	// When the client had read further, it is yet to ask from there on what
	// has landed.
	if lost.ResetTo < p.settled.Offset && lost.ConsumedTo <= p.settled.Offset {
		return p.refuse(lost.ResetTo, ErrBehind)
	}
	p.discard()
	p.known = nowhere
	return nil
}

// refuse gives up a partition whose log is not the one of which things have
// landed. The client is left at an offset that there is, and the group alone.
func (p *partition) refuse(at int64, why error) error {
	p.owned = false
	p.settled = kgo.EpochOffset{Epoch: -1, Offset: at}
	p.discard()
	return &PartitionError{p.topic, p.number, why}
}
