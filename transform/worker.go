package transform

import (
	"errors"
	"sync/atomic"
)

// A Worker takes records through a chain, one at a time. It is for one goroutine, but
// any goroutine may call Stats.
type Worker struct {
	chain   *Chain
	decoder Decoder
	funcs   []Func
	rec     Record

	in, out, undecodable, repeated atomic.Int64

	stages []stageCounters
	failed []atomic.Int64
}

type stageCounters struct{ skipped, rejected atomic.Int64 }

// Stats counts the records that a worker was given. In = Out + Skipped + Rejected once
// the worker is at rest; while it works, In may be ahead of the sum.
type Stats struct {
	In, Out, Skipped, Rejected int64
	Undecodable                int64 // of the rejected, those that the decoder rejected
	Repeated                   int64 // fields left out because their label was there, of records that came out
	Stages                     []StageStats
}

// StageStats counts what one stage of a chain did.
type StageStats struct {
	Name     string
	Skipped  int64 // records
	Rejected int64 // records
	Failed   int64 // values that the stage could not work on, whatever became of them
}

// Add returns the sums of s and t, which are of workers of one chain.
func (s Stats) Add(t Stats) Stats {
	sum := Stats{
		In: s.In + t.In, Out: s.Out + t.Out, Skipped: s.Skipped + t.Skipped, Rejected: s.Rejected + t.Rejected,
		Undecodable: s.Undecodable + t.Undecodable, Repeated: s.Repeated + t.Repeated,
	}
	for i := range max(len(s.Stages), len(t.Stages)) {
		var stage StageStats
		for _, from := range [][]StageStats{s.Stages, t.Stages} {
			if i < len(from) {
				stage.Name = from[i].Name
				stage.Skipped += from[i].Skipped
				stage.Rejected += from[i].Rejected
				stage.Failed += from[i].Failed
			}
		}
		sum.Stages = append(sum.Stages, stage)
	}
	return sum
}

// NewWorker returns a worker that decodes with d.
func (c *Chain) NewWorker(d Decoder) *Worker {
	w := &Worker{
		chain: c, decoder: d,
		stages: make([]stageCounters, len(c.stages)),
		failed: make([]atomic.Int64, len(c.stages)),
	}
	w.rec.bind(c.labels)
	w.rec.failed = w.failed
	for _, s := range c.stages {
		w.funcs = append(w.funcs, s.make())
	}
	return w
}

// Process decodes src and runs the chain on it. The record is valid until the next
// Process or Decode. The error is the decoder's, [ErrSkip], or a [*StageError].
func (w *Worker) Process(src []byte) (*Record, error) {
	if _, err := w.Decode(src); err != nil {
		return nil, err
	}
	if err := w.Run(); err != nil {
		return nil, err
	}
	return &w.rec, nil
}

// Decode is the first half of Process, for a caller who sets fields of the record, a
// Kafka key for instance, before [Worker.Run] runs the stages.
func (w *Worker) Decode(src []byte) (*Record, error) {
	w.in.Add(1)
	if err := w.decoder.Decode(&w.rec, src); err != nil {
		w.undecodable.Add(1)
		w.rec.Reset()
		return nil, err
	}
	return &w.rec, nil
}

// Run is the second half of Process: it runs the stages on the record that Decode
// returned. It is to be called once after each Decode. Its errors are [ErrSkip] and a
// [*StageError], after which the record is as the stage left it.
func (w *Worker) Run() error {
	for i, f := range w.funcs {
		w.rec.stage = i
		err := f(&w.rec)
		switch {
		case err == nil:
		case errors.Is(err, ErrSkip):
			w.stages[i].skipped.Add(1)
			return ErrSkip
		default:
			w.stages[i].rejected.Add(1)
			return newStageError(i, w.chain.stages[i].name, err)
		}
	}
	w.out.Add(1)
	if n := w.rec.repeated; n > 0 {
		w.repeated.Add(int64(n))
	}
	return nil
}

// Stats returns what the worker has counted so far.
func (w *Worker) Stats() Stats {
	s := Stats{Out: w.out.Load(), Undecodable: w.undecodable.Load(), Repeated: w.repeated.Load()}
	s.Rejected = s.Undecodable
	for i := range w.stages {
		stage := StageStats{
			Name:    w.chain.stages[i].name,
			Skipped: w.stages[i].skipped.Load(), Rejected: w.stages[i].rejected.Load(), Failed: w.failed[i].Load(),
		}
		s.Skipped += stage.Skipped
		s.Rejected += stage.Rejected
		s.Stages = append(s.Stages, stage)
	}
	s.In = w.in.Load() // last: what was counted above had come in before
	return s
}
