package transform

import "sync/atomic"

// A Worker takes records through a chain, one at a time. It is for one goroutine;
// Stats may be called from any.
type Worker struct {
	chain   *Chain
	decoder Decoder
	funcs   []Func
	rec     Record

	in, out, skipped, rejected, repeated atomic.Int64
}

// Stats counts the records that a worker was given. In = Out + Skipped + Rejected,
// but for a record that is in work at the moment of counting.
type Stats struct {
	In, Out, Skipped, Rejected int64
	Repeated                   int64 // fields left out because their label was there
}

// Add returns the sums of s and t.
func (s Stats) Add(t Stats) Stats {
	return Stats{s.In + t.In, s.Out + t.Out, s.Skipped + t.Skipped, s.Rejected + t.Rejected, s.Repeated + t.Repeated}
}

// NewWorker returns a worker that decodes with d.
func (c *Chain) NewWorker(d Decoder) *Worker {
	w := &Worker{chain: c, decoder: d}
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

// Decode is the first half of Process, for a caller who sets fields of the record,
// a Kafka key for instance, before the stages run.
func (w *Worker) Decode(src []byte) (*Record, error) {
	w.in.Add(1)
	if err := w.decoder.Decode(&w.rec, src); err != nil {
		w.rejected.Add(1)
		w.rec.Reset()
		return nil, err
	}
	return &w.rec, nil
}

// Run is the second half of Process. It runs once on a record.
func (w *Worker) Run() error {
	for i, f := range w.funcs {
		switch err := f(&w.rec); err {
		case nil:
		case ErrSkip:
			w.skipped.Add(1)
			return err
		default:
			w.rejected.Add(1)
			return &StageError{Index: i, Stage: w.chain.stages[i].name, Err: err}
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
	return Stats{w.in.Load(), w.out.Load(), w.skipped.Load(), w.rejected.Load(), w.repeated.Load()}
}
