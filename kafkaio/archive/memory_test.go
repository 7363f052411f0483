//go:build linux && !race

package archive_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/crewtest"
	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
)

var stallFor = flag.Duration("stall", 0, "how long the FS of TestStalled stands still, with a million records waiting; 0 is a short one")

// TestStalled: with a backlog waiting and the store standing still, a process
// of its own does not grow past what Run documents.
func TestStalled(t *testing.T) {
	stall, n := *stallFor, 1_000_000
	if stall == 0 {
		t.Parallel()
		stall, n = time.Second, 60_000
	}
	// 64 MiB of pools, 16 MiB read ahead from the broker, compressed to a
	// tenth here, 4 partitions of 1 file with zstd, 10,000 records of 640
	// bytes, and as much garbage as there is use of all.
	const bound = 384
	c := kafkatest.Start(t)
	c.Topic("in", 4)
	fill(t, c.Kafka, n)
	root := t.TempDir()
	stalled := filepath.Join(t.TempDir(), "stalled")
	crew := hire(t, 1, workerJob{Seeds: c.Seeds(), Root: root, Defaults: true, Stalled: stalled})
	kafkatest.Until(t, "it works", func() bool { return len(left(t, root)) > 0 })
	pid := crew.PID(0)
	require.NoError(t, os.WriteFile(stalled, nil, 0o600))
	worst := 0
	for end := time.Now().Add(stall); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		worst = max(worst, crewtest.Resident(t, pid))
	}
	require.NoError(t, os.Remove(stalled))
	kafkatest.Until(t, "all has landed", func() bool {
		worst = max(worst, crewtest.Resident(t, pid))
		return c.CaughtUp("g", "in")
	})
	crew.Stop()
	t.Logf("%d records of 640 bytes or so, the store away for %v: %d MiB resident at the worst", n, stall, worst)
	assert.Positive(t, worst)
	assert.Less(t, worst, bound, "MiB")
}
