package kafkaio_test

import (
	"context"
	"errors"
	"strings"
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

// session opens sessions of group "g" that read topic "in" without delay, and
// counts them.
type session struct {
	id     string
	c      broker
	opts   []kgo.Opt
	opened atomic.Int64
}

func (s *session) open() (*kgo.GroupTransactSession, error) {
	opts := append(s.c.Opts(), kafkaio.TxnOpts(s.id, "g", "in")...)
	opts = append(append(opts, quick()...), kgo.TransactionTimeout(5*time.Second))
	sess, err := kgo.NewGroupTransactSession(append(opts, s.opts...)...)
	if err == nil {
		s.opened.Add(1)
	}
	return sess, err
}

func startTxn(t *testing.T, p *kafkaio.Pipeline, s *session) *kafkatest.Job {
	t.Helper()
	return kafkatest.Begin(t, func(ctx context.Context) error { return p.RunTxn(ctx, s.open) })
}

func TestRunTxnDeadLettersAreInTheTransaction(t *testing.T) {
	c := cluster(t)
	c.Produce(records(0, 100)...)
	w := &watcher{}
	p := &kafkaio.Pipeline{
		NewHandler: failing(func(o int64) error {
			if o%10 == 3 {
				return errPoison
			}
			return nil
		}),
		OnError: always(kafkaio.DeadLetter), DeadLetter: "dead", Observer: w, MaxRecords: 30,
	}
	// The first end of a transaction is refused: letters and results are
	// taken back alike.
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.TxnOffsetCommit}, Err: kerr.RebalanceInProgress})
	j := startTxn(t, p, &session{id: "t", c: c})
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	assert.Len(t, c.Read("dead"), 10)
	assert.Len(t, c.Read("out"), 180)
	assert.ErrorIs(t, w.batches()[0].CommitErr, kafkaio.ErrAborted)
	assert.False(t, w.batches()[0].Committed)
	assert.Greater(t, c.End("dead")[0], int64(10), "those taken back are in the log, and control records")
	assert.Contains(t, string(c.Read("dead")[0].Headers[4].Key), "__streams.errors.offset")
}

// TestTxnErrors: what the codes of a transaction's requests do to a run.
func TestTxnErrors(t *testing.T) {
	alongside(t)
	type want struct {
		fatal   bool
		reopens bool
	}
	for _, test := range []struct {
		key  kmsg.Key
		code *kerr.Error
		want want
	}{
		{kmsg.Produce, kerr.NotLeaderForPartition, want{}},
		{kmsg.Produce, kerr.ProducerFenced, want{reopens: true}},
		{kmsg.Produce, kerr.InvalidProducerEpoch, want{reopens: true}},
		{kmsg.Produce, kerr.TransactionAbortable, want{reopens: true}},
		{kmsg.Produce, kerr.InvalidTxnState, want{reopens: true}},
		{kmsg.Produce, kerr.MessageTooLarge, want{fatal: true}},
		{kmsg.Produce, kerr.TopicAuthorizationFailed, want{fatal: true}},
		{kmsg.InitProducerID, kerr.CoordinatorNotAvailable, want{}},
		{kmsg.InitProducerID, kerr.ConcurrentTransactions, want{}},
		{kmsg.InitProducerID, kerr.TransactionalIDAuthorizationFailed, want{fatal: true}},
		{kmsg.InitProducerID, kerr.InvalidTransactionTimeout, want{fatal: true}},
		{kmsg.TxnOffsetCommit, kerr.RebalanceInProgress, want{}},
		{kmsg.TxnOffsetCommit, kerr.IllegalGeneration, want{}},
		{kmsg.TxnOffsetCommit, kerr.UnknownMemberID, want{}},
		{kmsg.TxnOffsetCommit, kerr.ProducerFenced, want{reopens: true}},
		{kmsg.TxnOffsetCommit, kerr.GroupAuthorizationFailed, want{fatal: true}},
		{kmsg.EndTxn, kerr.NotCoordinator, want{}},
		{kmsg.EndTxn, kerr.ConcurrentTransactions, want{}},
		{kmsg.EndTxn, kerr.UnknownServerError, want{}},
		{kmsg.EndTxn, kerr.ProducerFenced, want{reopens: true}},
		{kmsg.EndTxn, kerr.InvalidProducerEpoch, want{reopens: true}},
		{kmsg.EndTxn, kerr.TransactionalIDAuthorizationFailed, want{fatal: true}},
	} {
		t.Run(test.key.Name()+" "+test.code.Message, func(t *testing.T) {
			alongside(t)
			c := cluster(t)
			c.Produce(records(0, 50)...)
			fault := kfake.Fault{Keys: []kmsg.Key{test.key}, Err: test.code, Count: 1}
			switch test.key {
			case kmsg.Produce:
				fault.Topic = "out"
			case kmsg.InitProducerID, kmsg.EndTxn:
				fault.TxnID = "t"
				fault.TopLevel = true
			}
			h := c.Fault(fault)
			w := &watcher{}
			p := &kafkaio.Pipeline{NewHandler: copying, Observer: w}
			s := &session{id: "t", c: c}
			j := startTxn(t, p, s)
			if test.want.fatal {
				require.ErrorIs(t, j.Wait(), test.code)
				assert.Empty(t, c.Committed("g", "in"))
				j = startTxn(t, p, s)
			}
			c.AwaitCommitted(t, "g", "in")
			require.NoError(t, j.Stop())
			assert.Equal(t, 1, h.Hits())
			requireDelivered(t, c.Read("out"), 1, 50, true)
			switch {
			case test.want.reopens:
				assert.EqualValues(t, 2, s.opened.Load())
				require.NotEmpty(t, w.errors())
				assert.ErrorIs(t, w.errors()[0], test.code)
			case !test.want.fatal:
				assert.EqualValues(t, 1, s.opened.Load())
			}
		})
	}
}

