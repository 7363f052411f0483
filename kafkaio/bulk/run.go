package bulk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// A run is the state of one call of Run. Its own goroutine uses it; workers use
// what is atomic, nodes, events, and what is theirs of records and refused.
type run struct {
	Indexer
	*drain
	source *kafkaio.Source
	sink   *kafkaio.Sink // nil without dead letters
	nodes  *nodes
	client *http.Client
	idle   func() // ends the client's connections

	workers []*worker
	events  chan error   // what workers survived
	limit   atomic.Int64 // bytes of a request, as the nodes take them

	// The batch.
	records []*kgo.Record
	refused []error // why, of the record at the same index; nil if it was landed
	share   int     // records in a portion
	next    atomic.Int64
	report  Settlement
}

func newRun(ctx context.Context, ix *Indexer, cl *kgo.Client) (*run, error) {
	r := &run{Indexer: ix.defaults(), events: make(chan error)}
	var err error
	r.source, err = kafkaio.NewSource(cl, kafkaio.SourceOptions{
		MaxRecords: r.MaxRecords, OnDataLoss: r.OnDataLoss, Survived: r.tell,
	})
	if err != nil {
		return nil, err
	}
	if err := ix.suits(cl); err != nil {
		return nil, err
	}
	if r.DeadLetter != "" {
		if r.sink, err = kafkaio.NewSink(cl); err != nil {
			return nil, err
		}
	}
	r.limit.Store(int64(r.Limits.Bytes))
	r.nodes = newNodes(&r.Target)
	r.client, r.idle = r.Target.client(r.Limits.InFlight)
	for range r.Limits.InFlight {
		w, err := newWorker(r)
		if err != nil {
			return nil, err
		}
		r.workers = append(r.workers, w)
	}
	r.drain = newDrain(ctx, r.DrainTimeout)
	return r, nil
}

func (r *run) end() {
	r.drain.close()
	r.idle()
}

// cycle takes one batch from poll to commit.
func (r *run) cycle() (done bool, err error) {
	start := time.Now()
	in, err := r.source.Poll(r.ctx)
	if err != nil || len(in) == 0 {
		return true, err
	}
	r.report = Settlement{Poll: time.Since(start), Partitions: r.report.Partitions[:0]}
	r.begin(in)
	if err := r.settle(); err != nil {
		r.source.Rewind()
		return true, r.late(err)
	}
	start = time.Now()
	err = r.source.Commit(r.work) // which rewinds if it fails for good
	r.report.Commit = time.Since(start)
	refusal := errors.Is(err, kafkaio.ErrNotCommitted)
	if err != nil && (!refusal || r.late(nil) != nil) {
		return true, r.late(err)
	}
	r.report.Committed, r.report.CommitErr = err == nil, err
	if r.Observer != nil {
		r.Observer.Settled(&r.report)
	}
	return r.ctx.Err() != nil, nil
}

// begin makes in the batch.
func (r *run) begin(in []kafkaio.Stretch) {
	clear(r.records)
	r.records = r.records[:0]
	bytes := int64(0)
	for i := range in {
		s := &in[i]
		r.records = append(r.records, s.Records...)
		for _, rec := range s.Records {
			bytes += int64(len(rec.Value))
		}
		r.report.Partitions = append(r.report.Partitions, s.Progress())
	}
	n := len(r.records)
	r.report.Read, r.report.BytesIn = n, bytes
	if cap(r.refused) < n {
		r.refused = make([]error, n)
	}
	r.refused = r.refused[:n]
	clear(r.refused)
	r.share = r.divide(n, bytes)
	r.next.Store(0)
}

// smallRequest is how many bytes make a request of their own worth while.
const smallRequest = 1 << 20

// divide returns how many records make a portion: for as many requests as the
// limits ask for, alike, and one for each worker if there is enough.
func (r *run) divide(n int, bytes int64) int {
	const action = 100 // bytes of an action's line, about
	bytes += int64(n) * action
	requests := max(
		(bytes+int64(r.Limits.Bytes)-1)/int64(r.Limits.Bytes),
		int64((n+r.Limits.Items-1)/r.Limits.Items),
		min(bytes/smallRequest, int64(r.Limits.InFlight)),
	)
	return (n + int(requests) - 1) / int(requests)
}

