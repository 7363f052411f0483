package main

import (
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/brokers"
	"github.com/ltsvpipe/ltsvpipe/examples/internal/jobs"
	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

func startKafka(topics ...string) (*kfake.Cluster, error) {
	return kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, topics...))
}

// fill produces n records: what job 1 makes of a real nginx log, again and again,
// and then what the template expects of it.
func fill(ctx context.Context, kafka *brokers.Access, topic string, n int, ecs bool) error {
	chain, err := jobs.JSON(ltsv.EscapeNginx, nil)
	if err != nil {
		return err
	}
	names, err := transform.NewChain(namesOf(ecs)...)
	if err != nil {
		return err
	}
	cl, err := kgo.NewClient(append(kafka.Opts(), kgo.DefaultProduceTopic(topic))...)
	if err != nil {
		return err
	}
	defer cl.Close()
	job1, rename := chain.NewWorker(transform.LTSV{}), names.NewWorker(jsonrec.Decoder{})
	var enc jsonrec.Encoder
	var failed error
	lines := logtest.Lines(logtest.Nginx)
	for i := range n {
		rec, err := job1.Process(lines[i%len(lines)])
		if err != nil {
			return err
		}
		value, err := enc.Append(nil, rec)
		if err != nil {
			return err
		}
		if rec, err = rename.Process(value); err != nil {
			return err
		}
		if value, err = enc.Append(nil, rec); err != nil {
			return err
		}
		cl.Produce(ctx, &kgo.Record{Value: value}, func(_ *kgo.Record, err error) { failed = errors.Join(failed, err) })
	}
	return errors.Join(cl.Flush(ctx), failed)
}
