package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/examples/internal/jobs"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// sampleText is how much of a stream a schema is inferred of.
const sampleText = 16 << 20

// plan returns what src is to be written by.
func (c *conversion) plan(ctx context.Context, src *source) (*avroschema.Plan, error) {
	if c.schemaName != "" {
		return readPlan(c.schemaName)
	}
	var schema *avroschema.Schema
	var err error
	if c.job == "avro" {
		schema, err = jobs.AccessLog()
	} else {
		schema, err = c.inferFirst(ctx, src)
	}
	if err != nil {
		return nil, err
	}
	return avroschema.Compile(schema)
}

// readPlan compiles the schema in a file.
func readPlan(name string) (*avroschema.Plan, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, cause(err))
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, avroschema.MaxSchemaBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, cause(err))
	}
	schema, err := avroschema.Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("-schema %s: %w", name, err)
	}
	plan, err := avroschema.Compile(schema)
	if err != nil {
		return nil, fmt.Errorf("-schema %s: %w", name, err)
	}
	return plan, nil
}

// inferFirst infers a schema before src is converted: of a pass of its own over files, of
// the start of what can be read only once.
func (c *conversion) inferFirst(ctx context.Context, src *source) (*avroschema.Schema, error) {
	silent := *c
	silent.rejects = nil // they come in the pass behind this one
	if _, regular := c.size(); regular {
		first := c.source(0)
		schema, _, err := silent.inferSchema(ctx, first, first)
		return schema, err
	}
	start := &sample{from: src, left: sampleText}
	schema, _, err := silent.inferSchema(ctx, src, start)
	if err == nil { // else somebody may still be reading
		start.giveBack()
	}
	return schema, err
}

// inferSchema infers a schema of text, which is that of src.
func (c *conversion) inferSchema(ctx context.Context, src *source, text chunks) (*avroschema.Schema, counts, error) {
	all := &avroschema.Inferrer{Name: "AccessLog"}
	take := func(j *job) error {
		if j.seen != nil {
			all.Merge(j.seen)
			j.seen = nil
		}
		return nil
	}
	total, err := c.pass(ctx, "schema: ", src, text, func() sink { return sampler{all} }, take)
	if err != nil {
		return nil, total, err
	}
	spec := all.Spec()
	spec.Collisions = avroschema.CollisionSuffix
	schema, err := spec.Schema()
	return schema, total, err
}

// A sampler is a sink that looks at records for a schema.
type sampler struct{ all *avroschema.Inferrer }

func (s sampler) add(j *job, rec *transform.Record) error {
	if j.seen == nil {
		j.seen = s.all.Part()
	}
	j.seen.Add(rec)
	return nil
}

func (sampler) end(*job) error { return nil }

// printSchema writes the schema of the input, for people to look at.
func (c *conversion) printSchema(ctx context.Context) (counts, error) {
	src := c.source(0)
	schema, total, err := c.inferSchema(ctx, src, src)
	if err != nil {
		return total, err
	}
	var text bytes.Buffer
	if err := json.Indent(&text, []byte(schema.JSON()), "", "  "); err != nil {
		return total, err
	}
	text.WriteByte('\n')
	return total, c.out.putText(text.Bytes())
}
