package kafkaio

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A run is the state of one call of Run. Its own goroutine uses it, except
// for what the workers and the client's promises are given.
type run struct {
	*Pipeline
	*drain
	source *Source
	sink   *Sink
	crew   *crew
	report Settlement
}

func newRun(ctx context.Context, p *Pipeline) (*run, error) {
	var handlers []Handler
	for range p.workers() {
		h := p.NewHandler()
		if h == nil {
			return nil, errors.New("kafkaio: Pipeline.NewHandler returned nil")
		}
		handlers = append(handlers, h)
	}
	d := newDrain(ctx, p.drainTimeout())
	return &run{Pipeline: p, drain: d, crew: newCrew(p, d, handlers)}, nil
}

func (r *run) end() {
	r.drain.close()
	r.crew.close()
}

// with makes r read and produce with cl from now on.
func (r *run) with(cl *kgo.Client) {
	r.source = newSource(cl, SourceOptions{
		MaxRecords: r.MaxRecords, MaxWait: r.MaxWait, OnDataLoss: r.OnDataLoss, Survived: r.survive,
	})
	r.sink = newSink(cl)
	r.crew.serves(cl)
}

// cycle takes one batch from poll to commit.
func (r *run) cycle() (done bool, err error) {
	some, err := r.poll()
	if err != nil || !some {
		return true, err
	}
	if err := r.settle(); err != nil {
		r.source.Rewind()
		return true, err
	}
	r.source.end()
	return r.ctx.Err() != nil, nil
}

// poll begins a report.
func (r *run) poll() (some bool, err error) {
	start := time.Now()
	r.report = Settlement{Partitions: r.report.Partitions[:0]}
	in, err := r.source.Poll(r.ctx)
	r.report.Poll = time.Since(start)
	r.report.Read = r.source.polled.count
	return len(in) > 0, err
}

// settle handles, produces and commits what was polled.
func (r *run) settle() error {
	if err := r.handle(); err != nil {
		return err
	}
	if err := r.produce(); err != nil {
		return err
	}
	start := time.Now()
	refusal, err := r.source.commit(r.work)
	if late := r.late(); late != nil && (err != nil || refusal != nil) {
		return late
	}
	if err != nil {
		return err
	}
	r.report.Commit = time.Since(start)
	r.settled(refusal)
	return nil
}

func (r *run) handle() error {
	start := time.Now()
	defer func() { r.report.Handle = time.Since(start) }()
	return r.crew.handle(r.source.polled.tasks, &r.report)
}

func (r *run) produce() error {
	start := time.Now()
	defer func() { r.report.Produce = time.Since(start) }()
	err := r.sink.send(r.work, r.crew.batches()...)
	if late := r.late(); late != nil && err != nil {
		return late
	}
	return err
}

// settled ends the report of a batch whose records are all acknowledged.
func (r *run) settled(refusal error) {
	r.crew.reset()
	if r.Observer == nil {
		return
	}
	r.report.Committed = refusal == nil
	r.report.CommitErr = refusal
	r.report.Partitions = r.source.polled.progress(r.report.Partitions)
	r.Observer.Settled(&r.report)
}

// survive tells the observer of an error that the run goes on after.
func (r *run) survive(err error) {
	if r.Observer != nil {
		r.Observer.Survived(err)
	}
}
