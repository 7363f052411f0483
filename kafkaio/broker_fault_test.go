package kafkaio_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// slowConn takes its time for whatever the broker says.
type slowConn struct {
	net.Conn
	delay time.Duration
}

func (c *slowConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b[:min(len(b), 512)]) // little by little
	time.Sleep(c.delay)
	return n, err
}

// TestSlowConnections: slow is not lost.
func TestSlowConnections(t *testing.T) {
	alongside(t)
	slow := kgo.Dialer(func(ctx context.Context, network, host string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, host)
		return &slowConn{conn, 3 * time.Millisecond}, err
	})
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			c := cluster(t)
			c.Produce(records(0, 500)...)
			j := p.start(t, &kafkaio.Pipeline{NewHandler: copying, MaxRecords: 100}, c, "t", slow)
			c.AwaitCommitted(t, "g", "in")
			require.NoError(t, j.Stop())
			requireDelivered(t, c.Read("out"), 1, 500, true)
		})
	}
}

// A stillborn connection ends before the broker has said a word.
type stillborn struct{ net.Conn }

func (c stillborn) Read([]byte) (int, error) { return 0, io.EOF }

// TestStillbornConnections: a broker that dies or restarts lets clients in that
// it never answers. That looks like one that wants TLS, and is survived.
func TestStillbornConnections(t *testing.T) {
	alongside(t)
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			alongside(t)
			c := kafkatest.Start(t, kfake.NumBrokers(2))
			c.Topic("in", 1)
			c.Topic("out", 1)
			dying := 1 - c.CoordinatorFor("g") // the group's work goes on
			require.NoError(t, c.MoveTopicPartition("in", 0, dying))
			require.NoError(t, c.MoveTopicPartition("out", 0, dying))
			c.Produce(records(0, 500)...)
			addr := c.ListenAddrs()[dying]
			var dials atomic.Int64
			j := p.start(t, &kafkaio.Pipeline{NewHandler: copying, MaxRecords: 100}, c, "t",
				kgo.Dialer(func(ctx context.Context, network, host string) (net.Conn, error) {
					conn, err := new(net.Dialer).DialContext(ctx, network, host)
					if err == nil && host == addr && dials.Add(1) <= 10 {
						return stillborn{conn}, nil
					}
					return conn, err
				}))
			c.AwaitCommitted(t, "g", "in")
			require.NoError(t, j.Stop())
			assert.Greater(t, dials.Load(), int64(10))
			requireDelivered(t, c.Read("out"), 1, 500, true)
		})
	}
}

// TestOversizeIsRefusedByTheBroker: the topic takes less than the client
// believes. The run stops and nothing is committed.
func TestOversizeIsRefusedByTheBroker(t *testing.T) {
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			c := kafkatest.Start(t)
			c.Topic("in", 1)
			require.NoError(t, c.CreateTopic("out", 1, map[string]string{"max.message.bytes": "2000"}))
			large := records(0, 10)
			for i := range 4000 { // that no codec makes small
				large[5].Value = append(large[5].Value, byte(i*i*i>>5))
			}
			c.Produce(large...)
			pipe := &kafkaio.Pipeline{NewHandler: copying}
			err := p.start(t, pipe, c, "t", kgo.ProducerBatchCompression(kgo.NoCompression())).Wait()
			var failed *kafkaio.ProduceError
			require.ErrorAs(t, err, &failed)
			assert.ErrorIs(t, err, kerr.MessageTooLarge)
			assert.Equal(t, "out", failed.Topic)
			assert.Empty(t, c.Committed("g", "in"))
		})
	}
}

