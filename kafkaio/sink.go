package kafkaio

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// giveUp is how long records that are on their way may still take after
// another one has failed: with it everything else is settled as a rule, and a
// broker that is away must not keep a definite failure from being told.
const giveUp = 5 * time.Second

// A Sink is the producing half of a Pipeline, for a caller who has records
// from elsewhere than Kafka: emit into Batch, then Flush. One goroutine uses a
// Sink.
type Sink struct {
	cl    *kgo.Client
	batch *Batch
	d     *delivery
}

// NewSink returns a sink that produces with cl, or a *ClientError if cl could
// lose or reorder records. The client is the caller's. It needs no group, but
// one that has a Source may have a Sink too.
func NewSink(cl *kgo.Client) (*Sink, error) {
	if err := checkWriter(cl); err != nil {
		return nil, err
	}
	return newSink(cl), nil
}

func newSink(cl *kgo.Client) *Sink { return &Sink{cl: cl} }

// Batch returns what Flush will send. It is valid until then, and nobody else
// may use it.
func (s *Sink) Batch() *Batch {
	if s.batch == nil {
		s.batch = &Batch{}
	}
	return s.batch
}

// Flush sends what Batch holds and waits until Kafka has all of it; the batch
// is empty then. The error is a *ProduceError if the client gave a record up,
// or ctx's: of the others, some may have been produced and some not, and the
// batch is lost, so the caller starts again where it last flushed.
//
// While Flush waits, it waits for whatever else is produced with the client.
func (s *Sink) Flush(ctx context.Context) error {
	if s.batch == nil {
		return nil
	}
	err := s.send(ctx, s.batch)
	if err != nil {
		s.batch = nil // the client may still have its memory
		return err
	}
	s.batch.reset()
	return nil
}

// send produces what batches hold and waits until every promise is kept: until
// then the memory is the client's. After an error it may stay the client's.
func (s *Sink) send(ctx context.Context, batches ...*Batch) error {
	n := 0
	for _, b := range batches {
		n += b.n
	}
	if n == 0 {
		return nil
	}
	if s.d == nil {
		s.d = newDelivery()
	}
	err := s.d.send(ctx, s.cl, n, batches)
	if err != nil {
		s.d = nil // promises to come must not be counted for what is sent next
	}
	return err
}

// A delivery is what is sent together: its promises, and what ends it early.
type delivery struct {
	promise func(*kgo.Record, error) // the one of every record
	pending atomic.Int64             // promises not yet kept
	allKept chan struct{}            // told when the last one is
	failure atomic.Pointer[ProduceError]
	fail    func() // called once, for the first failure
}

func newDelivery() *delivery {
	d := &delivery{allKept: make(chan struct{}, 1)}
	d.promise = d.kept
	return d
}

// kept is every record's promise. The client calls it from one goroutine.
func (d *delivery) kept(rec *kgo.Record, err error) {
	if err != nil && d.failure.CompareAndSwap(nil, &ProduceError{Topic: rec.Topic, Partition: rec.Partition, Err: err}) {
		d.fail()
	}
	if d.pending.Add(-1) == 0 {
		d.allKept <- struct{}{}
	}
}

func (d *delivery) send(ctx context.Context, cl *kgo.Client, n int, batches []*Batch) error {
	// When a record fails, those that were never sent fail with it, by the
	// context they ride on, and those on their way are waited for a while.
	ride, cancel := context.WithCancel(ctx)
	defer cancel()
	patience, end := patience(ride, ctx)
	defer end()
	d.fail = cancel
	d.pending.Store(int64(n))
	for _, b := range batches {
		for rec := range b.All() {
			cl.Produce(ride, rec, d.promise)
			if d.failure.Load() != nil {
				break
			}
		}
	}
	err := cl.Flush(patience)
	if err == nil && d.failure.Load() == nil {
		// Flush does not wait for records that failed before they were
		// buffered: their promises may still be to come.
		select {
		case <-d.allKept:
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	if failure := d.failure.Load(); failure != nil {
		return failure
	}
	if err != nil {
		return fmt.Errorf("kafkaio: produce: %w", err)
	}
	return nil
}

// patience returns a context that is done when ctx is, or giveUp after ride
// is, and a function that ends it and what belongs to it.
func patience(ride, ctx context.Context) (context.Context, func()) {
	patience, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	stop := context.AfterFunc(ride, func() {
		defer close(ended)
		timer := time.NewTimer(giveUp)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-patience.Done():
		}
	})
	return patience, func() {
		cancel()
		if !stop() {
			<-ended
		}
	}
}
