package main

import (
	"context"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// A job takes the records of one topic to another, exactly once unless -at-least-once
// says otherwise. Those that it rejects are dead-lettered.
type job struct {
	part, name string
	cfg        *config
	cluster    *cluster
	group      string
	in, out    string
	newHandler func() kafkaio.Handler      // for one worker
	land       func(context.Context) error // instead of it, where out is no topic
	back       *readback                   // of out; nil if nobody looks

	// What became of the records, of batches that are settled.
	read, written, skipped, rejected, deadLettered atomic.Int64
}

// run works until ctx is done, and then settles what it has read.
func (j *job) run(ctx context.Context) error {
	if j.land != nil {
		return j.land(ctx)
	}
	p := &kafkaio.Pipeline{
		NewHandler: j.newHandler,
		OnError:    func(*kgo.Record, error) kafkaio.Action { return kafkaio.DeadLetter },
		DeadLetter: j.cfg.dlq,
		Observer:   j,
	}
	if !j.cfg.atLeast {
		return p.RunTxn(ctx, func() (*kgo.GroupTransactSession, error) {
			return kgo.NewGroupTransactSession(j.cluster.opts(kafkaio.TxnOpts(j.group+"-"+j.cfg.id, j.group, j.in))...)
		})
	}
	cl, err := j.cluster.client(kafkaio.GroupOpts(j.group, j.in)...)
	if err != nil {
		return err
	}
	defer cl.CloseAllowingRebalance()
	return p.Run(ctx, cl)
}

// Settled implements kafkaio.Observer.
func (j *job) Settled(s *kafkaio.Settlement) {
	j.read.Add(int64(s.Read))
	j.written.Add(int64(s.Emitted))
	j.skipped.Add(int64(s.Dropped + s.Skipped))
	j.rejected.Add(int64(s.DeadLettered))
	j.deadLettered.Add(int64(s.DeadLettered))
}

// Survived implements kafkaio.Observer. A rebalance or a broker that is away for a
// moment is nothing to report here.
func (j *job) Survived(error) {}