// TestTxnConcurrent: a broker that still ends the last transaction refuses to
// produce in the next. With the options that the package gives, and no others, it
// is asked again soon: by the client's own default it would be 5 s.
func TestTxnConcurrent(t *testing.T) {
	alongside(t)
	c := cluster(t)
	c.Produce(records(0, 10)...)
	p := &kafkaio.Pipeline{NewHandler: copying}
	j := kafkatest.Begin(t, func(ctx context.Context) error {
		return p.RunTxn(ctx, func() (*kgo.GroupTransactSession, error) {
			return kgo.NewGroupTransactSession(append(kafkaio.TxnOpts("t", "g", "in"), kgo.SeedBrokers(c.ListenAddrs()...))...)
		})
	})
	c.AwaitCommitted(t, "g", "in")
	refused := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "out", Err: kerr.ConcurrentTransactions, Count: 3})
	began := time.Now()
	c.Produce(records(0, 20)[10:]...)
	c.AwaitCommitted(t, "g", "in")
	assert.Less(t, time.Since(began), 4*time.Second)
	require.NoError(t, j.Stop())
	assert.Equal(t, 3, refused.Hits())
	requireDelivered(t, c.Read("out"), 1, 20, true)
}

// TestTxnFenced: a second process with the same transactional id takes over.
func TestTxnFenced(t *testing.T) {
	c := cluster(t)
	c.Produce(records(0, 50)...)
	g := newGate(20)
	w := &watcher{}
	s := &session{id: "t", c: c}
	j := startTxn(t, &kafkaio.Pipeline{NewHandler: g.handler, Observer: w}, s)
	<-g.reached
	// The epoch moves on twice under the first's feet: before it has one, and after.
	twin := c.Client(kgo.TransactionalID("t"))
	require.NoError(t, twin.BeginTransaction())
	require.NoError(t, twin.ProduceSync(context.Background(), &kgo.Record{Topic: "dead"}).FirstErr())
	close(g.opened)
	c.AwaitCommitted(t, "g", "in")
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.EndTxn}, Err: kerr.RequestTimedOut, TopLevel: true})
	assert.Error(t, twin.EndTransaction(context.Background(), kgo.TryCommit), "fenced")
	require.NoError(t, j.Stop())
	requireDelivered(t, c.Read("out"), 1, 50, true)
	assert.Empty(t, c.Read("dead"))
}

// TestTxnTimeout: the output is away for longer than the transaction may take,
// so that the coordinator ends it and fences its producer.
func TestTxnTimeout(t *testing.T) {
	alongside(t)
	c := kafkatest.Start(t)
	c.Topic("in", 2)
	c.Topic("out", 1)
	c.Topic("stuck", 1)
	c.Produce(append(records(0, 50), records(1, 50)...)...)
	stuck := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "stuck", Err: kerr.NotEnoughReplicas, Count: -1})
	w := &watcher{}
	p := &kafkaio.Pipeline{Observer: w, NewHandler: func() kafkaio.Handler {
		copy := copying()
		return func(ctx context.Context, in *kgo.Record, out *kafkaio.Batch) error {
			if in.Offset == 49 {
				out.Emit("stuck", in, in.Value)
			}
			return copy(ctx, in, out)
		}
	}}
	s := &session{id: "t", c: c, opts: []kgo.Opt{
		kgo.RebalanceTimeout(500 * time.Millisecond), kgo.SessionTimeout(600 * time.Millisecond), kgo.TransactionTimeout(700 * time.Millisecond),
	}}
	j := startTxn(t, p, s)
	kafkatest.Until(t, "the output is away", func() bool { return stuck.Hits() > 0 })
	time.Sleep(1500 * time.Millisecond)
	stuck.Remove()
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	requireDelivered(t, c.Read("out"), 2, 50, true)
	assert.Len(t, c.Read("stuck"), 2)
	assert.Greater(t, s.opened.Load(), int64(1))
}

