package archive_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

// began is the event time of the first record of tests.
var began = time.Date(2026, 3, 1, 10, 30, 0, 0, time.UTC)

// member returns a client of group "g" that reads topic "in" without delay.
func member(k *kafkatest.Kafka, opts ...kgo.Opt) *kgo.Client {
	return k.Client(append(append(kafkaio.GroupOpts("g", "in"), quick()...), opts...)...)
}

func quick() []kgo.Opt {
	return []kgo.Opt{
		kgo.FetchMinBytes(1),
		kgo.FetchMaxWait(20 * time.Millisecond),
		kgo.RebalanceTimeout(3 * time.Second),
		kgo.SessionTimeout(4 * time.Second),
	}
}

// alongside has a test of kafkatest.Each run with others at once, unless they
// would share a real broker.
func alongside(t *testing.T) {
	if !kafkatest.Real() {
		t.Parallel()
	}
}

// start has a run in the background.
func start(t *testing.T, a *archive.Archive, cl *kgo.Client) *kafkatest.Job {
	t.Helper()
	return kafkatest.Begin(t, func(ctx context.Context) error { return a.Run(ctx, cl) })
}

// values of records say where they are: "partition/index".
func value(p int32, i int) []byte { return fmt.Appendf(nil, `{"at":"%d/%d"}`, p, i) }

// records returns records of partition p, numbered from i to j, whose event
// times go through two hours, with every tenth an hour late.
func records(p int32, i, j, of int) (rs []*kgo.Record) {
	for ; i < j; i++ {
		at := began.Add(time.Duration(i) * 2 * time.Hour / time.Duration(of))
		if i%10 == 9 {
			at = at.Add(-time.Hour)
		}
		rs = append(rs, &kgo.Record{Topic: "in", Partition: p, Timestamp: at, Value: value(p, i)})
	}
	return rs
}

// requireOnce checks that all that is in "in" has landed, each offset once, in
// its own folder, in order there, in files that are whole and named for what
// they hold.
func requireOnce(t testing.TB, root string, ext string, in []*kgo.Record) {
	t.Helper()
	want := make(map[string]*kgo.Record)
	for _, r := range in {
		want[string(r.Value)] = r
	}
	require.Len(t, want, len(in), "values are different")
	seen := make(map[string]string)
	last := make(map[string]int64) // by folder and partition
	for _, file := range landed(t, root) {
		name, ok := archive.ParseName(path.Base(file))
		require.True(t, ok, "a name: %s", file)
		require.Equal(t, ext, name.Ext, file)
		folder := path.Dir(file)
		key := fmt.Sprint(folder, name.Partition)
		before, again := last[key]
		first := true
		for _, line := range lines(t, filepath.Join(root, file)) {
			r := want[line]
			require.NotNil(t, r, "%s has what nobody sent", file)
			require.Empty(t, seen[line], "offset %d of partition %d is in two files, %s", r.Offset, r.Partition, file)
			seen[line] = file
			require.Equal(t, name.Partition, r.Partition, file)
			require.Equal(t, r.Timestamp.UTC().Format("dt=2006-01-02/hour=15"), folder, "%s has what belongs elsewhere", file)
			if first {
				require.Equal(t, name.First, r.Offset, "the first of %s", file)
			}
			if again || !first {
				require.Greater(t, r.Offset, before, "%s is out of order", file)
			}
			before, first = r.Offset, false
		}
		require.Equal(t, name.Last, before, "the last of %s", file)
		last[key] = before
	}
	require.Equal(t, len(want), len(seen), "records landed")
}

// landed returns the files below root that readers of tables see, in order.
func landed(t testing.TB, root string) (files []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), "_") {
			return fs.SkipDir
		}
		if !d.IsDir() {
			files = append(files, name)
		}
		return nil
	})
	require.NoError(t, err)
	slices.Sort(files)
	return files
}

// left returns the names of data files that have not landed, of all partitions.
func left(t testing.TB, root string) (names []string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, "_archive", "*", "data-*"))
	require.NoError(t, err)
	return found
}

