package kafkaio_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// A gate holds handlers at one offset until it is opened.
type gate struct {
	offset  int64
	reached chan struct{}
	opened  chan struct{}
	once    sync.Once
}

func newGate(offset int64) *gate {
	return &gate{offset: offset, reached: make(chan struct{}), opened: make(chan struct{})}
}

// pass waits at the gate's offset, or until ctx is done.
func (g *gate) pass(ctx context.Context, offset int64) error {
	if offset != g.offset {
		return nil
	}
	g.once.Do(func() { close(g.reached) })
	select {
	case <-g.opened:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *gate) handler() kafkaio.Handler {
	copy := copying()
	return func(ctx context.Context, in *kgo.Record, out *kafkaio.Batch) error {
		if err := g.pass(ctx, in.Offset); err != nil {
			return err
		}
		return copy(ctx, in, out)
	}
}

// TestDrain: when Run's context ends in the middle of a batch, the batch is
// handled, produced and committed before Run returns nil.
func TestDrain(t *testing.T) {
	c := cluster(t)
	c.Produce(records(0, 100)...)
	g := newGate(50)
	type key struct{}
	p := &kafkaio.Pipeline{NewHandler: func() kafkaio.Handler {
		h := g.handler()
		return func(ctx context.Context, in *kgo.Record, out *kafkaio.Batch) error {
			assert.NoError(t, ctx.Err())
			assert.Equal(t, "value", ctx.Value(key{}))
			return h(ctx, in, out)
		}
	}}
	cl := member(c)
	j := kafkatest.Begin(t, func(ctx context.Context) error { return p.Run(context.WithValue(ctx, key{}, "value"), cl) })
	<-g.reached
	j.Cancel()
	time.Sleep(20 * time.Millisecond)
	close(g.opened)
	require.NoError(t, j.Wait())
	requireDelivered(t, c.Read("out"), 1, 100, true)
	assert.EqualValues(t, 100, c.Committed("g", "in")[0])
}

// TestDrainTimeout: what cannot be settled in time is not committed, and is
// read again, be it a handler, the output or the commit that hangs.
func TestDrainTimeout(t *testing.T) {
	alongside(t)
	hang := func(c *kafkatest.Cluster, key kmsg.Key) (reached chan struct{}) {
		reached = make(chan struct{})
		c.ControlKey(key.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
			if p, ok := req.(*kmsg.ProduceRequest); ok && len(p.Topics) > 0 && c.TopicInfo("out") != nil &&
				p.Topics[0].TopicID != c.TopicInfo("out").TopicID {
				return nil, nil, false
			}
			close(reached)
			return nil, nil, true // no answer
		})
		return reached
	}
	for name, begin := range map[string]func(*kafkatest.Cluster) (kafkaio.Handler, chan struct{}){
		"handler": func(*kafkatest.Cluster) (kafkaio.Handler, chan struct{}) {
			g := newGate(50)
			return g.handler(), g.reached
		},
		"produce": func(c *kafkatest.Cluster) (kafkaio.Handler, chan struct{}) {
			return copying(), hang(c, kmsg.Produce)
		},
		"commit": func(c *kafkatest.Cluster) (kafkaio.Handler, chan struct{}) {
			return copying(), hang(c, kmsg.OffsetCommit)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := cluster(t)
			c.Produce(records(0, 100)...)
			h, reached := begin(c)
			asked := false
			p := &kafkaio.Pipeline{
				NewHandler:   func() kafkaio.Handler { return h },
				Workers:      1,
				DrainTimeout: 100 * time.Millisecond,
				OnError:      func(*kgo.Record, error) kafkaio.Action { asked = true; return kafkaio.DeadLetter },
				DeadLetter:   "dead",
			}
			cl := member(c, kgo.RequestTimeoutOverhead(time.Second))
			j := start(t, p, cl)
			<-reached
			began := time.Now()
			require.ErrorIs(t, j.Stop(), kafkaio.ErrDrainTimeout)
			assert.Less(t, time.Since(began), 2*time.Second)
			assert.False(t, asked, "running out of time is not the record's failure")
			assert.Empty(t, c.Committed("g", "in"))

			cl.CloseAllowingRebalance()
			p.NewHandler = copying
			j = start(t, p, member(c))
			kafkatest.Until(t, "the commit", func() bool { return c.Committed("g", "in")[0] == 100 })
			require.NoError(t, j.Stop())
			requireDelivered(t, c.Read("out"), 1, 100, false)
			assert.Empty(t, c.Read("dead"))
		})
	}
}

// TestInterruptedHandlerIsNoPoison: a handler that minds the caller's context
// rather than its own must not make dead letters of good records.
func TestInterruptedHandlerIsNoPoison(t *testing.T) {
	c := cluster(t)
	c.Produce(records(0, 100)...)
	g := newGate(50)
	ctx, cancel := context.WithCancel(context.Background())
	p := &kafkaio.Pipeline{
		NewHandler: func() kafkaio.Handler {
			return func(_ context.Context, in *kgo.Record, _ *kafkaio.Batch) error { return g.pass(ctx, in.Offset) }
		},
		OnError: always(kafkaio.DeadLetter), DeadLetter: "dead",
	}
	cl := member(c)
	done := make(chan error)
	go func() { done <- p.Run(ctx, cl) }()
	<-g.reached
	cancel()
	err := <-done
	require.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, c.Read("dead"))
	assert.Empty(t, c.Committed("g", "in"))
}