// TestTxnConnectionsDropped drops every tenth connection that carries records,
// offsets or ends of transactions, before or after the broker has acted.
func TestTxnConnectionsDropped(t *testing.T) {
	alongside(t)
	c := cluster(t)
	n := 0
	for _, key := range []kmsg.Key{kmsg.Produce, kmsg.Fetch, kmsg.TxnOffsetCommit, kmsg.EndTxn, kmsg.InitProducerID} {
		c.ControlKey(key.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
			c.KeepControl()
			if init, ok := req.(*kmsg.InitProducerIDRequest); ok && init.TransactionalID == nil {
				return nil, nil, false // the test's own
			}
			n++
			return nil, context.Canceled, n%10 == 0
		})
	}
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.EndTxn}, Err: kerr.RequestTimedOut, TopLevel: true, Count: 2}) // answered so, and done
	p := &kafkaio.Pipeline{NewHandler: copying, MaxRecords: 20}
	j := startTxn(t, p, &session{id: "t", c: c})
	for i := range 20 {
		c.Produce(records(0, 1000)[i*50 : i*50+50]...)
	}
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	requireDelivered(t, c.Read("out"), 1, 1000, true)
}

func TestTxnStop(t *testing.T) {
	c := cluster(t)
	c.Produce(records(0, 100)...)
	s := &session{id: "t", c: c}
	err := startTxn(t, &kafkaio.Pipeline{NewHandler: failing(at(50, errPoison)), MaxRecords: 30}, s).Wait()
	var bad *kafkaio.RecordError
	require.ErrorAs(t, err, &bad)
	require.ErrorIs(t, err, errPoison)
	j := startTxn(t, &kafkaio.Pipeline{NewHandler: copying}, s)
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	got := c.Read("out")
	require.Equal(t, "0/99", string(got[len(got)-1].Value))
	once := make(map[string]int)
	for _, r := range got {
		once[string(r.Value)]++
	}
	assert.Len(t, once, 100)
}

// TestTxnRefusedByTheClient: what the client refuses by itself, without asking a
// broker, a new session does not mend.
func TestTxnRefusedByTheClient(t *testing.T) {
	alongside(t)
	c := cluster(t)
	c.Produce(records(0, 10)...)
	w := &watcher{}
	p := &kafkaio.Pipeline{Observer: w, NewHandler: func() kafkaio.Handler {
		return func(_ context.Context, in *kgo.Record, out *kafkaio.Batch) error {
			out.Emit("out", in, in.Value).Partition = 7 // of 1
			return nil
		}
	}}
	s := &session{id: "t", c: c, opts: []kgo.Opt{kgo.RecordPartitioner(kgo.ManualPartitioner())}}
	err := startTxn(t, p, s).Wait()
	var failed *kafkaio.ProduceError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, "out", failed.Topic)
	assert.Greater(t, s.opened.Load(), int64(1), "the client's own view may have been old")
	assert.Len(t, w.errors(), int(s.opened.Load())-1)
	assert.Empty(t, c.Committed("g", "in"))
}

func TestTxnDeadLetterTopicMissingStops(t *testing.T) {
	c := cluster(t)
	c.Produce(records(0, 10)...)
	p := &kafkaio.Pipeline{NewHandler: failing(at(5, errPoison)), OnError: always(kafkaio.DeadLetter), DeadLetter: "no-such-topic"}
	err := startTxn(t, p, &session{id: "t", c: c}).Wait()
	var failed *kafkaio.ProduceError
	require.ErrorAs(t, err, &failed)
	assert.Equal(t, "no-such-topic", failed.Topic)
	assert.Empty(t, c.Committed("g", "in"))
	assert.Empty(t, c.Read("out"))
}