// portion gives a worker records that it alone settles; none if from is to.
func (r *run) portion() (from, to int) {
	n := len(r.records)
	from = min((int(r.next.Add(1))-1)*r.share, n)
	return from, min(from+r.share, n)
}

// settle lands the batch, and does with the rest what OnError says.
func (r *run) settle() error {
	start := time.Now()
	defer func() { r.report.Land = time.Since(start) }()
	if err := r.land(); err != nil {
		return err
	}
	if err := r.judge(); err != nil {
		return err
	}
	if r.report.DeadLettered == 0 {
		return nil
	}
	return r.sink.Flush(r.work)
}

// land has the workers land the batch, and tells meanwhile what they survive.
func (r *run) land() error {
	ctx, cancel := context.WithCancelCause(r.work)
	defer cancel(nil)
	var busy sync.WaitGroup
	for _, w := range r.workers {
		busy.Go(func() {
			if err := w.work(ctx); err != nil {
				cancel(err)
			}
		})
	}
	done := make(chan struct{})
	go func() {
		busy.Wait()
		close(done)
	}()
	for {
		select {
		case err := <-r.events:
			r.tell(err)
			continue
		case <-done:
		}
		break
	}
	for _, w := range r.workers {
		r.report.add(&w.tally)
		w.tally = tally{}
	}
	return context.Cause(ctx)
}

func (s *Settlement) add(t *tally) {
	s.Indexed += t.indexed
	s.FailureStore += t.kept
	s.Duplicates += t.duplicates
	s.Requests += t.requests
	s.Retried += t.retried
	s.BytesOut += t.bytesOut
	s.Slowest = max(s.Slowest, t.slowest)
}

// shrink has requests be smaller than one of so many bytes.
func (r *run) shrink(bytes int) {
	for {
		limit := r.limit.Load()
		less := max(int64(bytes/2), minBytes)
		if less >= limit || r.limit.CompareAndSwap(limit, less) {
			return
		}
	}
}

// grow has requests be larger after one as large as may be was taken: whoever
// refused larger ones may be gone. It takes a hundred of them to double, so that
// one in a hundred is refused where the limit is what the nodes take.
func (r *run) grow() {
	if limit, most := r.limit.Load(), int64(r.Limits.Bytes); limit < most {
		r.limit.CompareAndSwap(limit, min(limit+limit/128+1, most))
	}
}

// survive is told by workers of an error that Run goes on after.
func (r *run) survive(err error) { r.events <- err }

func (r *run) tell(err error) {
	if r.Observer != nil {
		r.Observer.Survived(err)
	}
}

// judge does with the records that could not be landed what OnError says.
func (r *run) judge() error {
	for i, why := range r.refused {
		if why == nil {
			continue
		}
		rec := r.records[i]
		action, why := r.action(rec, why)
		if action == kafkaio.DeadLetter && r.sink == nil {
			action, why = kafkaio.Stop, fmt.Errorf("no Indexer.DeadLetter to send it to: %w", why)
		}
		switch action {
		case kafkaio.Skip:
			r.report.Skipped++
		case kafkaio.DeadLetter:
			r.sink.Batch().DeadLetter(r.DeadLetter, rec, why)
			r.report.DeadLettered++
		default:
			return &kafkaio.RecordError{Topic: rec.Topic, Partition: rec.Partition, Offset: rec.Offset, Err: why}
		}
	}
	return nil
}

// action says what becomes of a record, and why.
func (r *run) action(rec *kgo.Record, why error) (_ kafkaio.Action, because error) {
	if r.OnError != nil {
		defer func() {
			if v := recover(); v != nil {
				because = &kafkaio.PanicError{Value: v, Stack: debug.Stack()} // and Stop
			}
		}()
		return r.OnError(rec, why), why
	}
	_, panicked := errors.AsType[*kafkaio.PanicError](why)
	common := panicked || errors.Is(why, ErrForbidden) || errors.Is(why, ErrIndexMissing)
	if r.sink == nil || common {
		return kafkaio.Stop, why
	}
	return kafkaio.DeadLetter, why
}
