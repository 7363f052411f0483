package kafkaio_test

import (
	"context"
	"runtime"
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

// TestCommitRefusedGoesOn: the error codes of a rebalance, and those of a
// coordinator that is away, end nothing and lose nothing.
func TestCommitRefusedGoesOn(t *testing.T) {
	for _, code := range []*kerr.Error{
		kerr.RebalanceInProgress, kerr.UnknownMemberID, kerr.IllegalGeneration,
		kerr.CoordinatorNotAvailable, kerr.NotCoordinator, kerr.CoordinatorLoadInProgress, kerr.RequestTimedOut,
	} {
		t.Run(code.Message, func(t *testing.T) {
			c := cluster(t)
			c.Produce(records(0, 50)...)
			fault := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: code, Count: 1})
			w := &watcher{}
			j := start(t, &kafkaio.Pipeline{NewHandler: copying, Observer: w}, member(c))
			kafkatest.Until(t, "the refusal", func() bool { return fault.Hits() > 0 })
			c.Produce(records(0, 100)[50:]...)
			kafkatest.Until(t, "the commit", func() bool { return c.Committed("g", "in")[0] == 100 })
			require.NoError(t, j.Stop())
			requireDelivered(t, c.Read("out"), 1, 100, false)
			refused := w.batches()[0]
			if !code.Retriable { // or else the client's own retry hid it
				assert.False(t, refused.Committed)
				assert.ErrorIs(t, refused.CommitErr, code)
				assert.EqualValues(t, 0, refused.Partitions[0].First)
				assert.EqualValues(t, 49, refused.Partitions[0].Last)
			}
		})
	}
}

func TestCommitFatal(t *testing.T) {
	for _, code := range []*kerr.Error{kerr.GroupAuthorizationFailed, kerr.FencedInstanceID, kerr.OffsetMetadataTooLarge} {
		t.Run(code.Message, func(t *testing.T) {
			c := cluster(t)
			c.Produce(records(0, 50)...)
			c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: code})
			cl := member(c)
			p := &kafkaio.Pipeline{NewHandler: copying}
			require.ErrorIs(t, start(t, p, cl).Wait(), code)
			assert.Empty(t, c.Committed("g", "in"))
			j := start(t, p, cl) // the same client: nothing is passed over
			kafkatest.Until(t, "the commit", func() bool { return c.Committed("g", "in")[0] == 50 })
			require.NoError(t, j.Stop())
			requireDelivered(t, c.Read("out"), 1, 50, false)
		})
	}
}

func TestProduceErrors(t *testing.T) {
	for _, test := range []struct {
		code  *kerr.Error
		fatal bool
	}{
		{kerr.NotLeaderForPartition, false},
		{kerr.NotEnoughReplicas, false},
		{kerr.RequestTimedOut, false},
		{kerr.UnknownServerError, true},
		{kerr.MessageTooLarge, true},
		{kerr.TopicAuthorizationFailed, true},
		{kerr.InvalidRecord, true},
	} {
		t.Run(test.code.Message, func(t *testing.T) {
			c := cluster(t)
			c.Produce(records(0, 50)...)
			fault := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "out", Err: test.code, Count: 1})
			cl := member(c)
			p := &kafkaio.Pipeline{NewHandler: copying}
			j := start(t, p, cl)
			if test.fatal {
				var failed *kafkaio.ProduceError
				err := j.Wait()
				require.ErrorAs(t, err, &failed)
				require.ErrorIs(t, err, test.code)
				assert.Equal(t, "out", failed.Topic)
				assert.Empty(t, c.Committed("g", "in"))
				assert.Zero(t, cl.BufferedProduceRecords())
				j = start(t, p, cl)
			}
			kafkatest.Until(t, "the commit", func() bool { return c.Committed("g", "in")[0] == 50 })
			require.NoError(t, j.Stop())
			assert.Equal(t, 1, fault.Hits())
			requireDelivered(t, c.Read("out"), 1, 50, !test.fatal)
		})
	}
}

// TestConnectionsDropped drops every tenth connection that carries records or
// offsets.
func TestConnectionsDropped(t *testing.T) {
	c := cluster(t)
	n := 0
	for _, key := range []kmsg.Key{kmsg.Produce, kmsg.Fetch, kmsg.OffsetCommit} {
		c.ControlKey(key.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
			c.KeepControl()
			n++
			return nil, context.Canceled, n%10 == 0
		})
	}
	p := &kafkaio.Pipeline{NewHandler: copying, MaxRecords: 20}
	j := start(t, p, member(c))
	for i := range 20 {
		c.Produce(records(0, 1000)[i*50 : i*50+50]...)
	}
	kafkatest.Until(t, "the commit", func() bool { return c.Committed("g", "in")[0] >= 1000 })
	require.NoError(t, j.Stop())
	requireDelivered(t, c.Read("out"), 1, 1000, false)
}

