package archive_test

import (
	"context"
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
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, cl) }() // no job: one would be asked for what is left of it
	<-asleep                                // while it claims
	cancel()
	began := time.Now()
	require.ErrorIs(t, <-ended, kafkaio.ErrDrainTimeout)
	assert.Less(t, time.Since(began), 10*time.Second)
	close(wake)
	kafkatest.NoGoroutines(t, "github.com/ltsvpipe/ltsvpipe/kafkaio/archive.(")
	// What still ran has left the client alone, which somebody else may poll now.
	c.Produce(records(0, 100, 101, 100)[0])
	fetches := cl.PollRecords(t.Context(), 1)
	require.Len(t, fetches.Records(), 1)
	assert.EqualValues(t, 100, fetches.Records()[0].Offset)
	cl.CloseAllowingRebalance()
	j := start(t, plain(root), member(c.Kafka))
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	requireOnce(t, root, "ndjson", c.Read("in"))
}
