package main

import (
	"context"

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
	in, out    string                      // topics; out is empty for what lands elsewhere
	to         string                      // where it lands then
	newHandler func() kafkaio.Handler      // for one worker
	land       func(context.Context) error // instead of it, where out is no topic
	back       *reader                     // of out; nil if nobody looks
	tally
}

// run works until ctx is done, and then settles what it has read.
func (j *job) run(ctx context.Context) error {
	if j.land != nil {
		return j.land(ctx)
	}
	p := &kafkaio.Pipeline{
		NewHandler: j.newHandler,
		DeadLetter: j.cfg.topics.dlq,
		OnDataLoss: j.cfg.onLoss(),
		Observer:   j,
	}
	if !j.cfg.atLeast {
		return p.RunTxn(ctx, func() (*kgo.GroupTransactSession, error) {
			opts := kafkaio.TxnOpts(j.group+"-"+j.cfg.id, j.group, j.in)
			return kgo.NewGroupTransactSession(j.cluster.memberOpts(j.part, opts)...)
		})
	}
	cl, err := j.member()
	if err != nil {
		return err
	}
	defer cl.CloseAllowingRebalance()
	return p.Run(ctx, cl)
}

// member returns a client that is a member of the job's group.
func (j *job) member() (*kgo.Client, error) {
	return kgo.NewClient(j.cluster.memberOpts(j.part, kafkaio.GroupOpts(j.group, j.in))...)
}

// onLoss is what parts do when records were deleted before they read them.
func (c *config) onLoss() kafkaio.Action {
	if c.skipLost {
		return kafkaio.Skip
	}
	return kafkaio.Stop
}

// Settled implements kafkaio.Observer. A transaction that was taken back did nothing: its
// records come again.
func (j *job) Settled(s *kafkaio.Settlement) {
	if !s.Committed {
		j.redone.Add(1)
		if !j.cfg.atLeast {
			return
		}
	}
	j.settled(s)
}

// Survived implements kafkaio.Observer. A rebalance or a broker that is away for a
// moment is counted only: whether the job gets on, its lag tells.
func (j *job) Survived(error) { j.survived.Add(1) }

// counts are the tally's, with what came back.
func (j *job) counts() counts {
	c := j.tally.counts()
	if j.back != nil {
		c.ReadBack = j.back.count.Load()
	}
	return c
}
