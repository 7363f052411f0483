package archive_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

// A fault is an operation that fails: the n-th of its kind.
type fault struct {
	op string
	n  int
	// dead has all operations after it fail too, as for a process that died.
	dead bool
	// panics has it panic with err.
	panics bool
	err    error
	mu     sync.Mutex
	seen   int
	hit    bool
}

func (f *fault) fail(op, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.hit && f.dead {
		return f.err
	}
	if op != f.op {
		return nil
	}
	if f.seen++; f.seen != f.n {
		return nil
	}
	f.hit = true
	if f.panics {
		panic(f.err)
	}
	return f.err
}

// TestFaults: each operation of the FS fails, once, or for ever from then on, or
// panics. Run
// ends and says which, nothing is lost, and another Run lands it all.
func TestFaults(t *testing.T) {
	broken := errors.New("broken")
	for _, op := range []string{"create", "open", "read", "write", "sync", "close", "rename", "remove", "list", "mkdir", "sync folder"} {
		for _, how := range []string{"once", "dead", "panics"} {
			t.Run(fmt.Sprint(op, " ", how), func(t *testing.T) {
				dead := how == "dead"
				t.Parallel()
				c := kafkatest.Start(t)
				c.Topic("in", 2)
				root := t.TempDir()
				cl := member(c.Kafka)
				a := &archive.Archive{Format: archive.NDJSON{Compression: archive.Plain}, Roll: archive.Limits{Records: 100, Age: 20 * time.Millisecond}, MaxRecords: 150}
				hits, fed := 0, 120
				feed(c.Kafka, 2, fed)
				a.FS = archive.Dir(root) // something to be taken over
				j := start(t, a, cl)
				c.AwaitCommitted(t, "g", "in")
				require.NoError(t, j.Stop())
				for n := 1; n < 80; n += 1 + n/2 {
					for p := range int32(2) {
						c.Produce(records(p, fed, fed+120, 3000)...)
					}
					fed += 120
					f := &fault{op: op, n: n, dead: dead, panics: how == "panics", err: broken}
					a.FS = &brokenFS{FS: archive.Dir(root), fail: f.fail}
					j := start(t, a, cl)
					select {
					case <-j.Done():
						err := j.Wait()
						failed, ok := errors.AsType[*archive.FSError](err)
						require.True(t, ok, "%v", err)
						assert.True(t, dead || op == failed.Op, "%v", err)
						require.ErrorIs(t, err, broken)
						hits++
						continue
					case <-time.After(300 * time.Millisecond): // no such operation any more
					}
					if err := j.Stop(); err != nil {
						require.ErrorIs(t, err, broken)
						hits++
						continue
					}
					break
				}
				assert.Positive(t, hits)
				a.FS = archive.Dir(root)
				j = start(t, a, cl)
				c.AwaitCommitted(t, "g", "in")
				require.NoError(t, j.Stop())
				requireOnce(t, root, "ndjson", c.Read("in"))
				assert.Empty(t, left(t, root))
			})
		}
	}
}

// TestFolderVanishes: somebody removes a folder between two steps of a roll, as
// DROP PARTITION does. The file that was to get there is not taken for one that
// is there already.
func TestFolderVanishes(t *testing.T) {
	t.Parallel()
	c := kafkatest.Start(t)
	c.Topic("in", 1)
	feed(c.Kafka, 1, 50)
	root := t.TempDir()
	var once sync.Once
	a := plain(root)
	a.FS = &brokenFS{FS: lasting{archive.Dir(root)}, fail: func(op, name string) error {
		if op == "rename" && strings.HasPrefix(name, "dt=") {
			once.Do(func() { assert.NoError(t, os.Remove(filepath.Join(root, filepath.Dir(name)))) })
		}
		return nil
	}}
	cl := member(c.Kafka)
	failed, ok := errors.AsType[*archive.FSError](start(t, a, cl).Wait())
	require.True(t, ok)
	assert.Equal(t, "rename", failed.Op)
	j := start(t, a, cl)
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	requireOnce(t, root, "ndjson", c.Read("in"))
}

// lasting is a store whose names always last.
type lasting struct{ archive.FS }

func (lasting) SyncDir(string) error { return nil }

