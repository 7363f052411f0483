package main

import (
	"bytes"
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/jobs"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// newJSONJob returns job 1: LTSV to JSON.
func newJSONJob(_ context.Context, cfg *config, cluster *cluster) (*job, error) {
	chain, err := jobs.JSON(cfg.escape, []byte(cfg.cookies))
	if err != nil {
		return nil, err
	}
	newHandler := func() kafkaio.Handler {
		worker := chain.NewWorker(transform.LTSV{})
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
			out.Emit(cfg.topics.json, in, value)
			return nil
		}
	}
	return &job{part: "json", name: "job 1", cfg: cfg, cluster: cluster, group: cfg.groups.json, in: cfg.topics.in, out: cfg.topics.json, newHandler: newHandler}, nil
}

// trimLineEnd takes off the line end that some agents ship with a line.
func trimLineEnd(line []byte) []byte {
	if text, ok := bytes.CutSuffix(line, []byte("\n")); ok {
		return bytes.TrimSuffix(text, []byte("\r"))
	}
	return line
}
