package kafkaio

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// commit commits all that was polled. A refusal is one after which the batch,
// or its offsets, come again.
func (s *Source) commit(ctx context.Context) (refusal, err error) {
	return s.commitAt(ctx, s.cl.UncommittedOffsets())
}

func (s *Source) commitAt(ctx context.Context, offsets map[string]map[int32]kgo.EpochOffset) (refusal, err error) {
	s.cl.CommitOffsetsSync(ctx, offsets,
		func(_ *kgo.Client, _ *kmsg.OffsetCommitRequest, resp *kmsg.OffsetCommitResponse, err error) {
			refusal = worst(resp, err)
		})
	if refusal != nil && !passing(refusal) {
		return nil, fmt.Errorf("kafkaio: commit: %w", refusal)
	}
	return refusal, nil
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
