package bulk

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
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
	var mu sync.Mutex
	var timer *time.Timer
	ended := false
	stop := context.AfterFunc(ctx, func() {
		mu.Lock()
		defer mu.Unlock()
		if !ended {
			timer = time.AfterFunc(limit, func() { cancel(kafkaio.ErrDrainTimeout) })
		}
	})
	return &drain{ctx: ctx, work: work, limit: limit, close: func() {
		stop()
		cancel(nil)
		mu.Lock()
		defer mu.Unlock()
		ended = true
		if timer != nil {
			timer.Stop()
		}
	}}
}

// late returns err, or that the drain took too long if that is why.
func (d *drain) late(err error) error {
	if errors.Is(context.Cause(d.work), kafkaio.ErrDrainTimeout) {
		return fmt.Errorf("%w (%v)", kafkaio.ErrDrainTimeout, d.limit)
	}
	return err
}
