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
	written := 0
	write := func(n int) {
		t.Helper()
		f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		require.NoError(t, err)
		for range n {
			fmt.Fprintf(f, "time:22/Nov/2026:16:00:49 +0000\tn:%d\n", written)
			written++
		}
		require.NoError(t, f.Close())
	}
	begin := func() (stop func() summary) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan summary)
		go func() {
			_, errs, sum, status := start(t, ctx, "", "-quiet", "-brokers", strings.Join(cluster.ListenAddrs(), ","),
				"-file", file, "-follow", "-state", state, "-server", "web-1", "-partitions", "1")
			assert.Zero(t, status, errs)
			assert.Empty(t, errs)
			done <- sum
		}()
		return func() summary { cancel(); return <-done }
	}
	arrived := func(topic string) {
		t.Helper()
		require.Eventually(t, func() bool { return cluster.End(topic)[0] >= int64(written) }, 20*time.Second, 10*time.Millisecond)
	}

	write(100)
	stop := begin()
	arrived("access.ltsv")
	write(50)
	require.NoError(t, os.Rename(file, file+".1"))
	write(50)
	arrived("access.ltsv")
	time.Sleep(50 * time.Millisecond) // for the state to be written: else lines come twice
	sum := stop()
	assert.EqualValues(t, 200, sum.Shipped)

	write(50)
	require.NoError(t, os.Rename(file, file+".2"))
	write(50)
	stop = begin()
	arrived("access.ltsv")
	stop()

	in := cluster.Read("access.ltsv")
	require.Len(t, in, written)
	for i, rec := range in {
		require.Equal(t, fmt.Sprintf("time:22/Nov/2026:16:00:49 +0000\tn:%d\tserver:web-1", i), string(rec.Value))
	}
}
