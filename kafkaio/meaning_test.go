package kafkaio_test

import (
	"bytes"
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// A promise is one of the two ways to run a pipeline. once is whether records
// may not come twice.
type promise struct {
	name  string
	once  bool
	start func(t *testing.T, p *kafkaio.Pipeline, c broker, id string, opts ...kgo.Opt) *kafkatest.Job
}

var promises = []promise{
	{"Run", false, func(t *testing.T, p *kafkaio.Pipeline, c broker, _ string, opts ...kgo.Opt) *kafkatest.Job {
		t.Helper()
		return kafkatest.Begin(t, again(func(ctx context.Context) error {
			cl := member(c, opts...)
			defer cl.CloseAllowingRebalance() // as RunTxn leaves the group
			return p.Run(ctx, cl)
		}))
	}},
	{"RunTxn", true, func(t *testing.T, p *kafkaio.Pipeline, c broker, id string, opts ...kgo.Opt) *kafkatest.Job {
		t.Helper()
		s := &session{id: id, c: c, opts: opts}
		return kafkatest.Begin(t, again(func(ctx context.Context) error { return p.RunTxn(ctx, s.open) }))
	}},
}

// again has somebody decide that a data loss is none and start the pipeline
// again, from what is committed: kfake reports false ones when leaders change.
func again(run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		for {
			err := run(ctx)
			var lost *kgo.ErrDataLoss
			if !errors.As(err, &lost) {
				return err
			}
		}
	}
}

// TestMeaning says what a pipeline promises, of both promises and both kinds
// of Kafka.
func TestMeaning(t *testing.T) {
	alongside(t)
	for _, test := range []struct {
		name    string
		brokers int
		run     func(*testing.T, *kafkatest.Kafka, promise)
	}{
		{"delivery", 1, testDelivery},
		{"drain", 1, testDrain},
		{"rebalance", 1, testRebalance},
		{"death", 1, testDeath},
		{"restarts", 1, testRestarts},
		{"moves", 3, testMoves},
		{"a broker dies", 3, testBrokerDies},
		{"coordinators move", 3, testCoordinatorsMove},
	} {
		t.Run(test.name, func(t *testing.T) {
			alongside(t)
			for _, p := range promises {
				t.Run(p.name, func(t *testing.T) {
					alongside(t)
					kafkatest.Each(t, test.brokers, func(t *testing.T, k *kafkatest.Kafka) {
						k.Topic("in", partitions)
						k.Topic("out", 2)
						k.Topic("dead", 1)
						test.run(t, k, p)
					})
				})
			}
		})
	}
}

const partitions = 3

// feed produces records from to to of every partition.
func feed(k *kafkatest.Kafka, from, to int) {
	var rs []*kgo.Record
	for p := range int32(partitions) {
		more := records(p, to)[from:]
		for _, r := range more {
			r.Key, _, _ = bytes.Cut(r.Value, []byte("/")) // order is by key
		}
		rs = append(rs, more...)
	}
	k.Produce(rs...)
}

// testDelivery: all comes, in order, and failures go to the dead letters.
func testDelivery(t *testing.T, k *kafkatest.Kafka, p promise) {
	const n = 500
	feed(k, 0, n)
	w := &watcher{}
	var poison atomic.Int64
	pipe := &kafkaio.Pipeline{
		Workers: 2, MaxRecords: 200, Observer: w,
		NewHandler: func() kafkaio.Handler {
			copy := copying()
			return func(ctx context.Context, in *kgo.Record, out *kafkaio.Batch) error {
				if err := copy(ctx, in, out); err != nil || in.Offset%100 != 7 {
					return err
				}
				poison.Add(1)
				return errPoison
			}
		},
		OnError: always(kafkaio.DeadLetter), DeadLetter: "dead",
	}
	j := p.start(t, pipe, k, "t")
	k.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	out, dead := k.Read("out"), k.Read("dead")
	assert.Len(t, dead, 3*5)
	assert.Len(t, out, 3*(n-5))
	requireDelivered(t, append(out, dead...), partitions, n, false)
	requireOrder(t, out)
	for _, d := range dead {
		assert.EqualValues(t, "__streams.errors.exception", d.Headers[0].Key)
		assert.NotEmpty(t, d.Key)
	}
	assert.EqualValues(t, 15, poison.Load())
	for p, end := range k.End("in") {
		assert.Equal(t, end, k.Committed("g", "in")[p])
	}
	sum := w.total(t)
	assert.Equal(t, partitions*n, sum.Read)
	assert.Equal(t, partitions*(n-5), sum.Emitted)
	assert.Equal(t, 15, sum.DeadLettered)
}

