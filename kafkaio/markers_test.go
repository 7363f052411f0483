package kafkaio_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// transact produces records in a transaction of their own and ends it as how says.
func transact(t *testing.T, c *kafkatest.Cluster, how kgo.TransactionEndTry, rs ...*kgo.Record) {
	t.Helper()
	cl := c.Client(kgo.TransactionalID("writer"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	defer cl.Close()
	require.NoError(t, cl.BeginTransaction())
	require.NoError(t, cl.ProduceSync(context.Background(), rs...).FirstErr())
	require.NoError(t, cl.EndTransaction(context.Background(), how))
}

// TestMarkersAreNoRecords: a group is at the end of a log that ends with the
// marker of a transaction, handlers never see one, and to lose one to retention
// is no data loss.
func TestMarkersAreNoRecords(t *testing.T) {
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			c := cluster(t)
			transact(t, c, kgo.TryAbort, &kgo.Record{Topic: "in"}) // never seen
			transact(t, c, kgo.TryCommit, records(0, 10)...)
			w := &watcher{}
			pipe := &kafkaio.Pipeline{Observer: w, NewHandler: copying}
			j := p.start(t, pipe, c, "t")
			c.AwaitCommitted(t, "g", "in") // and the marker is committed
			require.NoError(t, j.Stop())
			requireDelivered(t, c.Read("out"), 1, 10, true)
			last := w.batches()[len(w.batches())-1].Partitions[0]
			assert.Zero(t, last.Lag())
			assert.Equal(t, last.Last+2, last.Next)

			require.NoError(t, c.DeleteRecords("in", 0, c.End("in")[0]))
			c.Produce(records(0, 11)[10:]...)
			j = p.start(t, pipe, c, "t")
			c.AwaitCommitted(t, "g", "in")
			require.NoError(t, j.Stop())
			requireDelivered(t, c.Read("out"), 1, 11, true)
			assert.Empty(t, w.errors())
		})
	}
}

// TestMarkersAlone: a batch ends before the marker, which is polled by itself.
func TestMarkersAlone(t *testing.T) {
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			c := cluster(t)
			for i := 0; i < 30; i += 10 {
				transact(t, c, kgo.TryCommit, records(0, 30)[i:i+10]...)
			}
			w := &watcher{}
			j := p.start(t, &kafkaio.Pipeline{Observer: w, NewHandler: copying, MaxRecords: 10}, c, "t")
			kafkatest.Until(t, "all is delivered", func() bool { return len(c.Read("out")) == 30 })
			require.NoError(t, j.Stop())
			requireDelivered(t, c.Read("out"), 1, 30, true)
			for _, s := range w.batches() {
				assert.Positive(t, s.Read)
			}
		})
	}
}