// lines reads a file of NDJSON, whichever it is.
func lines(t testing.TB, file string) (lines []string) {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	var r io.Reader = bytes.NewReader(data)
	switch path.Ext(file) {
	case ".gz":
		r, err = gzip.NewReader(r)
	case ".zst":
		r, err = zstd.NewReader(r, zstd.WithDecoderConcurrency(1))
	}
	require.NoError(t, err, file)
	s := bufio.NewScanner(r)
	for s.Scan() {
		lines = append(lines, s.Text())
	}
	require.NoError(t, s.Err(), "%s is torn", file)
	return lines
}

// A watcher is an Observer that keeps what it is told.
type watcher struct {
	mu       sync.Mutex
	rolls    []archive.Roll
	survived []error
}

func (w *watcher) Rolled(r *archive.Roll) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rolls = append(w.rolls, *r)
}

func (w *watcher) Survived(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.survived = append(w.survived, err)
}

func (w *watcher) all() []archive.Roll {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.rolls)
}

// met reports whether an error was survived.
func (w *watcher) met(err error) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.survived, func(e error) bool { return errors.Is(e, err) })
}

// A brokenFS is a Dir whose operations fail when fail says so.
type brokenFS struct {
	archive.FS
	fail func(op, name string) error
}

func (b *brokenFS) Create(name string) (archive.File, error) {
	if err := b.fail("create", name); err != nil {
		return nil, err
	}
	f, err := b.FS.Create(name)
	if err != nil {
		return nil, err
	}
	return &brokenFile{f, b, name}, nil
}

func (b *brokenFS) Open(name string) (io.ReadCloser, error) {
	if err := b.fail("open", name); err != nil {
		return nil, err
	}
	r, err := b.FS.Open(name)
	return &brokenReader{r, b, name}, err
}

type brokenReader struct {
	io.ReadCloser
	b    *brokenFS
	name string
}

func (r *brokenReader) Read(p []byte) (int, error) {
	if err := r.b.fail("read", r.name); err != nil {
		return 0, err
	}
	return r.ReadCloser.Read(p)
}

func (b *brokenFS) Rename(from, to string) error {
	if err := b.fail("rename", to); err != nil {
		return err
	}
	return b.FS.Rename(from, to)
}

func (b *brokenFS) Remove(name string) error {
	if err := b.fail("remove", name); err != nil {
		return err
	}
	return b.FS.Remove(name)
}

func (b *brokenFS) List(dir string) ([]string, error) {
	if err := b.fail("list", dir); err != nil {
		return nil, err
	}
	return b.FS.List(dir)
}

func (b *brokenFS) MkdirAll(dir string) error {
	if err := b.fail("mkdir", dir); err != nil {
		return err
	}
	return b.FS.MkdirAll(dir)
}

func (b *brokenFS) SyncDir(dir string) error {
	if err := b.fail("sync folder", dir); err != nil {
		return err
	}
	return b.FS.SyncDir(dir)
}

type brokenFile struct {
	archive.File
	b    *brokenFS
	name string
}

func (f *brokenFile) Write(p []byte) (int, error) {
	if err := f.b.fail("write", f.name); err != nil {
		// Half of it, as a disk does that gets full.
		n, _ := f.File.Write(p[:len(p)/2])
		return n, err
	}
	return f.File.Write(p)
}

func (f *brokenFile) Sync() error {
	if err := f.b.fail("sync", f.name); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f *brokenFile) Close() error {
	err := f.File.Close()
	if failed := f.b.fail("close", f.name); failed != nil {
		return failed
	}
	return err
}

// corpus are lines of an access log, of 640 bytes or so.
var corpus = sync.OnceValue(func() [][]byte { return logtest.Corpus24(5000) })

// fill produces n records to "in".
func fill(t testing.TB, k *kafkatest.Kafka, n int) {
	cl := k.Client(kgo.RecordPartitioner(kgo.RoundRobinPartitioner()), kgo.ProducerLinger(5*time.Millisecond), kgo.MaxBufferedRecords(50_000))
	defer cl.Close()
	lines := corpus()
	for i := range n {
		cl.Produce(t.Context(), &kgo.Record{Topic: "in", Key: fmt.Append(nil, i), Value: lines[i%len(lines)], Timestamp: began}, func(_ *kgo.Record, err error) {
			if err != nil {
				t.Error(err)
			}
		})
	}
	require.NoError(t, cl.Flush(t.Context()))
}
