package main

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// An agent ships lines to a topic, as one does beside each web server.
type agent struct {
	cfg     *config
	cluster *cluster
	shipped atomic.Int64 // acknowledged
	tooLong atomic.Int64 // lines over maxLine, which were left out

	// ends is behind the last record of each partition, once ship has returned.
	ends map[int32]int64
}

// ship sends lines up to cfg.n, if that is not 0, and waits until Kafka has them.
func (a *agent) ship(ctx context.Context, src *lines) error {
	cl, err := a.cluster.client(kgo.DefaultProduceTopic(a.cfg.in), kgo.ProducerLinger(5*time.Millisecond))
	if err != nil {
		return err
	}
	defer cl.Close()
	var failed atomic.Pointer[error]
	a.ends = map[int32]int64{}
	promise := func(r *kgo.Record, err error) { // called by one goroutine
		if err != nil {
			failed.CompareAndSwap(nil, &err)
			return
		}
		a.ends[r.Partition] = max(a.ends[r.Partition], r.Offset+1)
		a.shipped.Add(1)
	}
	start := time.Now()
	for sent := int64(0); (a.cfg.n == 0 || sent < a.cfg.n) && failed.Load() == nil; sent++ {
		if err := a.pace(ctx, start, sent); err != nil {
			return err
		}
		line, err := src.next()
		a.tooLong.Store(src.tooLong)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		// Produce waits when too much is on its way.
		cl.Produce(ctx, &kgo.Record{Value: line}, promise)
	}
	if err := cl.Flush(ctx); err != nil {
		return err
	}
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// pace waits until it is time for line number sent.
func (a *agent) pace(ctx context.Context, start time.Time, sent int64) error {
	if a.cfg.rate == 0 {
		return ctx.Err()
	}
	due := start.Add(time.Duration(float64(sent) / a.cfg.rate * float64(time.Second)))
	ahead := time.Until(due)
	if ahead < time.Millisecond {
		return ctx.Err()
	}
	select {
	case <-time.After(ahead):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
