package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/avroschema/registry"
	"github.com/ltsvpipe/ltsvpipe/examples/internal/jobs"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// newAvroJob returns job 2: JSON to Avro in Confluent's frames, whose schema the registry
// has under the name of the topic.
func newAvroJob(ctx context.Context, cfg *config, cluster *cluster) (*job, error) {
	chain, err := jobs.Avro()
	if err != nil {
		return nil, err
	}
	schema, err := jobs.AccessLog()
	if err != nil {
		return nil, err
	}
	subject, err := registry.TopicName.Subject(cfg.topics.avro, registry.Value, schema)
	if err != nil {
		return nil, err
	}
	registered, err := cluster.schemas.Register(ctx, subject, schema)
	if err != nil {
		return nil, fmt.Errorf("-registry: %w", err)
	}
	id := registered.ID
	plan, err := avroschema.Compile(schema)
	if err != nil {
		return nil, err
	}
	newHandler := func() kafkaio.Handler {
		worker, enc := chain.NewWorker(jsonrec.Decoder{}), plan.NewEncoder()
		return func(_ context.Context, in *kgo.Record, out *kafkaio.Batch) error {
			rec, err := worker.Process(in.Value)
			if errors.Is(err, transform.ErrSkip) {
				return nil
			}
			if err != nil {
				return err
			}
			value, err := enc.Append(avroschema.AppendConfluent(out.Buf(), id), rec)
			if err != nil {
				return err
			}
			out.Emit(cfg.topics.avro, in, value)
			return nil
		}
	}
	return &job{part: "avro", name: "job 2", cfg: cfg, cluster: cluster, group: cfg.groups.avro, in: cfg.topics.json, out: cfg.topics.avro, newHandler: newHandler}, nil
}
