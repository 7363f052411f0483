package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
)

// A numberedLog is a log that a server writes: each line has its number.
type numberedLog struct {
	t       *testing.T
	path    string
	written int
}

func (l *numberedLog) write(n int) {
	l.t.Helper()
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(l.t, err)
	for range n {
		fmt.Fprintf(f, "time:22/Nov/2026:16:00:49 +0000\tn:%d\n", l.written)
		l.written++
	}
	require.NoError(l.t, f.Close())
}

// arrived waits until the topic has the last line that was written.
func (l *numberedLog) arrived(k *kafkatest.Kafka) {
	l.t.Helper()
	last := fmt.Sprintf("\tn:%d\t", l.written-1)
	require.Eventually(l.t, func() bool {
		if k.End("access.ltsv")[0] < int64(l.written) {
			return false
		}
		all := k.Read("access.ltsv")
		return strings.Contains(string(all[len(all)-1].Value), last)
	}, 60*time.Second, 20*time.Millisecond)
}

// came requires each line to be in the topic, whole and in order; again, from some line
// on, as often as a dead agent had not noted what it had shipped.
func (l *numberedLog) came(k *kafkatest.Kafka, again bool) {
	l.t.Helper()
	next := 0
	for _, rec := range k.Read("access.ltsv") {
		text, ok := strings.CutSuffix(string(rec.Value), "\tserver:web-1")
		require.True(l.t, ok, "each has a server")
		var n int
		_, err := fmt.Sscanf(text, "time:22/Nov/2026:16:00:49 +0000\tn:%d", &n)
		require.NoError(l.t, err)
		if again {
			require.LessOrEqual(l.t, n, next, "a line is lost")
		} else {
			require.Equal(l.t, next, n)
		}
		next = n + 1
	}
	assert.Equal(l.t, l.written, next)
}

// ship has an agent follow the log until stop, by which it has to end well.
func (l *numberedLog) ship(args ...string) (errs *buffer, stop func()) {
	ctx, cancel := context.WithCancel(l.t.Context())
	stdout, errs, done := &buffer{}, &buffer{}, make(chan int, 1)
	args = append([]string{"-quiet", "-run", "agent", "-file", l.path, "-follow", "-server", "web-1"}, args...)
	go func() { done <- run(ctx, args, nil, stdout, errs) }()
	l.t.Cleanup(cancel)
	return errs, func() {
		cancel()
		assert.Zero(l.t, <-done, errs.String())
	}
}

// TestAgentWaitsForBrokers: while they are away the log is the buffer, through a
// rotation, too.
func TestAgentWaitsForBrokers(t *testing.T) {
	kafkatest.Each(t, 1, func(t *testing.T, k *kafkatest.Kafka) {
		k.Topic("access.ltsv", 1)
		log := &numberedLog{t: t, path: filepath.Join(t.TempDir(), "access.log")}
		log.write(100)
		state := filepath.Join(filepath.Dir(log.path), "state")
		_, stop := log.ship("-brokers", strings.Join(k.Seeds(), ","), "-state", state)
		log.arrived(k)
		k.Kill(0)
		for range 4 {
			log.write(4000) // more than the client takes on its way at once
			time.Sleep(300 * time.Millisecond)
		}
		require.NoError(t, os.Rename(log.path, log.path+".1"))
		log.write(50)
		time.Sleep(time.Second)
		k.Restart(0)
		log.write(50)
		log.arrived(k)
		stop()
		log.came(k, false)
	})
}

// TestAgentStartsBeforeBrokers waits for them, and says so.
func TestAgentStartsBeforeBrokers(t *testing.T) {
	k := kafkatest.Start(t).Kafka
	k.Topic("access.ltsv", 1)
	log := &numberedLog{t: t, path: filepath.Join(t.TempDir(), "access.log")}
	log.write(100)
	k.Kill(0)
	errs, stop := log.ship("-brokers", strings.Join(k.Seeds(), ","))
	require.Eventually(t, func() bool { return strings.Contains(errs.String(), "waiting for one, the log is kept\n") }, 20*time.Second, 20*time.Millisecond)
	log.write(50)
	time.Sleep(1500 * time.Millisecond)
	assert.Equal(t, 1, strings.Count(errs.String(), "\n"), "it is said once")
	k.Restart(0)
	log.arrived(k)
	stop()
	log.came(k, false)
}

// TestAgentDies: another goes on from what the first had noted, in the middle of a line.
func TestAgentDies(t *testing.T) {
	k := kafkatest.Start(t).Kafka
	k.Topic("access.ltsv", 1)
	for _, topic := range []string{"access.json", "access.avro", "access.dlq"} {
		k.Topic(topic, 1)
	}
	log := &numberedLog{t: t, path: filepath.Join(t.TempDir(), "access.log")}
	log.write(30_000)
	args := []string{"-quiet", "-brokers", strings.Join(k.Seeds(), ","), "-run", "agent", "-file", log.path, "-follow", "-state", filepath.Join(t.TempDir(), "state"), "-server", "web-1"}
	first := startProcess(t, args...)
	require.Eventually(t, func() bool { return k.End("access.ltsv")[0] > 12_000 }, 30*time.Second, time.Millisecond)
	first.kill()
	half, err := os.OpenFile(log.path, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = half.WriteString("time:22/Nov/2026:16:00:49 +0000\tn:3")
	require.NoError(t, err)
	second := startProcess(t, args...)
	log.arrived(k)
	time.Sleep(500 * time.Millisecond) // no half line
	_, err = half.WriteString("0000\n")
	require.NoError(t, err)
	require.NoError(t, half.Close())
	log.written++
	log.write(10)
	log.arrived(k)
	time.Sleep(100 * time.Millisecond)
	second.stop()
	log.came(k, true)
}

// TestAgentEnds: what it had read when it is to end is shipped and noted, so that the next
// one ships nothing again.
func TestAgentEnds(t *testing.T) {
	k := kafkatest.Start(t).Kafka
	k.Topic("access.ltsv", 1)
	log := &numberedLog{t: t, path: filepath.Join(t.TempDir(), "access.log")}
	args := []string{"-quiet", "-brokers", strings.Join(k.Seeds(), ","), "-run", "agent", "-file", log.path, "-follow", "-state", filepath.Join(t.TempDir(), "state"), "-server", "web-1"}
	log.write(200_000)
	for range 3 {
		before := k.End("access.ltsv")[0]
		p := startProcess(t, args...)
		require.Eventually(t, func() bool { return k.End("access.ltsv")[0] > before+5000 }, 30*time.Second, time.Millisecond)
		p.stop()
	}
	p := startProcess(t, args...)
	log.arrived(k)
	p.stop()
	log.came(k, false)
}
