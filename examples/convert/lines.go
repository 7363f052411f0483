package main

import (
	"context"

	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// An encoder appends a record to dst.
type encoder interface {
	Append(dst []byte, rec *transform.Record) ([]byte, error)
}

// lines is a sink that makes a line of each record.
type lines struct{ encoder }

func (l lines) add(j *job, rec *transform.Record) error {
	n := len(j.out)
	var err error
	if j.out, err = l.Append(j.out, rec); err != nil {
		return err
	}
	if len(j.out) == n {
		return transform.ErrSkip // an LTSV record without fields would be an empty line, which is none
	}
	j.out = append(j.out, '\n')
	return nil
}

func (lines) end(*job) error { return nil }

// writeLines converts to JSON or LTSV.
func (c *conversion) writeLines(ctx context.Context) (counts, error) {
	least := 0 // each line at once
	if c.out.packer != nil {
		least = blockText
	}
	src := c.source(least)
	newSink := func() sink {
		if c.to == "ltsv" {
			return lines{transform.LTSVEncoder{}}
		}
		return lines{new(jsonrec.Encoder)}
	}
	return c.pass(ctx, "", src, src, newSink, func(j *job) error { return c.out.put(j.out) })
}