// TestUnauthorised: what a broker's own access lists refuse ends the run with
// the code that says so.
func TestUnauthorised(t *testing.T) {
	allow := func(kind kmsg.ACLResourceType, name string, op kmsg.ACLOperation) kfake.ACL {
		return kfake.ACL{Resource: kind, Name: name, Pattern: kmsg.ACLResourcePatternTypeLiteral, Operation: op, Allow: true}
	}
	const (
		topic, group, txn = kmsg.ACLResourceTypeTopic, kmsg.ACLResourceTypeGroup, kmsg.ACLResourceTypeTransactionalId
		read, write       = kmsg.ACLOperationRead, kmsg.ACLOperationWrite
	)
	for _, test := range []struct {
		without int
		want    *kerr.Error
		once    bool // exactly once alone
	}{
		{0, kerr.TopicAuthorizationFailed, false},
		{1, kerr.GroupAuthorizationFailed, false},
		{2, kerr.TopicAuthorizationFailed, false},
		{3, kerr.TransactionalIDAuthorizationFailed, true},
	} {
		for _, p := range promises {
			if test.once && !p.once {
				continue
			}
			t.Run(p.name+" "+test.want.Message, func(t *testing.T) {
				acls := []kfake.ACL{allow(topic, "in", read), allow(group, "g", read), allow(topic, "out", write), allow(txn, "t", write)}
				acls = append(acls[:test.without], acls[test.without+1:]...)
				c := kafkatest.Start(t, kfake.EnableSASL(), kfake.EnableACLs(), kfake.Superuser("PLAIN", "root", "r"), kfake.User("PLAIN", "u", "p", acls...))
				require.NoError(t, c.CreateTopic("in", 1, nil))
				require.NoError(t, c.CreateTopic("out", 1, nil))
				as := func(user, pass string) kgo.Opt { return kgo.SASL(plain.Auth{User: user, Pass: pass}.AsMechanism()) }
				root := c.Client(as("root", "r"))
				require.NoError(t, root.ProduceSync(context.Background(), records(0, 10)...).FirstErr())
				err := p.start(t, &kafkaio.Pipeline{NewHandler: copying}, c, "t", as("u", "p")).Wait()
				require.ErrorIs(t, err, test.want)
				assert.NotContains(t, err.Error(), "0/5", "content")
			})
		}
	}
}

// TestHungProduceEndsTheWait: a broker that takes a request and never answers
// does not keep another one's refusal from being told.
func TestHungProduceEndsTheWait(t *testing.T) {
	alongside(t)
	c := kafkatest.Start(t, kfake.NumBrokers(2))
	c.Topic("in", 1)
	c.Topic("out", 1)
	c.Topic("hung", 1)
	require.NoError(t, c.MoveTopicPartition("out", 0, 0))
	require.NoError(t, c.MoveTopicPartition("hung", 0, 1))
	c.Produce(records(0, 10)...)
	hung := make(chan struct{})
	c.ControlKey(kmsg.Produce.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if c.CurrentNode() == 0 {
			return nil, nil, false
		}
		select {
		case <-hung:
		default:
			close(hung)
		}
		return nil, nil, true // no answer
	})
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "out", Err: kerr.MessageTooLarge, Count: -1})
	cl := member(c)
	j := start(t, &kafkaio.Pipeline{NewHandler: func() kafkaio.Handler {
		return func(_ context.Context, in *kgo.Record, out *kafkaio.Batch) error {
			out.Emit("hung", in, in.Value)
			if in.Offset == 9 {
				cl.Produce(context.Background(), &kgo.Record{Topic: "hung", Value: []byte("first")}, nil)
				<-hung // so that one is on its way for certain
				out.Emit("out", in, in.Value)
			}
			return nil
		}
	}}, cl)
	<-hung
	began := time.Now()
	var failed *kafkaio.ProduceError
	err := j.Wait()
	require.True(t, errors.As(err, &failed), err)
	assert.ErrorIs(t, err, kerr.MessageTooLarge)
	assert.Less(t, time.Since(began), 8*time.Second)
	assert.Greater(t, time.Since(began), 3*time.Second)
	assert.Empty(t, c.Committed("g", "in"))
}
