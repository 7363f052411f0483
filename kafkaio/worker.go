package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A crew is the workers of a Run or RunTxn. The first works on Run's own goroutine, so
// that a batch of one partition wakes nobody.
type crew struct {
	workers []*worker
	tasks   []Stretch
	out     []*Batch
	next    atomic.Int64 // the task to take next
	stop    atomic.Bool  // a worker has failed
	busy    sync.WaitGroup
	alive   sync.WaitGroup
}

// A worker handles one partition's records after another.
type worker struct {
	p       *Pipeline
	drain   *drain
	crew    *crew
	limit   func(topic string) int32 // bytes in a produced batch
	topic   string                   // of what is emitted without one
	handler Handler
	out     Batch
	before  batchMark // out, before the handler's current call
	wake    chan struct{}
	err     error
	tally
}

// tally is what a worker counts in one batch.
type tally struct {
	emitted, dropped, skipped, deadLettered int
	bytesIn, bytesOut                       int64
}

func newCrew(p *Pipeline, d *drain, handlers []Handler) *crew {
	c := &crew{}
	for i, h := range handlers {
		w := &worker{p: p, drain: d, crew: c, handler: h}
		c.workers = append(c.workers, w)
		if i > 0 {
			w.wake = make(chan struct{})
		}
	}
	for _, w := range c.workers[1:] {
		c.alive.Go(w.serve)
	}
	return c
}

// serves prepares the workers for batches that cl will produce.
func (c *crew) serves(cl *kgo.Client) {
	limit, _ := cl.OptValue(kgo.ProducerBatchMaxBytesFn).(func(string) int32)
	topic, _ := cl.OptValue(kgo.DefaultProduceTopic).(string)
	for _, w := range c.workers {
		w.limit, w.topic = limit, topic
	}
}

func (c *crew) close() {
	for _, w := range c.workers[1:] {
		close(w.wake)
	}
	c.alive.Wait()
}

// handle has every task handled, counts in report, and returns why one could
// not be.
func (c *crew) handle(tasks []Stretch, report *Settlement) error {
	c.tasks = tasks
	c.next.Store(0)
	n := min(len(c.workers), len(c.tasks))
	c.busy.Add(n - 1)
	for _, w := range c.workers[1:n] {
		w.wake <- struct{}{}
	}
	c.workers[0].work()
	c.busy.Wait()
	for _, w := range c.workers {
		if w.err != nil {
			return w.err
		}
		report.Emitted += w.emitted
		report.Dropped += w.dropped
		report.Skipped += w.skipped
		report.DeadLettered += w.deadLettered
		report.BytesIn += w.bytesIn
		report.BytesOut += w.bytesOut
	}
	return nil
}

// batches returns what the workers' handlers have emitted.
func (c *crew) batches() []*Batch {
	c.out = c.out[:0]
	for _, w := range c.workers {
		c.out = append(c.out, &w.out)
	}
	return c.out
}

// abandon gives the workers new memory: a client may still have the old.
func (c *crew) abandon() {
	for _, w := range c.workers {
		w.out = Batch{}
		w.tally = tally{}
	}
}

// reset prepares the workers for the next batch.
func (c *crew) reset() {
	for _, w := range c.workers {
		w.out.reset()
		w.tally = tally{}
	}
}

func (w *worker) serve() {
	for range w.wake {
		w.turn()
	}
}

// turn works, and says so even if the handler ends the goroutine
// (runtime.Goexit), for which Run would otherwise wait for ever.
func (w *worker) turn() {
	w.err = errGoexit
	defer w.crew.busy.Done()
	w.work()
	if w.err == errGoexit {
		w.err = nil
	}
}

var errGoexit = errors.New("kafkaio: handler called runtime.Goexit")

func (w *worker) work() {
	for !w.crew.stop.Load() {
		i := int(w.crew.next.Add(1)) - 1
		if i >= len(w.crew.tasks) {
			return
		}
		w.partition(w.crew.tasks[i].Records)
	}
}

// partition handles records in order until one stops the run.
func (w *worker) partition(records []*kgo.Record) {
	for len(records) > 0 && !w.crew.stop.Load() {
		n, err := w.stretch(records)
		if err == nil {
			return
		}
		w.out.back(w.before)
		if w.err = w.judge(records[n], err); w.err != nil {
			w.crew.stop.Store(true)
			return
		}
		records = records[n+1:]
	}
}

