//go:build linux && !race

package bulk_test

import (
	"flag"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/ltsvpipe/ltsvpipe/internal/crewtest"
	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/internal/searchtest"
)

var stallFor = flag.Duration("stall", 0, "how long the target of TestStalledTarget is away, with a million records waiting; 0 is a short one")

// TestStalledTarget: with a backlog waiting and the target away, a process of
// its own does not grow past what Run documents.
func TestStalledTarget(t *testing.T) {
	stall, n := *stallFor, 1_000_000
	if stall == 0 {
		t.Parallel()
		stall, n = 1500*time.Millisecond, 40_000
	}
	// 64 MiB of pools, 16 MiB read ahead, compressed to a tenth here, 10,000
	// records of 640 bytes, four requests of 5 MiB and what compression
	// takes, and as much garbage as there is use of all.
	const bound = 384
	c := kafkatest.Start(t)
	c.Topic("in", 4)
	c.Topic("dead", 1)
	produce(t, c.Kafka, benchValue(), n)
	var away atomic.Bool
	var stuck, answered atomic.Int64
	f := searchtest.StartFake(t)
	f.Intercept = func(w http.ResponseWriter, _ *http.Request, body []byte) bool {
		if away.Load() {
			stuck.Add(1)
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		answered.Add(1)
		sink(w, body)
		return true
	}
	crew := hire(t, 1, workerJob{Seeds: c.Seeds(), Nodes: []string{f.URL}, Plain: true})
	kafkatest.Until(t, "it works", func() bool { return answered.Load() > 0 })
	pid := crew.PID(0)
	before := crewtest.Resident(t, pid)
	away.Store(true)
	worst := 0
	for end := time.Now().Add(stall); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		worst = max(worst, crewtest.Resident(t, pid))
	}
	away.Store(false)
	kafkatest.Until(t, "all is indexed", func() bool {
		worst = max(worst, crewtest.Resident(t, pid))
		return c.CaughtUp("g", "in")
	})
	crew.Stop()
	t.Logf("%d records of 640 bytes, target away for %v: %d MiB resident before, %d MiB at the worst", n, stall, before, worst)
	assert.Positive(t, stuck.Load(), "the target was away")
	assert.Less(t, worst, bound, "MiB")
}
