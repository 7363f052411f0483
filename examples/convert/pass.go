package main

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync/atomic"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
)

// A pass is once over all records.
type pass struct {
	newWorker   func() *worker
	take        func(*job) error // in the order of the input
	wantRejects bool

	records atomic.Int64 // read so far
}

// A job is a chunk on its way: read, converted by any worker, and taken in the order of
// reading.
type job struct {
	chunk       chunk
	wantRejects bool
	out         []byte
	rejects     []byte
	seen        *avroschema.Inferrer // by a sampler
	counts      counts
	err         error // of reading, or of a worker
	ready       chan struct{}
}

var errInterrupted = errors.New("interrupted")

// run converts all of src. Memory is bounded by a few jobs a worker; each is used
// again. On error it does not wait for its goroutines: one may be waiting for input
// that never comes, and the program ends anyway.
func (p *pass) run(ctx context.Context, src chunks) (total counts, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	workers := runtime.GOMAXPROCS(0)
	inFlight := 4 * workers
	todo, ordered, free := make(chan *job), make(chan *job, inFlight), make(chan *job, inFlight)
	for range inFlight {
		free <- &job{wantRejects: p.wantRejects, ready: make(chan struct{}, 1)}
	}
	go func() {
		defer close(todo)
		defer close(ordered)
		read(ctx, src, free, todo, ordered)
	}()
	for range workers {
		w := p.newWorker()
		go func() {
			for j := range todo {
				w.convert(j)
				j.ready <- struct{}{}
			}
		}()
	}
	for {
		var j *job
		var more bool
		select {
		case j, more = <-ordered:
		case <-ctx.Done():
			return total, errInterrupted
		}
		if !more {
			if ctx.Err() != nil { // it is the end of what was read, not of the input
				return total, errInterrupted
			}
			return total, nil
		}
		select {
		case <-j.ready:
		case <-ctx.Done(): // it may never be
			return total, errInterrupted
		}
		if j.err != nil {
			return total, j.err
		}
		if err := p.take(j); err != nil {
			return total, err
		}
		total.add(j.counts)
		p.records.Store(total.read)
		free <- j
	}
}

// read makes jobs of src, until there is no more, it cannot be read, or ctx is done.
func read(ctx context.Context, src chunks, free, todo, ordered chan *job) {
	for {
		var j *job
		select {
		case j = <-free:
		case <-ctx.Done():
			return
		}
		j.err = src.next(&j.chunk)
		if j.err == io.EOF {
			return
		}
		ordered <- j
		if j.err != nil {
			j.ready <- struct{}{}
			return
		}
		select {
		case todo <- j:
		case <-ctx.Done():
			return
		}
	}
}
