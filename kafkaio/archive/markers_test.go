package archive_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

// TestMarkersAreNoLoss: retention took what had landed, and the marker of the
// transaction after it.
func TestMarkersAreNoLoss(t *testing.T) {
	t.Parallel()
	c := kafkatest.Start(t)
	c.Topic("in", 1)
	writer := c.Client(kgo.TransactionalID("writer"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	require.NoError(t, writer.BeginTransaction())
	require.NoError(t, writer.ProduceSync(t.Context(), records(0, 0, 100, 400)...).FirstErr())
	require.NoError(t, writer.EndTransaction(t.Context(), kgo.TryCommit))
	root := t.TempDir()
	a := &archive.Archive{FS: archive.Dir(root), Format: archive.NDJSON{Compression: archive.Plain}, Roll: archive.Limits{Age: 50 * time.Millisecond}}
	for end := int64(101); end <= 102; end++ {
		cl := member(c.Kafka)
		j := start(t, a, cl)
		kafkatest.Until(t, "all has landed", func() bool { return c.Committed("g", "in")[0] == end })
		require.NoError(t, j.Stop())
		cl.CloseAllowingRebalance()
		if end == 101 {
			require.NoError(t, c.DeleteRecords("in", 0, end))
			c.Produce(&kgo.Record{Topic: "in", Value: []byte("{}")})
		}
	}
}

// TestMarkersAlone: the group gets to the end of a log that ends with markers of
// transactions, those that come by themselves too, and those of transactions
// that were taken back.
func TestMarkersAlone(t *testing.T) {
	alongside(t)
	kafkatest.Each(t, 1, func(t *testing.T, k *kafkatest.Kafka) {
		k.Topic("in", 1)
		writer := k.Client(kgo.TransactionalID("writer"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
		n := 0
		transact := func(how kgo.TransactionEndTry) {
			require.NoError(t, writer.BeginTransaction())
			require.NoError(t, writer.ProduceSync(t.Context(), records(0, n, n+100, 1000)...).FirstErr())
			require.NoError(t, writer.EndTransaction(t.Context(), how))
			n += 100
		}
		root, w := t.TempDir(), &watcher{}
		a := plain(root)
		a.Roll, a.MaxRecords, a.Observer = archive.Limits{Records: 100, Age: 50 * time.Millisecond}, 100, w
		transact(kgo.TryAbort) // with nothing before it
		for _, how := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort, kgo.TryCommit, kgo.TryCommit} {
			transact(how)
			cl := member(k)
			j := start(t, a, cl)
			k.AwaitCommitted(t, "g", "in")
			transact(how) // and while it runs
			k.AwaitCommitted(t, "g", "in")
			require.NoError(t, j.Stop())
			cl.CloseAllowingRebalance()
		}
		requireOnce(t, root, "ndjson", k.Read("in"))
		assert.Empty(t, w.survived)
		rolls := len(w.all())
		j := start(t, a, member(k))
		time.Sleep(300 * time.Millisecond)
		require.NoError(t, j.Stop())
		assert.Len(t, w.all(), rolls, "nothing is left to land")
	})
}