// TestBothNames: after a crash a store may have a file under both its names, and
// not overwrite the second with the first.
func TestBothNames(t *testing.T) {
	t.Parallel()
	c := kafkatest.Start(t)
	c.Topic("in", 1)
	feed(c.Kafka, 1, 50)
	root := t.TempDir()
	temps := filepath.Join(root, "_archive", "in+0", "data-*")
	a := plain(root)
	store := &twoNames{brokenFS{FS: archive.Dir(root), fail: func(string, string) error { return nil }}, root}
	a.FS = store
	j := start(t, a, member(c.Kafka))
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	requireOnce(t, root, "ndjson", c.Read("in"))
	found, err := filepath.Glob(temps)
	require.NoError(t, err)
	assert.Empty(t, found)
}

// twoNames is a store that gives a file its second name, and says that it had it.
type twoNames struct {
	brokenFS
	root string
}

func (s *twoNames) Rename(from, to string) error {
	if !strings.HasPrefix(to, "dt=") {
		return s.FS.Rename(from, to)
	}
	if err := os.Link(filepath.Join(s.root, from), filepath.Join(s.root, to)); err != nil {
		return err
	}
	return &fs.PathError{Op: "rename", Path: to, Err: fs.ErrExist}
}

// TestDiskFull: Run ends with ENOSPC, frees what had not landed, and goes on
// when there is room again.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	c := kafkatest.Start(t)
	c.Topic("in", 2)
	feed(c.Kafka, 2, 20_000)
	root := t.TempDir()
	room := &quota{left: 300_000}
	a := &archive.Archive{FS: &brokenFS{FS: archive.Dir(root), fail: func(string, string) error { return nil }}, Format: archive.NDJSON{Compression: archive.Plain}, Roll: archive.Limits{Records: 5000}}
	a.FS = &quotaFS{a.FS, room}
	cl := member(c.Kafka)
	require.ErrorIs(t, start(t, a, cl).Wait(), syscall.ENOSPC)
	assert.NotEmpty(t, landed(t, root), "what there was room for")
	assert.Empty(t, left(t, root), "no room is kept by what has not landed")
	room.add(-1 << 30)
	for range 40 { // processes that a supervisor starts
		require.ErrorIs(t, start(t, a, cl).Wait(), syscall.ENOSPC)
	}
	room.add(1 << 30)
	states, err := os.ReadDir(filepath.Join(root, "_archive", "in+0"))
	require.NoError(t, err)
	assert.LessOrEqual(t, len(states), 36, "nor by tries to begin")
	require.ErrorIs(t, start(t, a, cl).Wait(), syscall.ENOSPC)
	room.add(10_000_000)
	j := start(t, a, cl)
	kafkatest.Until(t, "written", func() bool { at := c.Committed("g", "in"); return at[0] == 20_000 && at[1] == 20_000 })
	require.NoError(t, j.Stop())
	requireOnce(t, root, "ndjson", c.Read("in"))
}

// A quota is how many bytes may still be written.
type quota struct {
	mu   sync.Mutex
	left int
}

func (q *quota) add(n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.left += n
}

type quotaFS struct {
	archive.FS
	*quota
}

func (q *quotaFS) Create(name string) (archive.File, error) {
	f, err := q.FS.Create(name)
	if err != nil {
		return nil, err
	}
	return &quotaFile{f, q.quota}, nil
}

type quotaFile struct {
	archive.File
	*quota
}

func (f *quotaFile) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := min(len(p), max(f.left, 0))
	f.left -= n
	if n < len(p) {
		written, _ := f.File.Write(p[:n])
		return written, &fs.PathError{Op: "write", Err: syscall.ENOSPC}
	}
	return f.File.Write(p)
}