// requireOrder checks that the values of each key rise, in each partition.
func requireOrder(t *testing.T, rs []*kgo.Record) {
	t.Helper()
	last := make(map[string]int)
	for _, r := range rs {
		_, i, _ := bytes.Cut(r.Value, []byte("/"))
		at := 0
		for _, d := range i {
			at = at*10 + int(d-'0')
		}
		if before, ok := last[string(r.Key)]; ok {
			require.Greater(t, at, before, "key %s is out of order", r.Key)
		}
		last[string(r.Key)] = at
	}
}

// requireAll checks what the promise is about.
func requireAll(t *testing.T, k *kafkatest.Kafka, p promise, n int) {
	t.Helper()
	out := k.Read("out")
	requireDelivered(t, out, partitions, n, false)
	if p.once {
		require.Equal(t, partitions*n, len(out), "nothing comes twice")
		requireOrder(t, out)
	}
}

// testDrain: SIGTERM in the middle of a batch.
func testDrain(t *testing.T, k *kafkatest.Kafka, p promise) {
	feed(k, 0, 100)
	g := newGate(50)
	j := p.start(t, &kafkaio.Pipeline{NewHandler: g.handler}, k, "t")
	<-g.reached
	j.Cancel()
	time.Sleep(20 * time.Millisecond)
	close(g.opened)
	require.NoError(t, j.Wait())
	got := len(k.Read("out"))
	at := k.Committed("g", "in")
	assert.EqualValues(t, got, at[0]+at[1]+at[2], "what is settled is committed, and nothing else")
	assert.GreaterOrEqual(t, got, 50)
	j = p.start(t, &kafkaio.Pipeline{NewHandler: copying}, k, "t")
	k.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	out := k.Read("out")
	requireDelivered(t, out, partitions, 100, false)
	require.Equal(t, 300, len(out), "a drain repeats nothing")
}

// testRebalance: a member joins in the middle of another's batch and leaves
// again while records come.
func testRebalance(t *testing.T, k *kafkatest.Kafka, p promise) {
	for _, protocol := range []struct {
		name string
		opt  kgo.Opt
	}{
		{"cooperative", kgo.Balancers(kgo.CooperativeStickyBalancer())},
		{"eager", kgo.Balancers(kgo.RangeBalancer())},
		{"KIP-848", kgo.ServerSideBalancer()},
	} {
		t.Run(protocol.name, func(t *testing.T) {
			const n = 300
			k := k.Wiped(t)
			k.Topic("in", partitions)
			k.Topic("out", 2)
			feed(k, 0, 200)
			g := newGate(100)
			one := p.start(t, &kafkaio.Pipeline{NewHandler: g.handler, Workers: 1, MaxRecords: 400}, k, "one", protocol.opt)
			<-g.reached
			two := p.start(t, &kafkaio.Pipeline{NewHandler: copying, MaxRecords: 50}, k, "two", protocol.opt)
			time.Sleep(300 * time.Millisecond) // the group knows
			close(g.opened)
			for i := 200; i < n; i += 10 {
				feed(k, i, i+10)
				if i == 250 {
					require.NoError(t, two.Stop())
				}
			}
			k.AwaitCommitted(t, "g", "in")
			require.NoError(t, one.Stop())
			requireAll(t, k, p, n)
		})
	}
}

