package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// grace is how long Run waits, when the drain timeout has passed, for its work
// to notice.
const grace = time.Second

type place struct {
	topic     string
	partition int32
}

// A run is the state of one call of Run. Between batches one goroutine uses it;
// workers use what is atomic or behind mu, and a partition each.
type run struct {
	Archive
	ctx    context.Context // the caller's: when it is done, no more is polled
	work   context.Context // outlives ctx by DrainTimeout
	cancel context.CancelCauseFunc
	cl     *kgo.Client
	source *kafkaio.Source
	fs     *guard
	ext    string // the Format's, which might panic later

	parts      map[place]*partition
	generation int32        // of the group, as of the last poll
	again      time.Time    // when to commit again what was refused; zero: nothing was
	open       atomic.Int64 // files

	mu      sync.Mutex // calls of OnFolder and Observer
	folders map[string]bool
	why     error // Run must end
}

func newRun(ctx context.Context, a *Archive, cl *kgo.Client) (*run, error) {
	r := &run{Archive: a.defaults(), ctx: ctx, cl: cl, parts: make(map[place]*partition), folders: make(map[string]bool)}
	r.fs, r.ext = &guard{fs: a.FS}, r.Format.Ext()
	var err error
	r.source, err = kafkaio.NewSource(cl, kafkaio.SourceOptions{
		MaxRecords: a.MaxRecords, OnDataLoss: a.OnDataLoss, OwnOffsets: true, Survived: r.passed,
	})
	if err == nil && a.DeadLetter != "" {
		if slices.Contains(cl.GetConsumeTopics(), a.DeadLetter) {
			err = errors.New("archive: Archive.DeadLetter is a topic that the client reads")
		} else {
			_, err = kafkaio.NewSink(cl)
		}
	}
	r.work, r.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	return r, err
}

// run has the work done by a goroutine, which a call of the FS may hold for
// ever, and waits for it as long as may be.
func (r *run) run() error {
	defer r.cancel(nil)
	done := make(chan error, 1)
	go func() {
		err := errEnded
		defer func() { done <- err }()
		err = r.loop()
	}()
	select {
	case err := <-done:
		return err
	case <-r.ctx.Done():
	}
	limit := time.NewTimer(r.DrainTimeout)
	defer limit.Stop()
	select {
	case err := <-done:
		return err
	case <-limit.C:
	}
	late := fmt.Errorf("%w (%v)", kafkaio.ErrDrainTimeout, r.DrainTimeout)
	r.fs.close(late)
	r.cancel(late)
	select {
	case err := <-done:
		r.leave()
		return err
	case <-time.After(grace):
		return late
	}
}

func (r *run) loop() error {
	for r.ctx.Err() == nil {
		in, err := r.poll()
		if err == nil {
			err = r.batch(in)
		}
		if err != nil {
			return r.end(err)
		}
	}
	return r.end(nil)
}

// poll waits for records until something is due.
func (r *run) poll() ([]kafkaio.Stretch, error) {
	ctx, cancel := r.ctx, context.CancelFunc(func() {})
	if due := r.due(); !due.IsZero() {
		ctx, cancel = context.WithDeadline(ctx, due)
	}
	defer cancel()
	return r.source.Poll(ctx)
}

// due returns when the first partition is due, or a commit; zero if nothing
// ever is.
func (r *run) due() (first time.Time) {
	first = r.again
	for _, p := range r.parts {
		if due := p.due(); !due.IsZero() && (first.IsZero() || due.Before(first)) {
			first = due
		}
	}
	return first
}

// batch writes what was polled, and lands what is due.
func (r *run) batch(in []kafkaio.Stretch) error {
	err := r.trouble()
	if err == nil {
		err = r.take(in)
	}
	if err == nil {
		err = r.rollDue()
	}
	if err == nil {
		err = r.commit()
	}
	if err == nil {
		err = r.trouble()
	}
	if len(in) == 0 || err != nil { // then end gives it back, all at once
		return err
	}
	r.source.Keep()
	return nil
}

func (r *run) take(in []kafkaio.Stretch) error {
	if len(in) == 0 {
		return nil
	}
	r.assigned()
	for i := range in {
		at := place{in[i].Topic, in[i].Partition}
		if r.parts[at] == nil {
			r.parts[at] = newPartition(r, at.topic, at.partition)
		}
		r.parts[at].begin(&in[i])
	}
	if err := r.vouch(in); err != nil {
		return err
	}
	err := each(r.Workers, in, func(s *kafkaio.Stretch) error {
		return r.parts[place{s.Topic, s.Partition}].take(s)
	})
	if err == nil && !r.late() {
		r.seek()
	}
	return err
}

// rollDue lands what is old enough, and the partition that has most files open
// if they are too many: the others would land again and again for want of one.
func (r *run) rollDue() error {
	var due []*partition
	var most *partition
	now := time.Now()
	for _, p := range r.parts {
		if at := p.due(); !at.IsZero() && !at.After(now) {
			due = append(due, p)
		} else if most == nil || len(p.files) > len(most.files) {
			most = p
		}
	}
	err := each(r.Workers, due, func(p **partition) error { return (*p).roll(ByAge) })
	if err == nil && most != nil && r.open.Load() >= int64(r.MaxFiles) && len(most.files) > 1 {
		err = most.roll(ByFiles)
	}
	if err == nil && !r.late() {
		r.seek()
	}
	return err
}