func TestRunEndsWhenThereIsNothing(t *testing.T) {
	c := cluster(t)
	cl := member(c)
	j := start(t, &kafkaio.Pipeline{NewHandler: copying}, cl)
	kafkatest.Until(t, "a member", func() bool { return len(groupMembers(c)) == 1 })
	require.NoError(t, j.Stop())

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.NoError(t, (&kafkaio.Pipeline{NewHandler: copying}).Run(ctx, cl), "done before it begins")
}

// TestDataLoss: the log that the client was reading has changed under it.
func TestDataLoss(t *testing.T) {
	for _, action := range []kafkaio.Action{kafkaio.Stop, kafkaio.Skip} {
		t.Run(action.String(), func(t *testing.T) {
			c := cluster(t)
			c.Produce(records(0, 50)...)
			w := &watcher{}
			p := &kafkaio.Pipeline{NewHandler: copying, OnDataLoss: action, Observer: w}
			j := start(t, p, member(c))
			kafkatest.Until(t, "the first half", func() bool { return c.Committed("g", "in")[0] == 50 })
			c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Fetch}, Topic: "in", Err: kerr.OffsetOutOfRange})
			var lost *kgo.ErrDataLoss
			if action == kafkaio.Stop {
				require.ErrorAs(t, j.Wait(), &lost)
				assert.EqualValues(t, 50, c.Committed("g", "in")[0])
				return
			}
			kafkatest.Until(t, "the loss", func() bool { return len(w.errors()) > 0 })
			assert.ErrorAs(t, w.errors()[0], &lost)
			c.Produce(records(0, 100)[50:]...)
			kafkatest.Until(t, "the second half", func() bool { return c.Committed("g", "in")[0] == 100 })
			require.NoError(t, j.Stop())
			requireDelivered(t, c.Read("out"), 1, 100, false)
		})
	}
}

// TestRetentionIsDataLoss: the client alone would go on at the start of the
// log without a word.
func TestRetentionIsDataLoss(t *testing.T) {
	c := cluster(t)
	c.Produce(records(0, 50)...)
	cl := member(c)
	p := &kafkaio.Pipeline{NewHandler: copying}
	j := start(t, p, cl)
	kafkatest.Until(t, "the first half", func() bool { return c.Committed("g", "in")[0] == 50 })
	require.NoError(t, j.Stop())
	cl.CloseAllowingRebalance()
	c.Produce(records(0, 100)[50:]...)
	require.NoError(t, c.DeleteRecords("in", 0, 70))

	for range 2 { // again after every restart, until somebody decides
		cl := member(c)
		err := start(t, p, cl).Wait()
		var lost *kgo.ErrDataLoss
		require.ErrorAs(t, err, &lost)
		assert.EqualValues(t, 50, lost.ConsumedTo)
		assert.EqualValues(t, 70, lost.ResetTo)
		assert.EqualValues(t, 50, c.Committed("g", "in")[0])
		cl.CloseAllowingRebalance()
	}
	w := &watcher{}
	p.OnDataLoss, p.Observer = kafkaio.Skip, w
	j = start(t, p, member(c))
	kafkatest.Until(t, "the rest", func() bool { return c.Committed("g", "in")[0] == 100 })
	require.NoError(t, j.Stop())
	assert.Len(t, w.errors(), 1)
	assert.Len(t, c.Read("out"), 80)
}

// TestTruncatedLogOfANewGroupIsNoLoss: what was deleted before the group ever
// read is nothing that it lost.
func TestTruncatedLogOfANewGroupIsNoLoss(t *testing.T) {
	c := cluster(t)
	c.Produce(records(0, 50)...)
	require.NoError(t, c.DeleteRecords("in", 0, 20))
	j := start(t, &kafkaio.Pipeline{NewHandler: copying}, member(c))
	kafkatest.Until(t, "the commit", func() bool { return c.Committed("g", "in")[0] == 50 })
	require.NoError(t, j.Stop())
	assert.Len(t, c.Read("out"), 30)
}

// TestOnErrorIsAskedByManyWorkers shows the lock that OnError needs.
func TestOnErrorIsAskedByManyWorkers(t *testing.T) {
	c := kafkatest.Start(t)
	c.Topic("in", 4)
	for p := range int32(4) {
		c.Produce(records(p, 100)...)
	}
	var asked atomic.Int64
	p := &kafkaio.Pipeline{
		Workers: 4,
		NewHandler: func() kafkaio.Handler {
			return func(context.Context, *kgo.Record, *kafkaio.Batch) error { return errors.New("no") }
		},
		OnError: func(*kgo.Record, error) kafkaio.Action { asked.Add(1); return kafkaio.Skip },
	}
	j := start(t, p, member(c))
	kafkatest.Until(t, "all", func() bool { return asked.Load() == 400 })
	require.NoError(t, j.Stop())
}