// TestPermission: a root that cannot be written to, and a folder that cannot.
func TestPermission(t *testing.T) {
	t.Run("root", func(t *testing.T) {
		t.Parallel()
		c := kafkatest.Start(t)
		c.Topic("in", 1)
		feed(c.Kafka, 1, 100)
		root := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(root, nil, 0o600)) // as good as no permission, for root too
		err := start(t, &archive.Archive{FS: archive.Dir(root)}, member(c.Kafka)).Wait()
		failed, ok := errors.AsType[*archive.FSError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, "mkdir", failed.Op)
		assert.ErrorIs(t, err, syscall.ENOTDIR)
		assert.Empty(t, c.Committed("g", "in"))
	})
	t.Run("folder", func(t *testing.T) {
		t.Parallel()
		c := kafkatest.Start(t)
		c.Topic("in", 1)
		feed(c.Kafka, 1, 100)
		root, denied := t.TempDir(), true
		a := &archive.Archive{Format: archive.NDJSON{Compression: archive.Plain}, Roll: archive.Limits{Records: 100}, FS: &brokenFS{FS: archive.Dir(root), fail: func(op, name string) error {
			if denied && op == "rename" && strings.HasPrefix(name, "dt=2026-03-01/hour=11/") {
				return &fs.PathError{Op: op, Path: name, Err: fs.ErrPermission}
			}
			return nil
		}}}
		cl := member(c.Kafka)
		for range 3 { // a roll that is begun is not undone, and not gone past
			require.ErrorIs(t, start(t, a, cl).Wait(), fs.ErrPermission)
		}
		assert.NotEmpty(t, landed(t, root))
		assert.NotEmpty(t, left(t, root))
		denied = false
		j := start(t, a, cl)
		c.AwaitCommitted(t, "g", "in")
		require.NoError(t, j.Stop())
		requireOnce(t, root, "ndjson", c.Read("in"))
		assert.Empty(t, left(t, root))
	})
}

// TestCorrupt: an entry that somebody has damaged stops the partition.
func TestCorrupt(t *testing.T) {
	t.Parallel()
	c := kafkatest.Start(t)
	c.Topic("in", 1)
	c.Produce(records(0, 0, 10, 100)...)
	root := t.TempDir()
	a := &archive.Archive{FS: archive.Dir(root), Roll: archive.Limits{Records: 10}}
	cl := member(c.Kafka)
	j := start(t, a, cl)
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	rolls, err := filepath.Glob(filepath.Join(root, "_archive", "in+0", "roll-*"))
	require.NoError(t, err)
	require.Len(t, rolls, 1)
	text, err := os.ReadFile(rolls[0])
	require.NoError(t, err)
	for _, bad := range []string{"", string(text[:len(text)/2]), strings.Replace(string(text), `"in"`, `"on"`, 1), strings.Replace(string(text), "data-", "dat-", 1)} {
		require.NoError(t, os.WriteFile(rolls[0], []byte(bad), 0o600))
		c.Produce(&kgo.Record{Topic: "in", Value: []byte("x")})
		err := start(t, a, cl).Wait()
		require.ErrorIs(t, err, archive.ErrCorrupt)
		where, ok := errors.AsType[*archive.PartitionError](err)
		require.True(t, ok)
		assert.Equal(t, "in", where.Topic)
	}
}

// TestDataLoss: what retention took before it had landed.
func TestDataLoss(t *testing.T) {
	t.Parallel()
	c := kafkatest.Start(t)
	c.Topic("in", 1)
	c.Produce(records(0, 0, 100, 400)...)
	root, w := t.TempDir(), &watcher{}
	a := &archive.Archive{FS: archive.Dir(root), Format: archive.NDJSON{Compression: archive.Plain}, Roll: archive.Limits{Age: 50 * time.Millisecond}, Observer: w}
	cl := member(c.Kafka)
	j := start(t, a, cl)
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	cl.CloseAllowingRebalance()
	c.Produce(records(0, 100, 200, 400)...)
	require.NoError(t, c.DeleteRecords("in", 0, 150))
	cl = member(c.Kafka)
	var lost *kgo.ErrDataLoss
	require.ErrorAs(t, start(t, a, cl).Wait(), &lost)
	other := c.Client(append(append(kafkaio.GroupOpts("h", "in"), quick()...), kgo.ConsumeResetOffset(kgo.NewOffset().AtEnd()))...)
	cl.CloseAllowingRebalance()
	a.OnDataLoss = kafkaio.Skip
	j = start(t, a, other)
	time.Sleep(300 * time.Millisecond)
	c.Produce(records(0, 200, 300, 400)...) // and a group that begins at the end goes back
	kafkatest.Until(t, "all has landed", func() bool { return c.Committed("h", "in")[0] == 300 })
	require.NoError(t, j.Stop())
	requireOnce(t, root, "ndjson", append(records0(0, 100), records0(150, 300)...))
	assert.ErrorAs(t, errors.Join(w.survived...), &lost)
}