func TestGroupSessionLost(t *testing.T) {
	c := cluster(t)
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.JoinGroup}, Err: kerr.UnknownServerError, Count: 2})
	c.Produce(records(0, 50)...)
	w := &watcher{}
	j := start(t, &kafkaio.Pipeline{NewHandler: copying, Observer: w}, member(c))
	kafkatest.Until(t, "the commit", func() bool { return c.Committed("g", "in")[0] == 50 })
	require.NoError(t, j.Stop())
	require.NotEmpty(t, w.errors())
	var lost *kgo.ErrGroupSession
	assert.ErrorAs(t, w.errors()[0], &lost)
	requireDelivered(t, c.Read("out"), 1, 50, true)
}

func TestFetchErrors(t *testing.T) {
	for name, fault := range map[string]kfake.Fault{
		"group":   {Keys: []kmsg.Key{kmsg.JoinGroup}, Err: kerr.GroupAuthorizationFailed},
		"topic":   {Keys: []kmsg.Key{kmsg.Fetch}, Topic: "in", Err: kerr.TopicAuthorizationFailed},
		"corrupt": {Keys: []kmsg.Key{kmsg.Fetch}, Topic: "in", Err: kerr.UnknownServerError},
	} {
		t.Run(name, func(t *testing.T) {
			c := cluster(t)
			c.Produce(records(0, 50)...)
			c.Fault(fault)
			err := start(t, &kafkaio.Pipeline{NewHandler: copying}, member(c)).Wait()
			var failed *kafkaio.FetchError
			require.ErrorAs(t, err, &failed)
			assert.ErrorIs(t, err, fault.Err)
			assert.Equal(t, fault.Topic, failed.Topic)
		})
	}
}

func TestClientClosedUnderRun(t *testing.T) {
	c := cluster(t)
	cl := member(c)
	j := start(t, &kafkaio.Pipeline{NewHandler: copying}, cl)
	kafkatest.Until(t, "a member", func() bool { return len(groupMembers(c)) == 1 })
	cl.CloseAllowingRebalance()
	assert.ErrorIs(t, j.Wait(), kgo.ErrClientClosed)
}

func groupMembers(c *kafkatest.Cluster) []kfake.GroupMember {
	if info := c.GroupInfo("g"); info != nil && info.State == "Stable" {
		return info.Members
	}
	return nil
}

// TestGoexit: a handler that ends its goroutine does not hang Run.
func TestGoexit(t *testing.T) {
	c := kafkatest.Start(t)
	c.Topic("in", 2)
	c.Topic("out", 1)
	c.Produce(append(records(0, 5), records(1, 5)...)...)
	ended := make(chan struct{})
	go func() { // may be ended itself, if it is the one that handles
		defer close(ended)
		p := &kafkaio.Pipeline{Workers: 2, NewHandler: func() kafkaio.Handler {
			return func(context.Context, *kgo.Record, *kafkaio.Batch) error { runtime.Goexit(); return nil }
		}}
		assert.Error(t, p.Run(context.Background(), member(c)))
	}()
	select {
	case <-ended:
	case <-time.After(kafkatest.Patience):
		t.Fatal("Run hangs")
	}
	kafkatest.NoGoroutines(t, "github.com/ltsvpipe/ltsvpipe/kafkaio.")
}

// TestProduceFailureEndsTheWait: a topic that is away for ever does not keep
// another one's refusal from being told.
func TestProduceFailureEndsTheWait(t *testing.T) {
	for name, run := range map[string]func(*testing.T, *kafkaio.Pipeline, *kafkatest.Cluster) *kafkatest.Job{
		"at least once": func(t *testing.T, p *kafkaio.Pipeline, c *kafkatest.Cluster) *kafkatest.Job {
			return start(t, p, member(c))
		},
		"exactly once": func(t *testing.T, p *kafkaio.Pipeline, c *kafkatest.Cluster) *kafkatest.Job {
			return startTxn(t, p, &session{id: "t", c: c})
		},
	} {
		t.Run(name, func(t *testing.T) {
			alongside(t)
			c := cluster(t)
			c.Topic("away", 1)
			c.Produce(records(0, 50)...)
			c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "away", Err: kerr.NotEnoughReplicas, Count: -1})
			c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "out", Err: kerr.MessageTooLarge, Count: -1})
			p := &kafkaio.Pipeline{MaxRecords: 50, MaxWait: 50 * time.Millisecond, NewHandler: func() kafkaio.Handler {
				copy := copying()
				return func(ctx context.Context, in *kgo.Record, out *kafkaio.Batch) error {
					out.Emit("away", in, in.Value)
					return copy(ctx, in, out)
				}
			}}
			began := time.Now()
			err := run(t, p, c).Wait()
			var failed *kafkaio.ProduceError
			require.ErrorAs(t, err, &failed)
			assert.ErrorIs(t, err, kerr.MessageTooLarge)
			assert.Equal(t, "out", failed.Topic)
			assert.Less(t, time.Since(began), 12*time.Second)
			assert.Empty(t, c.Committed("g", "in"))
		})
	}
}
