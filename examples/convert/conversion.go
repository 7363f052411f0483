package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/jobs"
	"github.com/ltsvpipe/ltsvpipe/examples/internal/progress"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// A conversion is one run of the program.
type conversion struct {
	*options
	stdin   io.Reader
	stderr  io.Writer
	chain   *transform.Chain
	out     *output
	rejects *output // nil for none
}

// newConversion returns one that has its files open. Nothing is read but the schema.
func newConversion(o *options, stdin io.Reader, stdout, stderr io.Writer) (c *conversion, err error) {
	c = &conversion{options: o, stdin: stdin, stderr: stderr, out: &output{Writer: stdout}}
	if c.chain, err = o.newChain(); err != nil {
		return nil, err
	}
	if o.outName != "" {
		if c.out, err = o.create("-o", o.outName); err != nil {
			return nil, err
		}
	}
	if o.rejectsName != "" {
		if c.rejects, err = o.create("-rejects", o.rejectsName); err != nil {
			return nil, c.end(err)
		}
	}
	return c, nil
}

// run returns the counts, and the files have their names, unless there is an error.
func (c *conversion) run(ctx context.Context) (total counts, err error) {
	switch {
	case c.infer:
		total, err = c.printSchema(ctx)
	case c.to == "avro":
		total, err = c.writeAvro(ctx)
	default:
		total, err = c.writeLines(ctx)
	}
	return total, c.end(err)
}

// end ends the outputs of a run that ended with err, and returns that with what became of
// them.
func (c *conversion) end(err error) error {
	var left []string
	for _, o := range []*output{c.rejects, c.out} {
		if o == nil {
			continue
		}
		if err == nil {
			err = o.finish()
		} else if name := o.abandon(); name != "" {
			left = append(left, name)
		}
	}
	if len(left) > 0 {
		err = fmt.Errorf("%w; what was written before is in %s", err, strings.Join(left, " and "))
	}
	return err
}

// create makes the file that a flag names.
func (o *options) create(flag, name string) (*output, error) {
	if err := o.checkOutput(flag, name); err != nil {
		return nil, err
	}
	return create(name)
}

func (o *options) newChain() (*transform.Chain, error) {
	switch {
	case o.job == "json":
		return jobs.JSON(o.escape, []byte(o.key))
	case o.job == "avro" && o.from == "json":
		return jobs.Avro()
	case o.job == "avro":
		return jobs.JSONAvro(o.escape, []byte(o.key))
	}
	return jobs.Raw(o.escape, o.missing)
}

// decoder returns what reads a line of the input.
func (o *options) decoder() transform.Decoder {
	if o.from == "json" {
		return jsonrec.Decoder{}
	}
	return transform.LTSV{Strict: o.strict}
}

// pass has each record of text go through the chain, and then into a sink, of which each
// worker has one; take gets what the sinks made of chunks, in order. text is that of src,
// and what says on a terminal what the pass is for.
func (c *conversion) pass(ctx context.Context, what string, src *source, text chunks, newSink func() sink, take func(*job) error) (counts, error) {
	p := &pass{wantRejects: c.rejects != nil}
	p.newWorker = func() *worker {
		return &worker{
			Worker: c.chain.NewWorker(c.decoder()), sink: newSink(),
			pack: c.out.newPacker(), packRejects: c.rejects.newPacker(),
		}
	}
	p.take = func(j *job) error {
		if err := take(j); err != nil {
			return err
		}
		return c.rejects.put(j.rejects)
	}
	size, _ := c.size()
	line := progress.Start(c.stderr, func() string {
		done := src.done.Load()
		return fmt.Sprintf("%s%s%d records, %d MB", what, progress.Bar(done, size), p.records.Load(), done>>20)
	})
	defer line.Stop()
	return p.run(ctx, text)
}

// source returns a source of the input, in chunks of at least so many bytes.
func (c *conversion) source(least int) *source {
	src := &source{least: least}
	for _, name := range c.files {
		if name == "-" {
			name = ""
		}
		src.inputs = append(src.inputs, input{name: name, stdin: c.stdin})
	}
	if len(c.files) == 0 {
		src.inputs = []input{{stdin: c.stdin}}
	}
	return src
}

// size returns how many bytes the input has, and false if it is not regular files, which
// alone can be read twice.
func (o *options) size() (size int64, regular bool) {
	for _, name := range o.files {
		info, err := os.Stat(name)
		if err != nil || name == "-" || !info.Mode().IsRegular() {
			return 0, false
		}
		size += info.Size()
	}
	return size, len(o.files) > 0
}
