package kafkaio

import (
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// produce sends what the workers hold and waits until every promise is kept:
// until then the memory is the client's.
func (r *run) produce() error {
	n := 0
	for _, w := range r.crew.workers {
		n += w.out.n
	}
	if n == 0 {
		return nil
	}
	r.pending.Store(int64(n))
	for _, w := range r.crew.workers {
		for rec := range w.out.All() {
			r.cl.Produce(r.work, rec, r.promise)
			if r.failure.Load() != nil {
				break
			}
		}
	}
	err := r.cl.Flush(r.work)
	if err == nil && r.failure.Load() == nil {
		// Flush does not wait for records that failed before they were
		// buffered: their promises may still be to come.
		select {
		case <-r.allKept:
		case <-r.work.Done():
		}
	}
	if late := r.drained(); late != nil {
		return late
	}
	if failure := r.failure.Load(); failure != nil {
		return failure
	}
	if err != nil {
		return fmt.Errorf("kafkaio: produce: %w", err)
	}
	return nil
}

// kept is every record's promise. The client calls it from one goroutine.
func (r *run) kept(rec *kgo.Record, err error) {
	if err != nil {
		r.failure.CompareAndSwap(nil, &ProduceError{Topic: rec.Topic, Partition: rec.Partition, Err: err})
	}
	if r.pending.Add(-1) == 0 {
		r.allKept <- struct{}{}
	}
}

// commit commits all that was polled. A refusal after which the batch, or its
// offsets, come again is reported and no error.
func (r *run) commit() error {
	var refusal error
	r.cl.CommitOffsetsSync(r.work, r.cl.UncommittedOffsets(),
		func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, resp *kmsg.OffsetCommitResponse, err error) {
			refusal = worst(resp, err)
		})
	if late := r.drained(); refusal != nil && late != nil {
		return late
	}
	if refusal != nil && !passing(refusal) {
		return fmt.Errorf("kafkaio: commit: %w", refusal)
	}
	r.report.Committed = refusal == nil
	r.report.CommitErr = refusal
	return nil
}

// worst returns the error of a commit, of all its partitions the one that
// cannot be survived if there is one.
func worst(resp *kmsg.OffsetCommitResponse, err error) error {
	if err != nil {
		return err
	}
	for i := range resp.Topics {
		for _, p := range resp.Topics[i].Partitions {
			e := kerr.ErrorForCode(p.ErrorCode)
			if e != nil && (err == nil || !passing(e)) {
				err = e
			}
		}
	}
	return err
}

// passing reports whether Run goes on after a commit was refused with err:
// because the group is being rebalanced and somebody has the batch again, or
// because the coordinator was away and the next commit takes these offsets too.
func passing(err error) bool {
	k, ok := errors.AsType[*kerr.Error](err)
	if !ok {
		return !errors.Is(err, kgo.ErrClientClosed) // the way to the broker
	}
	switch k {
	case kerr.RebalanceInProgress, kerr.UnknownMemberID, kerr.IllegalGeneration, kerr.StaleMemberEpoch:
		return true
	}
	return k.Retriable
}
