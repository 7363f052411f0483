package archive

import (
	"context"
	"errors"
	"fmt"
	"maps"
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

// commitAgain is how long after a refused commit the next one comes, if none
// comes by itself.
const commitAgain = time.Second

// maxFolders is how many folders are remembered as told.
const maxFolders = 4096

// errEnded is why nothing goes on after runtime.Goexit in a function of the
// caller's.
var errEnded = errors.New("archive: a function of the caller's ended its goroutine")

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

	parts      map[place]*partition
	generation int32        // of the group, as of the last poll
	again      time.Time    // when to commit again what was refused; zero: nothing was
	open       atomic.Int64 // files

	mu      sync.Mutex // calls of OnFolder and Observer
	folders map[string]bool
}

func newRun(ctx context.Context, a *Archive, cl *kgo.Client) (*run, error) {
	r := &run{Archive: a.defaults(), ctx: ctx, cl: cl, parts: make(map[place]*partition), folders: make(map[string]bool)}
	r.fs = &guard{fs: a.FS}
	var err error
	r.source, err = kafkaio.NewSource(cl, kafkaio.SourceOptions{
		MaxRecords: a.MaxRecords, OnDataLoss: a.OnDataLoss, OwnOffsets: true, Survived: r.survive,
	})
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

// late reports whether the drain timeout has passed. Then Run may have
// returned, and the client is no longer for who still works to touch.
func (r *run) late() bool { return r.fs.closed.Load() != nil }

// leave sets the client to what has landed, and lets rebalances go on.
func (r *run) leave() {
	for _, p := range r.parts {
		p.discard()
	}
	r.seek()
	r.source.Keep()
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
	err := r.take(in)
	if err == nil {
		err = r.rollDue()
	}
	if err == nil {
		err = r.commit()
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

// vouch asks the group about partitions that another owner has claimed: if it
// still counts us in, they are ours and the other has lost them, or will hear
// of it. If it does not, the client will, and until then nothing is claimed:
// it would throw away what the rightful owner has open.
func (r *run) vouch(in []kafkaio.Stretch) error {
	fenced := make(map[string]map[int32]kgo.EpochOffset)
	for i := range in {
		at := place{in[i].Topic, in[i].Partition}
		if p := r.parts[at]; p.doubt {
			set(fenced, at, p.settled)
		}
	}
	if len(fenced) == 0 {
		return nil
	}
	err := r.source.CommitAt(r.work, fenced) // which a member alone may do
	if errors.Is(err, kafkaio.ErrNotCommitted) {
		r.survive(err)
		return nil
	}
	for topic, partitions := range fenced {
		for number := range partitions {
			r.parts[place{topic, number}].doubt = err != nil
		}
	}
	return err
}

// assigned throws away what is open of partitions that the group has given to
// others. Not to land it is no loss, and keeps nobody waiting.
func (r *run) assigned() {
	_, generation := r.cl.GroupMetadata()
	if generation == r.generation {
		return
	}
	r.generation = generation
	ours := r.cl.CommittedOffsets() // has all partitions that are assigned
	for at, p := range r.parts {
		p.fences = 0
		if _, ok := ours[at.topic][at.partition]; ok {
			continue
		}
		if !p.since.IsZero() {
			r.survive(&PartitionError{at.topic, at.partition, ErrRevoked})
		}
		p.discard()
		delete(r.parts, at)
	}
}

// seek sets the client to where partitions want to read.
func (r *run) seek() {
	to := make(map[string]map[int32]kgo.EpochOffset)
	for at, p := range r.parts {
		if p.seek {
			p.seek = false
			set(to, at, kgo.EpochOffset{Epoch: p.leader, Offset: p.next})
		}
	}
	r.cl.SetOffsets(to)
}

func set(m map[string]map[int32]kgo.EpochOffset, at place, to kgo.EpochOffset) {
	if m[at.topic] == nil {
		m[at.topic] = make(map[int32]kgo.EpochOffset)
	}
	m[at.topic][at.partition] = to
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

// commit tells the group what has landed. It is for those who look at lag, and
// for where to begin reading: what has landed is known without, and a refusal
// costs nothing.
func (r *run) commit() error {
	r.again = time.Time{}
	landed := make(map[string]map[int32]kgo.EpochOffset)
	for at, p := range r.parts {
		if p.owned && p.told < p.settled.Offset {
			set(landed, at, p.settled)
		}
	}
	if len(landed) == 0 {
		return nil
	}
	err := r.source.CommitAt(r.work, landed)
	if errors.Is(err, kafkaio.ErrNotCommitted) {
		r.again = time.Now().Add(commitAgain)
		r.survive(err)
		return nil
	}
	if err != nil {
		return err
	}
	for topic, partitions := range landed {
		for number, to := range partitions {
			r.parts[place{topic, number}].told = to.Offset
		}
	}
	return nil
}

// end lands what is open, unless the FS has failed, and sets the client to what
// has landed.
func (r *run) end(why error) error {
	if _, failed := errors.AsType[*FSError](why); !failed && !r.late() {
		open := slices.Collect(maps.Values(r.parts))
		if err := each(r.Workers, open, func(p **partition) error { return (*p).roll(ByStop) }); why == nil {
			why = err
		}
	}
	for _, p := range r.parts {
		p.discard()
	}
	if r.late() {
		return why
	}
	if err := r.commit(); why == nil {
		why = err
	}
	r.seek()
	r.source.Keep() // or nothing, if nothing is polled
	return why
}

// landed tells OnFolder of a folder that files are in.
func (r *run) landed(folder string) error {
	if r.OnFolder == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.folders[folder] {
		return nil
	}
	if err := protect(func() error { return r.OnFolder(r.work, folder) }); err != nil {
		return fmt.Errorf("archive: OnFolder: %w", err)
	}
	if len(r.folders) >= maxFolders {
		clear(r.folders)
	}
	r.folders[folder] = true
	return nil
}

func (r *run) rolled(roll *Roll) {
	if r.Observer == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Observer.Rolled(roll)
}

func (r *run) survive(err error) {
	if r.Observer == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Observer.Survived(err)
}

// each does something with all items, at most so many at a time, until it fails
// with one. It returns the first error, when nothing is being done any more.
func each[T any](workers int, items []T, do func(*T) error) error {
	var (
		next  atomic.Int64
		once  sync.Once
		first error
		busy  sync.WaitGroup
	)
	work := func() {
		for {
			i := int(next.Add(1)) - 1
			if i >= len(items) {
				return
			}
			if err := do(&items[i]); err != nil {
				once.Do(func() { first = err })
				next.Add(int64(len(items)))
				return
			}
		}
	}
	for range min(workers, len(items)) - 1 {
		busy.Go(work)
	}
	work()
	busy.Wait()
	return first
}