// TestTxnRetentionIsDataLoss: RunTxn stops too, and after every restart, until
// somebody decides.
func TestTxnRetentionIsDataLoss(t *testing.T) {
	c := cluster(t)
	c.Produce(records(0, 50)...)
	s := &session{id: "t", c: c}
	p := &kafkaio.Pipeline{NewHandler: copying}
	j := startTxn(t, p, s)
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	c.Produce(records(0, 100)[50:]...)
	require.NoError(t, c.DeleteRecords("in", 0, 70))
	for range 2 {
		var lost *kgo.ErrDataLoss
		require.ErrorAs(t, startTxn(t, p, s).Wait(), &lost)
		assert.EqualValues(t, 50, lost.ConsumedTo)
		assert.EqualValues(t, 70, lost.ResetTo)
		assert.EqualValues(t, 50, c.Committed("g", "in")[0])
	}
	w := &watcher{}
	p.OnDataLoss, p.Observer = kafkaio.Skip, w
	j = startTxn(t, p, s)
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	assert.Len(t, w.errors(), 1)
	assert.Len(t, c.Read("out"), 80)
}

// TestTxnDrain: what is polled when the context ends is settled in its
// transaction.
func TestTxnDrain(t *testing.T) {
	c := cluster(t)
	c.Produce(records(0, 100)...)
	g := newGate(50)
	j := startTxn(t, &kafkaio.Pipeline{NewHandler: g.handler}, &session{id: "t", c: c})
	<-g.reached
	j.Cancel()
	time.Sleep(20 * time.Millisecond)
	close(g.opened)
	require.NoError(t, j.Wait())
	requireDelivered(t, c.Read("out"), 1, 100, true)
	assert.True(t, c.CaughtUp("g", "in"))
}

func TestTxnDrainTimeout(t *testing.T) {
	alongside(t)
	for _, key := range []kmsg.Key{kmsg.Produce, kmsg.TxnOffsetCommit, kmsg.EndTxn} {
		t.Run(key.Name(), func(t *testing.T) {
			c := cluster(t)
			c.Produce(records(0, 100)...)
			reached := make(chan struct{})
			c.ControlKey(key.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
				close(reached)
				return nil, nil, true // no answer
			})
			p := &kafkaio.Pipeline{NewHandler: copying, DrainTimeout: 100 * time.Millisecond}
			s := &session{id: "t", c: c, opts: []kgo.Opt{kgo.RequestTimeoutOverhead(time.Second)}}
			j := startTxn(t, p, s)
			<-reached
			began := time.Now()
			require.ErrorIs(t, j.Stop(), kafkaio.ErrDrainTimeout)
			assert.Less(t, time.Since(began), 3*time.Second)
			j = startTxn(t, p, s)
			c.AwaitCommitted(t, "g", "in")
			require.NoError(t, j.Stop())
			requireDelivered(t, c.Read("out"), 1, 100, true)
		})
	}
}

func TestRunTxnRefuses(t *testing.T) {
	good := func(more ...kgo.Opt) []kgo.Opt { return append(kafkaio.TxnOpts("t", "g", "in"), more...) }
	for option, opts := range map[string][]kgo.Opt{
		"TransactionalID":           {kgo.ConsumerGroup("g"), kgo.ConsumeTopics("in"), kgo.FetchIsolationLevel(kgo.ReadCommitted())},
		"ConsumeTopics":             kafkaio.TxnOpts("t", "g"),
		"FetchIsolationLevel":       good(kgo.FetchIsolationLevel(kgo.ReadUncommitted())),
		"ManualFlushing":            good(kgo.ManualFlushing()),
		"DefaultProduceTopicAlways": good(kgo.DefaultProduceTopic("out"), kgo.DefaultProduceTopicAlways()),
		"TransactionTimeout":        good(kgo.TransactionTimeout(20 * time.Second)),
		"SessionTimeout":            good(kgo.SessionTimeout(20 * time.Second)),
	} {
		t.Run(option, func(t *testing.T) {
			err := (&kafkaio.Pipeline{NewHandler: copying}).RunTxn(context.Background(), func() (*kgo.GroupTransactSession, error) {
				return kgo.NewGroupTransactSession(opts...)
			})
			var refused *kafkaio.ClientError
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, option, refused.Option)
		})
	}
	failed := errors.New("no session")
	err := (&kafkaio.Pipeline{NewHandler: copying}).RunTxn(context.Background(), func() (*kgo.GroupTransactSession, error) { return nil, failed })
	assert.ErrorIs(t, err, failed)
	err = (&kafkaio.Pipeline{}).RunTxn(context.Background(), nil)
	assert.True(t, err != nil && strings.Contains(err.Error(), "NewHandler"), err)
	err = (&kafkaio.Pipeline{NewHandler: copying}).RunTxn(context.Background(), nil)
	assert.True(t, err != nil && strings.Contains(err.Error(), "open"), err)
	kafkatest.NoGoroutines(t, "github.com/ltsvpipe/ltsvpipe/kafkaio.")
}
