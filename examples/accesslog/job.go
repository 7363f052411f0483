package main

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/jobs"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// A job is job 1: LTSV from one topic, JSON to another, exactly once unless
// -at-least-once says otherwise.
type job struct {
	cfg     *config
	cluster *cluster
	chain   *transform.Chain

	// What became of the records, of batches that are settled.
	read, written, skipped, rejected, deadLettered atomic.Int64
}

func newJob(cfg *config, cluster *cluster) (*job, error) {
	chain, err := jobs.JSON(cfg.escape, []byte(cfg.cookieKey))
	return &job{cfg: cfg, cluster: cluster, chain: chain}, err
}

// run works until ctx is done, and then settles what it has read.
func (j *job) run(ctx context.Context) error {
	p := &kafkaio.Pipeline{
		NewHandler: j.newHandler,
		OnError:    func(*kgo.Record, error) kafkaio.Action { return kafkaio.DeadLetter },
		DeadLetter: j.cfg.dlq,
		Observer:   j,
	}
	if !j.cfg.atLeast {
		return p.RunTxn(ctx, func() (*kgo.GroupTransactSession, error) {
			return kgo.NewGroupTransactSession(j.cluster.opts(kafkaio.TxnOpts(j.cfg.group+"-"+j.cfg.id, j.cfg.group, j.cfg.in))...)
		})
	}
	cl, err := j.cluster.client(kafkaio.GroupOpts(j.cfg.group, j.cfg.in)...)
	if err != nil {
		return err
	}
	defer cl.CloseAllowingRebalance()
	return p.Run(ctx, cl)
}

// newHandler returns the handler of one worker.
func (j *job) newHandler() kafkaio.Handler {
	worker := j.chain.NewWorker(transform.LTSV{})
	var enc jsonrec.Encoder
	return func(_ context.Context, in *kgo.Record, out *kafkaio.Batch) error {
		rec, err := worker.Process(trimLineEnd(in.Value))
		if errors.Is(err, transform.ErrSkip) {
			return nil
		}
		if err != nil {
			return err
		}
		value, err := enc.Append(out.Buf(), rec)
		if err != nil {
			return err
		}
		out.Emit(j.cfg.out, in, value)
		return nil
	}
}

// trimLineEnd takes off the line end that some agents ship with a line.
func trimLineEnd(line []byte) []byte {
	if text, ok := bytes.CutSuffix(line, []byte("\n")); ok {
		return bytes.TrimSuffix(text, []byte("\r"))
	}
	return line
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
