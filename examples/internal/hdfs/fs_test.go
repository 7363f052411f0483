package hdfs_test

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/hdfs"
	"github.com/ltsvpipe/ltsvpipe/internal/crewtest"
	"github.com/ltsvpipe/ltsvpipe/internal/hdfstest"
	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

var (
	kills   = flag.Int("kills", 10, "how many workers TestHDFS kills")
	records = flag.Int("records", 15_000, "how many records it lands")
)

func TestMain(m *testing.M) {
	crewtest.Work(work)
	os.Exit(m.Run())
}

// A workerJob is where a worker lands topic "in" from and to.
type workerJob struct{ Namenode, Broker string }

func work(ctx context.Context, job workerJob) error {
	dfs, err := hdfstest.Connect(job.Namenode)
	if err != nil {
		return err
	}
	defer dfs.Close()
	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("g", "in"),
		kgo.SeedBrokers(job.Broker), kgo.FetchMinBytes(1), kgo.FetchMaxWait(20*time.Millisecond),
		kgo.HeartbeatInterval(100*time.Millisecond), kgo.SessionTimeout(2*time.Second), kgo.RebalanceTimeout(1500*time.Millisecond))...)
	if err != nil {
		return err
	}
	defer cl.CloseAllowingRebalance()
	a := &archive.Archive{
		FS:     &hdfs.FS{Client: dfs, Root: "/table"},
		Format: archive.NDJSON{Compression: archive.Plain},
		Roll:   archive.Limits{Records: 1000, Age: 200 * time.Millisecond}, MaxRecords: 500,
	}
	return a.Run(ctx, cl)
}

// TestHDFS lands a topic in a real HDFS while the workers that do it are killed
// with -9, and counts what landed:
//
//	LTSVPIPE_REAL=1 go test ./examples/internal/hdfs -kills=100 -records=200000 -v
func TestHDFS(t *testing.T) {
	namenode := hdfstest.Start(t)
	dfs, err := hdfstest.Connect(namenode)
	require.NoError(t, err)
	defer dfs.Close()
	require.NoError(t, dfs.MkdirAll("/table", 0o755))
	t.Run("errors", func(t *testing.T) { contract(t, &hdfs.FS{Client: dfs, Root: "/table"}) })

	const partitions, workers = 3, 3
	c := kafkatest.Start(t)
	c.Topic("in", partitions)
	crew := crewtest.Hire(t, workers, func(int) any { return workerJob{namenode, c.Seeds()[0]} })
	each := *records / partitions
	for i := range *kills {
		for p := range int32(partitions) {
			var rs []*kgo.Record
			for n := each * i / *kills; n < each*(i+1) / *kills; n++ {
				at := time.Unix(1_700_000_000, 0).Add(time.Duration(n) * 2 * time.Hour / time.Duration(each))
				if n%10 == 9 { // late
					at = at.Add(-time.Hour)
				}
				rs = append(rs, &kgo.Record{Topic: "in", Partition: p, Timestamp: at, Value: fmt.Appendf(nil, "%d/%d", p, n)})
			}
			c.Produce(rs...)
		}
		time.Sleep(200*time.Millisecond + rand.N(400*time.Millisecond))
		crew.KillOne()
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		at, all := c.Committed("g", "in"), true
		for p, to := range c.End("in") {
			all = all && at[p] == to
		}
		if all {
			break
		}
		if time.Now().After(end) {
			crew.Dump()
			require.FailNow(t, "the workers do not catch up", "%v", at)
		}
	}
	crew.Stop()

	seen, files := make(map[string]bool), 0
	last := make(map[string]string)
	require.NoError(t, dfs.Walk("/table", func(name string, info fs.FileInfo, err error) error {
		if err != nil || info.IsDir() || strings.Contains(name, "/_archive/") {
			return err
		}
		files++
		n, ok := archive.ParseName(path.Base(name))
		require.True(t, ok, name)
		r, err := dfs.Open(name)
		require.NoError(t, err)
		defer r.Close()
		rows := 0
		for s := bufio.NewScanner(r); s.Scan(); rows++ {
			require.False(t, seen[s.Text()], "twice: %s", s.Text())
			seen[s.Text()] = true
			var p int32
			var at int64
			_, err := fmt.Sscanf(s.Text(), "%d/%d", &p, &at)
			require.NoError(t, err, "%s is torn", name)
			require.True(t, p == n.Partition && at >= n.First && at <= n.Last, "%s in %s", s.Text(), name)
		}
		require.Positive(t, rows, name)
		last[path.Dir(name)] = name
		return nil
	}))
	require.Len(t, seen, each*partitions)
	killed, failures := crew.Kills()
	t.Logf("%d records, %d workers killed, %d ended by themselves: %d files in %d folders, none lost, repeated or torn", len(seen), killed, failures, files, len(last))
}

// contract is what archive.FS says of errors, and that creation is exclusive.
func contract(t *testing.T, h *hdfs.FS) {
	require.NoError(t, h.MkdirAll("a/b"))
	require.NoError(t, h.MkdirAll("a/b"))
	f, err := h.Create("a/b/c")
	require.NoError(t, err)
	_, err = h.Create("a/b/c")
	assert.ErrorIs(t, err, fs.ErrExist, "an open file")
	_, err = f.Write([]byte("text"))
	require.NoError(t, err)
	require.NoError(t, f.Sync())
	require.NoError(t, f.Close())
	_, err = h.Create("a/b/c")
	assert.ErrorIs(t, err, fs.ErrExist)
	require.NoError(t, h.Rename("a/b/c", "a/d"))
	assert.ErrorIs(t, h.Rename("a/b/c", "a/e"), fs.ErrNotExist)
	assert.ErrorIs(t, h.Remove("a/b/c"), fs.ErrNotExist)
	_, err = h.Open("a/b/c")
	assert.ErrorIs(t, err, fs.ErrNotExist)
	names, err := h.List("a")
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"b", "d"}, names)
	require.NoError(t, h.Remove("a/d"))
	require.NoError(t, h.Remove("a/b"))
	require.NoError(t, h.Remove("a"))

	var created sync.Map
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			if f, err := h.Create("one"); err == nil {
				created.Store(i, true)
				assert.NoError(t, f.Close())
			} else {
				assert.ErrorIs(t, err, fs.ErrExist)
			}
		})
	}
	all.Wait()
	n := 0
	created.Range(func(any, any) bool { n++; return true })
	assert.Equal(t, 1, n, "one of several creates it")
	require.NoError(t, h.Remove("one"))
}
