package main

import (
	"context"
	"fmt"
	"io"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// blockText is how much text at least is compressed at once: less would cost space.
const blockText = 1 << 20

// blocks is a sink that makes blocks of a container file.
type blocks struct {
	*avroschema.Block
	err error
}

func (b *blocks) add(j *job, rec *transform.Record) error {
	if b.Full() {
		b.cut(j)
	}
	return b.Write(rec)
}

func (b *blocks) end(j *job) error {
	b.cut(j)
	return b.err
}

func (b *blocks) cut(j *job) {
	if b.err == nil {
		j.out, b.err = b.AppendTo(j.out)
	}
}

// writeAvro converts to a container file.
func (c *conversion) writeAvro(ctx context.Context) (total counts, err error) {
	src := c.source(blockText)
	plan, err := c.plan(ctx, src)
	if err != nil {
		return total, err
	}
	options := avroschema.FileOptions{Codec: c.codec, Encoder: plan.NewEncoder()}
	file, err := avroschema.NewFileWriter(c.out.Writer, plan.Schema(), options)
	if err != nil {
		return total, c.out.failed(err)
	}
	var encoders []*avroschema.Encoder
	newSink := func() sink {
		b := file.NewBlock()
		encoders = append(encoders, b.Encoder())
		return &blocks{Block: b}
	}
	total, err = c.pass(ctx, "", src, src, newSink, func(j *job) error { return c.out.failed(file.WriteBlocks(j.out)) })
	if err == nil {
		err = c.out.failed(file.Close())
	}
	if err == nil {
		reportFields(c.stderr, encoders)
	}
	return total, err
}

// reportFields says which fields had values that did not convert.
func reportFields(w io.Writer, encoders []*avroschema.Encoder) {
	var sum avroschema.Stats
	for _, e := range encoders {
		sum = sum.Add(e.Stats())
	}
	for _, f := range sum.Fields {
		if f.Failed > 0 {
			fmt.Fprintf(w, "field %s: %d not converted, or missing\n", f.Path, f.Failed)
		}
	}
}
