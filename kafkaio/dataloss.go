package kafkaio

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// checkLoss looks for records that retention deleted before they were read.
// The client goes on at the start of the log then and only logs a warning; for
// a pipeline that must lose nothing, it is data loss like any other.
func (s *Source) checkLoss() error {
	var committed map[string]map[int32]kgo.EpochOffset
	for i := range s.polled.tasks {
		t := &s.polled.tasks[i]
		at := place{t.Topic, t.Partition}
		first := t.Records[0].Offset
		expected, known := s.polled.next[at]
		s.polled.next[at] = t.Next
		if known && expected == first || t.LogStart <= 0 {
			continue
		}
		// A gap, or a partition that is new here. What was committed decides:
		// what this run remembers is old if others had the partition since.
		if committed == nil {
			committed = s.cl.CommittedOffsets()
		}
		was, ok := committed[t.Topic][t.Partition]
		if !ok || was == neverCommitted || was.Offset >= t.LogStart {
			continue
		}
		err := s.dataLoss(&kgo.ErrDataLoss{
			Topic:           t.Topic,
			Partition:       t.Partition,
			ConsumedTo:      was.Offset,
			ConsumedToEpoch: was.Epoch,
			ResetTo:         first,
			ResetToEpoch:    t.Records[0].LeaderEpoch,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// neverCommitted is what the client has for a partition without a commit.
var neverCommitted = kgo.EpochOffset{Epoch: -1, Offset: 0}

// dataLoss returns err, or nil under OnDataLoss Skip.
func (s *Source) dataLoss(err error) error {
	if s.o.OnDataLoss == Skip {
		s.survive(err)
		return nil
	}
	return fmt.Errorf("kafkaio: %w", err)
}