// TestDataLossWhileOpen: retention takes what was not read yet, before anything
// has landed or was committed.
func TestDataLossWhileOpen(t *testing.T) {
	t.Parallel()
	c := kafkatest.Start(t)
	c.Topic("in", 1)
	c.Produce(records(0, 0, 100, 400)...)
	root := t.TempDir()
	a := plain(root)
	a.Roll = archive.Limits{Age: time.Hour}
	cl := member(c.Kafka)
	j := start(t, a, cl)
	kafkatest.Until(t, "written", func() bool { return len(left(t, root)) > 0 && cl.BufferedFetchRecords() == 0 })
	cl.PauseFetchTopics("in")
	time.Sleep(100 * time.Millisecond) // for the fetch on its way
	c.Produce(records(0, 100, 200, 400)...)
	require.NoError(t, c.DeleteRecords("in", 0, 150))
	cl.ResumeFetchTopics("in")
	var lost *kgo.ErrDataLoss
	require.ErrorAs(t, j.Wait(), &lost)
	assert.EqualValues(t, 100, lost.ConsumedTo)
	assert.EqualValues(t, 150, lost.ResetTo)
	requireOnce(t, root, "ndjson", records0(0, 100))
}

// TestNoDataLoss: retention takes what has landed, though the group does not
// know yet that it has.
func TestNoDataLoss(t *testing.T) {
	t.Parallel()
	c := kafkatest.Start(t)
	c.Topic("in", 1)
	c.Produce(records(0, 0, 200, 400)...)
	root := t.TempDir()
	cl := member(c.Kafka)
	j := start(t, plain(root), cl)
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	cl.CloseAllowingRebalance()
	require.NoError(t, kafkaio.ReplayAt(t.Context(), c.Client(), "g", map[string]map[int32]int64{"in": {0: 50}}))
	require.NoError(t, c.DeleteRecords("in", 0, 150))
	j = start(t, plain(root), member(c.Kafka))
	c.Produce(records(0, 200, 300, 400)...)
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	requireOnce(t, root, "ndjson", records0(0, 300))
}

// records0 are records of TestDataLoss as they are in the log.
func records0(i, j int) (rs []*kgo.Record) {
	for n, r := range records(0, i, j, 400) {
		r.Offset = int64(i + n)
		rs = append(rs, r)
	}
	return rs
}

// TestRefused: what Run does not begin with.
func TestRefused(t *testing.T) {
	c := kafkatest.Start(t)
	c.Topic("in", 1)
	good := archive.Archive{FS: archive.Dir(t.TempDir())}
	_, unsafe := errors.AsType[*kafkaio.ClientError](good.Run(t.Context(), c.Client(kgo.ConsumerGroup("g"), kgo.ConsumeTopics("in"))))
	assert.True(t, unsafe)
	for _, bad := range []archive.Archive{
		{}, {FS: good.FS, OnDataLoss: kafkaio.DeadLetter}, {FS: good.FS, DeadLetter: "in"},
	} {
		assert.ErrorContains(t, bad.Run(t.Context(), member(c.Kafka)), "archive: ")
	}
	for name, bad := range map[string]archive.Archive{
		"Roll.Bytes": {Roll: archive.Limits{Bytes: -1}}, "Roll.Records": {Roll: archive.Limits{Records: -1}}, "Roll.Age": {Roll: archive.Limits{Age: -1}},
		"MaxFiles": {MaxFiles: -1}, "Workers": {Workers: -1}, "MaxRecords": {MaxRecords: -1}, "DrainTimeout": {DrainTimeout: -1},
	} {
		bad.FS = good.FS
		assert.EqualError(t, bad.Run(t.Context(), member(c.Kafka)), "archive: Archive."+name+" is negative")
	}
	assert.ErrorContains(t, good.Run(t.Context(), nil), "the client is nil")
	good.DeadLetter = "dead"
	assert.ErrorContains(t, good.Run(t.Context(), nil), "the client is nil")
	_, unsafe = errors.AsType[*kafkaio.ClientError](good.Run(t.Context(), member(c.Kafka, kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite())))
	assert.True(t, unsafe)
}
