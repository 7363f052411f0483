package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A drain is the two contexts of a run: one to stop at, one to finish with.
type drain struct {
	ctx   context.Context // the caller's: when it is done, no more is polled
	work  context.Context // outlives ctx by limit: everything else
	limit time.Duration
	close func()
}

func newDrain(ctx context.Context, limit time.Duration) *drain {
	work, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		timer := time.NewTimer(limit)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel(ErrDrainTimeout)
		case <-work.Done():
		}
	})
	return &drain{ctx: ctx, work: work, limit: limit, close: func() {
		cancel(nil)
		if !stop() {
			<-ended
		}
	}}
}

// late returns ErrDrainTimeout if that is what ended the work, or nil.
func (d *drain) late() error {
	if cause := context.Cause(d.work); errors.Is(cause, ErrDrainTimeout) {
		return fmt.Errorf("%w (%v)", ErrDrainTimeout, d.limit)
	}
	return nil
}
