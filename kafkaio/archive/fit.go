package archive

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// nowhere is a generation that no group has.
const nowhere = -2

// fit returns the records from next on. What has landed, and not what the group
// or the client believe, says where to read: with a stretch from elsewhere the
// client is set back, and nothing taken.
func (p *partition) fit(s *kafkaio.Stretch) ([]*kgo.Record, error) {
	if err := p.checkLoss(s); err != nil {
		return nil, err
	}
	records := s.Records
	if records[len(records)-1].Offset < p.next {
		if s.HighWatermark < p.next {
			return nil, &PartitionError{p.topic, p.number, ErrBehind}
		}
		p.seek = true
		return nil, nil
	}
	for records[0].Offset < p.next {
		records = records[1:]
	}
	// A gap is what compaction and transactions leave, when the client is
	// known to read on from next; if not, it may have been set elsewhere.
	if records[0].Offset > p.next && p.known != p.run.generation {
		p.known, p.seek = p.run.generation, true
		return nil, nil
	}
	p.known = p.run.generation
	return records, nil
}

// checkLoss looks for records that retention took before they were read. What
// the group has committed says nothing about that.
func (p *partition) checkLoss(s *kafkaio.Stretch) error {
	if s.LogStart <= p.next || s.Records[0].Offset <= p.next {
		return nil
	}
	err := &kgo.ErrDataLoss{
		Topic: p.topic, Partition: p.number,
		ConsumedTo: p.next, ConsumedToEpoch: p.leader,
		ResetTo: s.LogStart, ResetToEpoch: s.Records[0].LeaderEpoch,
	}
	if p.run.OnDataLoss != kafkaio.Skip {
		return fmt.Errorf("archive: %w", err)
	}
	p.run.survive(err)
	p.next = s.LogStart
	return nil
}
