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
	cfg     *config
	cluster *cluster
	next    map[int32]int64
	target  atomic.Pointer[map[int32]int64] // where to end, once that is known
	count   atomic.Int64
	samples [][]byte
}

func newReadback(ctx context.Context, cfg *config, cluster *cluster) (*readback, error) {
	next, err := cluster.ends(ctx, cfg.out)
	return &readback{cfg: cfg, cluster: cluster, next: next}, err
}

// until lets run end when it has read up to these offsets.
func (r *readback) until(ends map[int32]int64) { r.target.Store(&ends) }

func (r *readback) run(ctx context.Context) error {
	from := map[int32]kgo.Offset{}
	for p, offset := range r.next {
		from[p] = kgo.NewOffset().At(offset)
	}
	cl, err := r.cluster.client(
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{r.cfg.out: from}),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords()) // markers of transactions: they take offsets too
	if err != nil {
		return err
	}
	defer cl.Close()
	for !r.done() {
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
			if len(r.samples) < wantSamples {
				r.samples = append(r.samples, rec.Value)
			}
			r.count.Add(1)
		})
	}
	return nil
}

// done reports whether all that the job wrote has been read.
func (r *readback) done() bool {
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
