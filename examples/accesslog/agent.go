package main

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

// An agent ships lines to a topic, as one does beside each web server.
type agent struct {
	cfg     *config
	cluster *cluster
	tally
	acked atomic.Int64 // when a line was acknowledged last, or first waited: Unix, in ns
	rec   ltsv.Record  // scratch of withServer

	// ends is behind the last record of each partition, once ship has returned.
	ends map[int32]int64
}

// A source has the lines to ship.
type source interface {
	// next returns the next line without its end, or io.EOF. The caller may keep it.
	next(ctx context.Context) ([]byte, error)
	// left returns how many lines were left out, for being too long.
	left() int64
	// resting reports whether the lines up to now should be made safe, before next,
	// and safe does so: they are acknowledged.
	resting() bool
	safe() error
	io.Closer
}

// open opens the log that the flags name.
func (c *config) open() (source, error) {
	if c.log.follow {
		return c.openFollowed()
	}
	return c.openOnce()
}

// agentDrain is how long the agent waits for acknowledgements when it is to end. What has
// none by then is shipped again, if there is a state to go on from.
const agentDrain = 5 * time.Second

// ship sends lines up to the -n of the flags, if that is not 0, and waits until Kafka has
// them. While no broker answers it waits too: the log is its buffer. When ctx is done it
// reads no more.
func (a *agent) ship(ctx context.Context, src source) error {
	cl, err := a.cluster.client("agent", kgo.DefaultProduceTopic(a.cfg.topics.in), kgo.ProducerLinger(5*time.Millisecond))
	if err != nil {
		return err
	}
	defer cl.Close()
	work, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(agentDrain, end) })()
	var failed atomic.Pointer[error]
	a.ends = map[int32]int64{}
	promise := func(r *kgo.Record, err error) { // called by one goroutine
		if err != nil {
			failed.CompareAndSwap(nil, &err)
			return
		}
		a.ends[r.Partition] = max(a.ends[r.Partition], r.Offset+1)
		a.acked.Store(time.Now().UnixNano())
		a.written.Add(1)
	}
	flush := func() error {
		if err := cl.Flush(work); err != nil {
			return err
		}
		if err := failed.Load(); err != nil {
			return *err
		}
		return src.safe()
	}
	start := time.Now()
	for sent := int64(0); a.cfg.log.n == 0 || sent < a.cfg.log.n; sent++ {
		if a.pace(ctx, start, sent) != nil {
			break
		}
		if src.resting() || failed.Load() != nil {
			if err := flush(); err != nil {
				return err
			}
		}
		line, err := src.next(ctx)
		a.note(src.left(), sent)
		if err == io.EOF || err != nil && ctx.Err() != nil {
			break
		}
		if err != nil {
			return err
		}
		if a.waiting() == 0 {
			a.acked.Store(time.Now().UnixNano())
		}
		a.read.Add(1)
		// Produce waits when too much is on its way.
		cl.Produce(work, &kgo.Record{Value: a.withServer(line)}, promise)
	}
	return flush()
}

// note counts the lines that were left out.
func (a *agent) note(left, sent int64) {
	a.rejected.Store(left)
	a.read.Store(sent + left)
}

// waiting returns how many lines are on their way.
func (a *agent) waiting() int64 { return a.read.Load() - a.rejected.Load() - a.written.Load() }

// stuck returns how long lines have waited without any being acknowledged.
func (a *agent) stuck() time.Duration {
	if a.waiting() <= 0 {
		return 0
	}
	return time.Since(time.Unix(0, a.acked.Load()))
}

// withServer adds the field server to a line that has none. A line that is no LTSV is
// shipped as it is, for job 1 to reject.
func (a *agent) withServer(line []byte) []byte {
	if a.cfg.log.server == "" || a.rec.Parse(line) != nil {
		return line
	}
	if _, ok := a.rec.Get("server"); ok {
		return line
	}
	longer, err := ltsv.AppendField(line, "server", []byte(a.cfg.log.server))
	if err != nil { // parse has refused such a name
		return line
	}
	return longer
}

// pace waits until it is time for line number sent.
func (a *agent) pace(ctx context.Context, start time.Time, sent int64) error {
	if a.cfg.log.rate == 0 {
		return ctx.Err()
	}
	due := start.Add(time.Duration(float64(sent) / a.cfg.log.rate * float64(time.Second)))
	ahead := time.Until(due)
	if ahead < time.Millisecond {
		return ctx.Err()
	}
	select {
	case <-time.After(ahead):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
