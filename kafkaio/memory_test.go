//go:build linux && !race

package kafkaio_test

import (
	"flag"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ltsvpipe/ltsvpipe/internal/crewtest"
	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
)

var stallFor = flag.Duration("stall", 0, "how long the output of TestStalledOutput is away, with a million records waiting; 0 is a short one")

// TestStalledOutput: with a backlog waiting and the output away, a process of
// its own does not grow past what Run documents.
func TestStalledOutput(t *testing.T) {
	stall, n := *stallFor, 1_000_000
	if stall == 0 {
		alongside(t)
		stall, n = 1500*time.Millisecond, 60_000
	}
	// 64 MiB of pools, 16 MiB read ahead from the broker, compressed to a
	// tenth here, 10,000 records of 640 bytes handled, what workers keep, and
	// as much garbage as there is use of all.
	const bound = 384
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			if *stallFor == 0 {
				alongside(t)
			}
			c := kafkatest.Start(t)
			c.Topic("in", 4)
			c.Topic("out", 4)
			c.Topic("dead", 1)
			fill(t, c, n)
			crew := hire(t, 1, workerJob{Seeds: c.Seeds(), Once: p.once, Defaults: true})
			kafkatest.Until(t, "it works", func() bool { return c.End("out")[0] > 0 })
			pid := crew.PID(0)
			before := crewtest.Resident(t, pid)
			away := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "out", Err: kerr.NotEnoughReplicas, Count: -1})
			worst := 0
			for end := time.Now().Add(stall); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
				worst = max(worst, crewtest.Resident(t, pid))
			}
			stuck := away.Hits()
			away.Remove()
			kafkatest.Until(t, "all is handled", func() bool {
				worst = max(worst, crewtest.Resident(t, pid))
				return c.CaughtUp("g", "in")
			})
			crew.Stop()
			t.Logf("%s, %d records of 640 bytes, output away for %v: %d MiB resident before, %d MiB at the worst", p.name, n, stall, before, worst)
			assert.Positive(t, stuck, "the output was away")
			assert.Less(t, worst, bound, "MiB")
		})
	}
}
