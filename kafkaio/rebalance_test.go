package kafkaio_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// A wire is a process's way to the brokers, to be cut.
type wire struct {
	mu    sync.Mutex
	cut   bool
	conns []net.Conn
}

func (w *wire) dial(ctx context.Context, network, host string) (net.Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut {
		return nil, errors.New("cut")
	}
	conn, err := new(net.Dialer).DialContext(ctx, network, host)
	if err == nil {
		w.conns = append(w.conns, conn)
	}
	return conn, err
}

func (w *wire) sever() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = true
	for _, c := range w.conns {
		c.Close()
	}
}

// TestKilledMember: a member dies after it has produced and before it has
// committed. The group hears nothing more of it; another does its work again.
func TestKilledMember(t *testing.T) {
	const partitions, n = 4, 500
	c := kafkatest.Start(t)
	c.Topic("in", partitions)
	c.Topic("out", 1)
	for p := range int32(partitions) {
		c.Produce(records(p, n)...)
	}
	quick := []kgo.Opt{kgo.SessionTimeout(600 * time.Millisecond), kgo.RebalanceTimeout(500 * time.Millisecond)}
	w := &wire{}
	commits := 0
	severed := make(chan struct{})
	c.ControlKey(kmsg.OffsetCommit.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		if commits++; commits < 3 {
			return nil, nil, false
		}
		w.sever()
		close(severed)
		return nil, errors.New("killed"), true
	})
	victim := member(c, append(quick, kgo.Dialer(w.dial))...)
	dead := start(t, &kafkaio.Pipeline{NewHandler: copying, MaxRecords: 200, DrainTimeout: time.Millisecond}, victim)
	<-severed
	dead.Cancel()

	before := int64(0)
	for _, at := range c.Committed("g", "in") {
		before += at
	}
	assert.Less(t, before, c.End("out")[0], "produced and not committed")
	heir := start(t, &kafkaio.Pipeline{NewHandler: copying}, member(c, quick...))
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, heir.Stop())
	assert.Error(t, dead.Wait())
	got := c.Read("out")
	requireDelivered(t, got, partitions, n, false)
	assert.LessOrEqual(t, len(got), partitions*n+200, "what is repeated is one batch")
}

// TestLeaderMoves: brokers change under a running pipeline.
func TestLeaderMoves(t *testing.T) {
	const partitions, n = 4, 1000
	c := kafkatest.Start(t, kfake.NumBrokers(3))
	c.Topic("in", partitions)
	c.Topic("out", 1)
	j := start(t, &kafkaio.Pipeline{NewHandler: copying, MaxRecords: 200, OnDataLoss: kafkaio.Skip}, member(c))
	for i := range 10 {
		var more []*kgo.Record
		for p := range int32(partitions) {
			more = append(more, records(p, n)[i*n/10:(i+1)*n/10]...)
		}
		c.Produce(more...)
		c.ShufflePartitionLeaders()
		c.RehashCoordinators()
	}
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	requireDelivered(t, c.Read("out"), partitions, n, false)
}