// stretch handles records until one fails, and returns which and why.
func (w *worker) stretch(records []*kgo.Record) (n int, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
			if h := w.p.NewHandler(); h != nil {
				w.handler = h
			}
		}
	}()
	for ; n < len(records) && !w.crew.stop.Load(); n++ {
		in := records[n]
		w.before = w.out.mark()
		if err := w.handler(w.drain.work, in, &w.out); err != nil {
			return n, err
		}
		if err := w.count(in); err != nil {
			return n, err
		}
	}
	return n, nil
}

// count adds up what a call emitted, if the client will take it.
func (w *worker) count(in *kgo.Record) error {
	var bytes int64
	for i := w.before.n; i < w.out.n; i++ {
		r := w.out.at(i)
		if r.Topic == "" && w.topic == "" {
			return ErrNoTopic
		}
		if wireSize(r) > int64(w.limit(r.Topic)) {
			return ErrTooLarge
		}
		bytes += int64(len(r.Key) + len(r.Value))
	}
	w.bytesIn += int64(len(in.Key) + len(in.Value))
	w.bytesOut += bytes
	if w.out.n == w.before.n {
		w.dropped++
	} else {
		w.emitted += w.out.n - w.before.n
	}
	return nil
}

// wireSize is at least what r takes in a batch of its own.
func wireSize(r *kgo.Record) int64 {
	const (
		batch  = 65 // header of a record batch
		record = 32 // lengths, attributes and deltas of a record
		header = 10 // lengths of a header
	)
	n := int64(batch + record + len(r.Key) + len(r.Value))
	for i := range r.Headers {
		n += int64(header + len(r.Headers[i].Key) + len(r.Headers[i].Value))
	}
	return n
}

// judge does with a record what OnError says, and returns an error to stop.
func (w *worker) judge(in *kgo.Record, err error) error {
	// A handler that gave up because it had to end says nothing about the
	// record, which must not become a dead letter for that.
	if late := w.drain.late(); late != nil {
		return late
	}
	action := Stop
	if interrupted := w.drain.ctx.Err() != nil && errors.Is(err, context.Canceled); !interrupted {
		action = w.p.action(in, err)
	}
	switch {
	case action > DeadLetter:
		err = fmt.Errorf("OnError returned %v, which is none: %w", action, err)
	case action == DeadLetter && w.p.DeadLetter == "":
		action, err = Stop, fmt.Errorf("no Pipeline.DeadLetter to send it to: %w", err)
	}
	switch action {
	case Skip:
		w.skipped++
	case DeadLetter:
		w.letter(in, err)
		w.deadLettered++
	default:
		return &RecordError{Topic: in.Topic, Partition: in.Partition, Offset: in.Offset, Err: err}
	}
	w.bytesIn += int64(len(in.Key) + len(in.Value))
	return nil
}

// action returns what is to become of a record.
func (p *Pipeline) action(in *kgo.Record, err error) Action {
	switch {
	case p.OnError != nil:
		return p.OnError(in, err)
	case p.DeadLetter != "":
		return DeadLetter
	}
	return Stop
}

// letter adds a dead letter. The client would refuse one that is too large, and
// so would the next run's: it goes without what makes it so, and its headers tell
// where the whole of it is.
func (w *worker) letter(in *kgo.Record, err error) {
	fits := func(r *kgo.Record) bool { return wireSize(r) <= int64(w.limit(w.p.DeadLetter)) }
	if fits(w.out.DeadLetter(w.p.DeadLetter, in, err)) {
		return
	}
	w.out.back(w.before)
	less := *in
	less.Value = []byte{}
	if fits(w.out.DeadLetter(w.p.DeadLetter, &less, fmt.Errorf("value left out, too large for a dead letter: %w", err))) {
		return
	}
	w.out.back(w.before)
	less.Key, less.Headers = nil, nil
	w.out.DeadLetter(w.p.DeadLetter, &less, fmt.Errorf("key, value and headers left out, too large for a dead letter: %w", err))
}
