package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
)

// TestFollow has a log that grows and is rotated while the system runs, while it
// does not.
func TestFollow(t *testing.T) {
	cluster := kafkatest.Start(t, kfake.NumBrokers(1))
	cluster.Topic("access.ltsv", 1)
	dir := t.TempDir()
	file, state := filepath.Join(dir, "access.log"), filepath.Join(dir, "state")
	log := &numberedLog{t: t, path: file}
	begin := func() (stop func() summary) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan summary)
		go func() {
			_, errs, sum, status := start(t, ctx, "", "-quiet", "-brokers", strings.Join(cluster.ListenAddrs(), ","), "-run", "agent,json",
				"-file", file, "-follow", "-state", state, "-server", "web-1", "-partitions", "1")
			assert.Zero(t, status, errs)
			assert.Empty(t, errs)
			done <- sum
		}()
		return func() summary { cancel(); return <-done }
	}
	log.write(100)
	stop := begin()
	log.arrived(cluster.Kafka)
	log.write(50)
	require.NoError(t, os.Rename(file, file+".1"))
	log.write(50)
	log.arrived(cluster.Kafka)
	time.Sleep(50 * time.Millisecond) // for the state to be written: else lines come twice
	sum := stop()
	assert.EqualValues(t, 200, sum.Shipped)

	log.write(50)
	require.NoError(t, os.Rename(file, file+".2"))
	log.write(50)
	stop = begin()
	log.arrived(cluster.Kafka)
	stop()

	log.came(cluster.Kafka, false)
}