// testDeath: a member dies in the middle of its work and the group finds out
// by itself; another with its transactional id, and one without, take over.
func testDeath(t *testing.T, k *kafkatest.Kafka, p promise) {
	for _, id := range []string{"victim", "heir"} {
		t.Run("to "+id, func(t *testing.T) {
			const n = 400
			k := k.Wiped(t)
			k.Topic("in", partitions)
			k.Topic("out", 2)
			feed(k, 0, n)
			short := []kgo.Opt{
				kgo.SessionTimeout(1200 * time.Millisecond), kgo.RebalanceTimeout(time.Second), kgo.TransactionTimeout(1500 * time.Millisecond),
			}
			if !p.once {
				short = short[:2]
			}
			w := &wire{}
			o := &severAfter{wire: w, batches: 2, severed: make(chan struct{})}
			opts := append([]kgo.Opt{kgo.Dialer(w.dial)}, short...)
			dead := p.start(t, &kafkaio.Pipeline{NewHandler: copying, MaxRecords: 100, DrainTimeout: time.Millisecond, Observer: o}, k, "victim", opts...)
			<-o.severed
			heir := p.start(t, &kafkaio.Pipeline{NewHandler: copying}, k, id, short...)
			k.AwaitCommitted(t, "g", "in")
			require.NoError(t, heir.Stop())
			dead.Cancel()
			<-dead.Done()
			requireAll(t, k, p, n)
		})
	}
}

// severAfter cuts a wire after so many batches.
type severAfter struct {
	wire    *wire
	batches int
	severed chan struct{}
}

func (o *severAfter) Settled(*kafkaio.Settlement) {
	if o.batches--; o.batches == 0 {
		time.AfterFunc(3*time.Millisecond, func() { // somewhere in the next
			o.wire.sever()
			close(o.severed)
		})
	}
}

func (o *severAfter) Survived(error) {}

// testRestarts: a pipeline stops and starts again and again.
func testRestarts(t *testing.T, k *kafkatest.Kafka, p promise) {
	for i := range 5 {
		j := p.start(t, &kafkaio.Pipeline{NewHandler: copying, MaxRecords: 30}, k, "t")
		feed(k, i*50, i*50+50)
		kafkatest.Until(t, "it works", func() bool { return k.Committed("g", "in")[1] > int64(i*50) })
		require.NoError(t, j.Stop())
	}
	j := p.start(t, &kafkaio.Pipeline{NewHandler: copying, MaxRecords: 30}, k, "t")
	k.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	out := k.Read("out")
	requireDelivered(t, out, partitions, 250, false)
	require.Equal(t, 750, len(out), "an orderly stop repeats nothing")
	requireOrder(t, out)
}

// testMoves: partitions get other leaders under a running pipeline.
func testMoves(t *testing.T, k *kafkatest.Kafka, p promise) {
	const n = 300
	j := p.start(t, &kafkaio.Pipeline{NewHandler: copying, MaxRecords: 100}, k, "t")
	for i := 0; i < n; i += 50 {
		feed(k, i, i+50)
		topic := []string{"in", "out"}[i/50%2]
		k.Move(topic, 0, (k.Leader(topic, 0)+1)%3)
	}
	k.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	requireAll(t, k, p, n)
}

// testBrokerDies: each broker in turn is killed and started again.
func testBrokerDies(t *testing.T, k *kafkatest.Kafka, p promise) {
	const n = 300
	j := p.start(t, &kafkaio.Pipeline{NewHandler: copying, MaxRecords: 100}, k, "t")
	feed(k, 0, 50)
	for node := range 3 {
		k.Kill(node)
		feed(k, 50+node*80, 90+node*80)
		k.Restart(node)
		feed(k, 90+node*80, 130+node*80)
		k.Whole()
	}
	feed(k, 290, n)
	k.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	requireAll(t, k, p, n)
}

// testCoordinatorsMove: the broker that coordinates the group dies in the middle of a
// batch, and so does the one that coordinates its transactions.
func testCoordinatorsMove(t *testing.T, k *kafkatest.Kafka, p promise) {
	const n = 100 // a batch of each partition
	transactions := []bool{false}
	if p.once {
		transactions = append(transactions, true)
	}
	for round, transaction := range transactions {
		feed(k, round*n, round*n+n)
		g := newGate(int64(round*n + n/2))
		j := p.start(t, &kafkaio.Pipeline{NewHandler: g.handler}, k, "t")
		<-g.reached
		key := "g"
		if transaction {
			key = "t"
		}
		before := k.Coordinator(key, transaction)
		k.Kill(before)
		close(g.opened)
		k.AwaitCommitted(t, "g", "in")
		require.NotEqual(t, before, k.Coordinator(key, transaction))
		require.NoError(t, j.Stop())
		k.Restart(before)
		k.Whole()
	}
	requireAll(t, k, p, len(transactions)*n)
}
