package kafkaio

import (
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// checkLoss looks for records that retention deleted before they were read.
// The client goes on at the start of the log then and only logs a warning; for
// a pipeline that must lose nothing, it is data loss like any other.
func (r *run) checkLoss() error {
	var committed map[string]map[int32]kgo.EpochOffset
	for i := range r.polled.tasks {
		t := &r.polled.tasks[i]
		at := place{t.topic, t.partition}
		first := t.records[0].Offset
		expected, known := r.next[at]
		r.next[at] = t.records[len(t.records)-1].Offset + 1
		if known && expected == first || t.start <= 0 {
			continue
		}
		// A gap, or a partition that is new here. What was committed decides:
		// what this run remembers is old if others had the partition since.
		if committed == nil {
			committed = r.cl.CommittedOffsets()
		}
		was, ok := committed[t.topic][t.partition]
		if !ok || was == neverCommitted || was.Offset >= t.start {
			continue
		}
		err := r.dataLoss(&kgo.ErrDataLoss{
			Topic:           t.topic,
			Partition:       t.partition,
			ConsumedTo:      was.Offset,
			ConsumedToEpoch: was.Epoch,
			ResetTo:         first,
			ResetToEpoch:    t.records[0].LeaderEpoch,
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
func (r *run) dataLoss(err error) error {
	if r.OnDataLoss == Skip {
		r.survive(err)
		return nil
	}
	return fmt.Errorf("kafkaio: %w", err)
}
