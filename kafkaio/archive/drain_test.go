package archive_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

// TestDrainTimeout: an FS that does not return does not keep Run, and what was
// open lands with the next.
func TestDrainTimeout(t *testing.T) {
	c := kafkatest.Start(t)
	c.Topic("in", 1)
	feed(c.Kafka, 1, 100)
	root := t.TempDir()
	asleep, wake := make(chan struct{}, 100), make(chan struct{})
	a := plain(root)
	a.Roll, a.DrainTimeout = archive.Limits{Age: time.Hour}, 100*time.Millisecond
	a.FS = &brokenFS{FS: archive.Dir(root), fail: func(op, _ string) error {
		if op == "sync" {
			select {
			case <-wake:
			default:
				asleep <- struct{}{}
				<-wake
			}
		}
		return nil
	}}
	cl := member(c.Kafka)
	j := start(t, a, cl)
	<-asleep // while it claims
	j.cancel()
	began := time.Now()
	require.ErrorIs(t, j.wait(), kafkaio.ErrDrainTimeout)
	assert.Less(t, time.Since(began), 10*time.Second)
	close(wake)
	kafkatest.NoGoroutines(t, "github.com/ltsvpipe/ltsvpipe/kafkaio/archive.(")
	// What still ran has left the client alone, which somebody else may poll now.
	c.Produce(records(0, 100, 101, 100)[0])
	fetches := cl.PollRecords(t.Context(), 1)
	require.Len(t, fetches.Records(), 1)
	assert.EqualValues(t, 100, fetches.Records()[0].Offset)
	cl.CloseAllowingRebalance()
	j = start(t, plain(root), member(c.Kafka))
	until(t, "all has landed", func() bool { return caughtUp(c.Kafka) })
	require.NoError(t, j.stop())
	kafkatest.NoGoroutines(t, "github.com/ltsvpipe/ltsvpipe/kafkaio/archive.(")
	requireOnce(t, root, "ndjson", c.Read("in"))
}
