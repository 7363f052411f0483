package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A run is the state of one call of Run. Its own goroutine uses it, except
// for what the workers and the client's promises are given.
type run struct {
	*Pipeline
	cl    *kgo.Client
	ctx   context.Context // the caller's: when it is done, no more is polled
	work  context.Context // outlives ctx by DrainTimeout: everything else
	close func()

	crew   *crew
	polled polled
	next   map[place]int64 // offset after the last record polled
	report Settlement

	promise func(*kgo.Record, error) // the one of every record
	pending atomic.Int64             // promises not yet kept
	allKept chan struct{}            // told when the last one is
	failure atomic.Pointer[ProduceError]
}

func newRun(ctx context.Context, p *Pipeline, cl *kgo.Client) *run {
	work, release := drainContext(ctx, p.drainTimeout())
	r := &run{Pipeline: p, cl: cl, ctx: ctx, work: work, next: make(map[place]int64), allKept: make(chan struct{}, 1)}
	r.promise = r.kept
	r.polled.init()
	r.crew = newCrew(r, p.workers())
	r.close = func() {
		release()
		r.crew.close()
	}
	return r
}

// cycle takes one batch from poll to commit. Rebalances wait meanwhile: they
// are allowed again at its end, however it ends.
func (r *run) cycle() (done bool, err error) {
	defer r.cl.AllowRebalance()
	r.report = Settlement{Partitions: r.report.Partitions[:0]}
	if err = r.poll(); err == nil && len(r.polled.tasks) > 0 {
		err = r.settle()
	}
	if err != nil {
		r.rewind()
		return true, err
	}
	r.polled.recycle()
	return r.ctx.Err() != nil, nil
}

// settle handles, produces and commits what was polled.
func (r *run) settle() error {
	start := time.Now()
	if err := r.handle(); err != nil {
		return err
	}
	handled := time.Now()
	if err := r.produce(); err != nil {
		return err
	}
	produced := time.Now()
	if err := r.commit(); err != nil {
		return err
	}
	r.crew.reset()
	if r.Observer != nil {
		r.report.Handle = handled.Sub(start)
		r.report.Produce = produced.Sub(handled)
		r.report.Commit = time.Since(produced)
		r.report.Partitions = r.polled.progress(r.report.Partitions)
		r.Observer.Settled(&r.report)
	}
	return nil
}

// rewind sets the client back to the start of what was polled. The client
// believes all of it read: without this, the next commit would pass over it.
func (r *run) rewind() {
	back := make(map[string]map[int32]kgo.EpochOffset)
	for i := range r.polled.tasks {
		t := &r.polled.tasks[i]
		if back[t.topic] == nil {
			back[t.topic] = make(map[int32]kgo.EpochOffset)
		}
		first := t.records[0]
		back[t.topic][t.partition] = kgo.EpochOffset{Epoch: first.LeaderEpoch, Offset: first.Offset}
	}
	r.cl.SetOffsets(back)
}

// survive tells the observer of an error that Run goes on after.
func (r *run) survive(err error) {
	if r.Observer != nil {
		r.Observer.Survived(err)
	}
}

// drained returns ErrDrainTimeout if that is what ended the work, or nil.
func (r *run) drained() error {
	if cause := context.Cause(r.work); errors.Is(cause, ErrDrainTimeout) {
		return fmt.Errorf("%w (%v)", ErrDrainTimeout, r.drainTimeout())
	}
	return nil
}

// drainContext returns a context with ctx's values that is done at limit after
// ctx is, and a function that ends it and all that belongs to it.
func drainContext(ctx context.Context, limit time.Duration) (context.Context, func()) {
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
	return work, func() {
		cancel(nil)
		if !stop() {
			<-ended
		}
	}
}
