package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync/atomic"
)

// A conversion is one run: its configuration and how far it is.
type conversion struct {
	newWorker func() *worker
	out       io.Writer
	rejects   io.Writer // nil for none

	doneBytes, doneRecords atomic.Int64
}

// A job is a chunk on its way: read, converted by any worker, and written in the
// order of reading.
type job struct {
	chunk       chunk
	file        string
	wantRejects bool
	out         []byte
	rejects     []byte
	counts      counts
	err         error // reading failed
	ready       chan struct{}
}

// run converts all inputs. Memory is bounded by a few jobs a worker; each is used
// again. On error it does not wait for its goroutines: one may be waiting for input
// that never comes, and the program ends anyway.
func (c *conversion) run(inputs []input) (total counts, err error) {
	workers := runtime.GOMAXPROCS(0)
	inFlight := 4 * workers
	ctx, cancel := context.WithCancel(context.Background())
	todo, ordered, free := make(chan *job), make(chan *job, inFlight), make(chan *job, inFlight)
	for range inFlight {
		free <- &job{wantRejects: c.rejects != nil, ready: make(chan struct{}, 1)}
	}
	defer cancel()
	go func() {
		defer close(todo)
		defer close(ordered)
		read(ctx, inputs, free, todo, ordered)
	}()
	for range workers {
		go func() {
			w := c.newWorker()
			for j := range todo {
				w.convert(j)
				j.ready <- struct{}{}
			}
		}()
	}
	for j := range ordered {
		<-j.ready
		if j.err != nil {
			return total, j.err
		}
		if _, err := c.out.Write(j.out); err != nil {
			return total, fmt.Errorf("write output: %w", cause(err))
		}
		if len(j.rejects) > 0 {
			if _, err := c.rejects.Write(j.rejects); err != nil {
				return total, fmt.Errorf("write rejects: %w", cause(err))
			}
		}
		total.add(j.counts)
		c.doneBytes.Add(int64(len(j.chunk.data)))
		c.doneRecords.Store(total.read)
		free <- j
	}
	return total, nil
}

// read cuts the inputs into jobs, until there are no more, one cannot be read, or
// ctx is done.
func read(ctx context.Context, inputs []input, free, todo, ordered chan *job) {
	for _, in := range inputs {
		src, err := in.open()
		k := chunker{src: src}
		for {
			var j *job
			select {
			case j = <-free:
			case <-ctx.Done():
				return
			}
			if err == nil {
				err = k.next(&j.chunk)
			}
			if err == io.EOF {
				free <- j
				break
			}
			j.file = in.name
			ordered <- j
			if err != nil {
				j.err = fmt.Errorf("read %s: %w", in, cause(err))
				j.ready <- struct{}{}
				return
			}
			select {
			case todo <- j:
			case <-ctx.Done():
				return
			}
		}
		_ = src.Close() // it was read only
	}
}

// cause takes the operation and the path off an error of package os, which the
// message names itself.
func cause(err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err
	}
	return err
}
