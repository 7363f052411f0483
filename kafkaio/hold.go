package kafkaio

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Keep ends the batch without committing it, for a caller who lands many
// batches at once: it polls on, and commits what it has landed with CommitAt.
// Where it has landed something else than what was polled, it sets the client
// back with kgo.Client.SetOffsets before Keep.
func (s *Source) Keep() { s.end() }

// CommitAt commits offsets, whatever was polled: of each topic and partition
// the one to read next. Its errors are those of Commit, but nothing is rewound.
func (s *Source) CommitAt(ctx context.Context, offsets map[string]map[int32]kgo.EpochOffset) error {
	refusal, err := s.commitAt(ctx, offsets)
	if err != nil {
		return err
	}
	if refusal != nil {
		return fmt.Errorf("%w: %w", ErrNotCommitted, refusal)
	}
	return nil
}
