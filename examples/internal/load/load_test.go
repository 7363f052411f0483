//go:build linux

// Package load proves what the whole system bears: accesslog, as a process of its
// own, between brokers that each have a process of their own too.
package load

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
)

func TestMain(m *testing.M) { os.Exit(kafkatest.Main(m)) }

var size = flag.String("load", "short", "how much TestLoad bears: full is a minute at 5,000 records a second and then 10,000,000 records flat out")

// A phase is so many records, at a rate or as fast as brokers take them.
type phase struct {
	name string
	n    int
	rate int // records a second; 0 is no limit
}

const peak = 5000 // records a second

// phases are what TestLoad does. The first warms up what compiles itself and
// fetches what is fetched once; its records are counted, its figures are not.
func phases() []phase {
	paced := fmt.Sprintf("paced at %d/s", peak)
	switch {
	case *size == "full":
		return []phase{{"warm-up", 1_000_000, 0}, {paced, 300_000, peak}, {"flat out", 10_000_000, 0}}
	case kafkatest.Real():
		return []phase{{"warm-up", 100_000, 0}, {paced, 50_000, peak}, {"flat out", 300_000, 0}}
	}
	return []phase{{"warm-up", 500, 0}, {paced, 2_500, peak}, {"flat out", 10_000, 0}}
}

// TestLoad has accesslog turn LTSV into JSON and JSON into Avro, exactly once,
// first at the rate of a busy day and then as fast as it goes, and counts what
// readers of committed records see. It prints what that took:
//
//	LTSVPIPE_REAL=1 go test ./examples/internal/load -run Load -v -load=full -timeout 60m
//
// With LTSVPIPE_REAL=1 there are three real brokers on this machine; without,
// fake ones in the process of the test, and what is printed says little of speed.
func TestLoad(t *testing.T) {
	var k *kafkatest.Kafka
	if kafkatest.Real() {
		k = kafkatest.StartReal(t, 3).Wiped(t)
	} else {
		k = kafkatest.Start(t, kfake.NumBrokers(3)).Kafka
	}
	all := phases()
	total, timed := 0, 0
	for _, p := range all {
		if total += p.n; p.rate > 0 {
			timed = total
		}
	}
	lines := usable(t)
	for _, topic := range []string{topicIn, topicJSON, topicAvro} {
		k.Topic(topic, 6)
	}
	k.Topic(topicDead, 1)
	pipe := start(t, k)
	feed := newFeed(k, lines)
	json, avro := watch(t, k, topicJSON, total, timed), watch(t, k, topicAvro, total, timed)

	var measured []*figures
	sent := 0
	for _, p := range all {
		f := measure(t, k, pipe, p, sent, func(f *figures) {
			feed.send(t, sent, p)
			sent += p.n
			arrived(t, f, json, avro, sent)
		})
		f.latency(json, avro, sent-p.n, sent)
		measured = append(measured, f)
	}
	pipe.stop(t)
	json.stop()
	avro.stop()

	t.Logf("%s, %d CPUs, %s/%s, %s; brokers: three, %s\n%s", processor(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), k.Kind, table(measured[1:]))
	t.Logf("of %d records: JSON %s; Avro %s; dead letters %d", total, json, avro, len(k.Read(topicDead)))
	for _, w := range []*watcher{json, avro} {
		assert.Equal(t, total, w.count, "read committed, of what was sent")
		assert.Zero(t, w.lost(total), "lost")
		assert.Zero(t, w.repeated, "repeated")
		assert.Zero(t, w.strange, "of nobody's sending")
	}
	assert.Empty(t, k.Read(topicDead))
	for _, f := range measured[1:] {
		assert.Less(t, f.peak, 768, "MiB resident")
	}
}

// arrived waits until both readers have seen so many records.
func arrived(t *testing.T, f *figures, json, avro *watcher, n int) {
	t.Helper()
	seen, since := -1, time.Now()
	for {
		a, b := json.seen(), avro.seen()
		if a >= n && b >= n {
			return
		}
		if a+b != seen {
			seen, since = a+b, time.Now()
		}
		if time.Since(since) > time.Minute {
			require.FailNow(t, "the pipeline stands still", "%s: JSON %d, Avro %d of %d", f.name, a, b, n)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// table is the figures as Markdown.
func table(all []*figures) string {
	var b strings.Builder
	row := func(name string, value func(*figures) string) {
		fmt.Fprintf(&b, "| %s |", name)
		for _, f := range all {
			fmt.Fprintf(&b, " %s |", value(f))
		}
		b.WriteByte('\n')
	}
	row("", func(f *figures) string { return f.name })
	row("---", func(*figures) string { return "---:" })
	row("records", func(f *figures) string { return fmt.Sprint(f.n) })
	row("seconds, until the last is Avro", func(f *figures) string { return fmt.Sprintf("%.1f", f.took.Seconds()) })
	row("records/s", func(f *figures) string { return fmt.Sprintf("%.0f", float64(f.n)/f.took.Seconds()) })
	row("CPU of the pipeline, both jobs, s a million", func(f *figures) string { return fmt.Sprintf("%.1f", f.million(f.pipeline)) })
	row("CPU of the three brokers, s a million", func(f *figures) string { return orNone(f.brokers, f.million(f.brokers)) })
	row("CPU of agent and readers of the test, s a million", func(f *figures) string { return fmt.Sprintf("%.1f", f.million(f.self)) })
	row("memory of the pipeline at the worst, MiB", func(f *figures) string { return fmt.Sprint(f.peak) })
	row("lag at the worst, job 1 / job 2, records", func(f *figures) string { return fmt.Sprintf("%d / %d", f.lag[0], f.lag[1]) })
	row("produced to JSON, ms: p50 / p95 / p99 / max", func(f *figures) string { return f.toJSON.String() })
	row("produced to Avro, ms: p50 / p95 / p99 / max", func(f *figures) string { return f.toAvro.String() })
	row("100 million records a day, of one core", func(f *figures) string {
		return fmt.Sprintf("%.1f %%", f.million(f.pipeline)*100/(24*60*60)*100)
	})
	return b.String()
}

func orNone(used time.Duration, figure float64) string {
	if used == 0 {
		return "in the test's process"
	}
	return fmt.Sprintf("%.1f", figure)
}
