package main

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"
)

const wantSamples = 3

// A readback is an independent consumer of the output: it belongs to no group, and
// reads what comes after it was made.
type readback struct {
	cluster *cluster
	topic   string
	next    map[int32]int64                 // what to read next
	records map[int32]int64                 // where the last record ends: markers of transactions may follow
	target  atomic.Pointer[map[int32]int64] // where to end, once that is known
	done    chan struct{}
	count   atomic.Int64
	samples [][]byte
}

func newReadback(ctx context.Context, cluster *cluster, topic string) (*readback, error) {
	next, err := cluster.ends(ctx, topic)
	return &readback{cluster: cluster, topic: topic, next: next, records: map[int32]int64{}, done: make(chan struct{})}, err
}

// wait waits until run has read up to these offsets, and returns where the records end.
func (r *readback) wait(ctx context.Context, ends map[int32]int64) (map[int32]int64, error) {
	r.target.Store(&ends)
	select {
	case <-r.done:
		return r.records, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (r *readback) run(ctx context.Context) error {
	from := map[int32]kgo.Offset{}
	for p, offset := range r.next {
		from[p] = kgo.NewOffset().At(offset)
	}
	cl, err := r.cluster.client(
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{r.topic: from}),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords()) // markers of transactions: they take offsets too
	if err != nil {
		return err
	}
	defer cl.Close()
	for !r.there() {
		poll, cancel := context.WithTimeout(ctx, 2*pollEvery)
		fetches := cl.PollFetches(poll)
		cancel()
		if ctx.Err() != nil {
			return nil
		}
		for _, e := range fetches.Errors() {
			if !errors.Is(e.Err, context.DeadlineExceeded) {
				return e.Err
			}
		}
		fetches.EachRecord(func(rec *kgo.Record) {
			r.next[rec.Partition] = rec.Offset + 1
			if rec.Attrs.IsControl() {
				return
			}
			r.records[rec.Partition] = rec.Offset + 1
			if len(r.samples) < wantSamples {
				r.samples = append(r.samples, rec.Value)
			}
			r.count.Add(1)
		})
	}
	close(r.done)
	return nil
}

// there reports whether all that the job wrote has been read.
func (r *readback) there() bool {
	target := r.target.Load()
	if target == nil {
		return false
	}
	for p, end := range *target {
		if r.next[p] < end {
			return false
		}
	}
	return true
}
