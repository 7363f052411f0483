package archive_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

func feed(k *kafkatest.Kafka, partitions int32, n int) {
	for p := range partitions {
		k.Produce(records(p, 0, n, n)...)
	}
}

// TestLand: a topic becomes files, in all the formats.
func TestLand(t *testing.T) {
	for _, format := range []archive.NDJSON{{}, {Compression: archive.Zstd}, {Compression: archive.Plain}} {
		t.Run(format.Ext(), func(t *testing.T) {
			alongside(t)
			kafkatest.Each(t, 1, func(t *testing.T, k *kafkatest.Kafka) {
				k.Topic("in", 3)
				feed(k, 3, 1000)
				root := t.TempDir()
				var mu sync.Mutex
				told := make(map[string]int)
				w := &watcher{}
				a := &archive.Archive{
					FS: archive.Dir(root), Format: format, Observer: w,
					Roll: archive.Limits{Records: 300, Age: 100 * time.Millisecond},
					OnFolder: func(_ context.Context, folder string) error {
						mu.Lock()
						defer mu.Unlock()
						told[folder]++
						_, err := os.Stat(filepath.Join(root, folder))
						return err
					},
				}
				j := start(t, a, member(k))
				k.AwaitCommitted(t, "g", "in")
				require.NoError(t, j.Stop())
				requireOnce(t, root, format.Ext(), k.Read("in"))
				assert.Empty(t, left(t, root))
				want := make(map[string]int)
				for _, file := range landed(t, root) {
					want[path.Dir(file)] = 1
				}
				assert.Equal(t, want, told, "each folder once")
				assert.Len(t, want, 4, "hours 9 to 12")
				var sum archive.Roll
				for _, r := range w.all() {
					sum.Records += r.Records
					sum.BytesIn += r.BytesIn
					for _, f := range r.Files {
						sum.Bytes += f.Bytes
						info, err := os.Stat(filepath.Join(root, f.Path()))
						require.NoError(t, err)
						assert.Equal(t, info.Size(), f.Bytes)
					}
					assert.Contains(t, []archive.Reason{archive.ByCount, archive.ByAge}, r.Reason)
				}
				assert.EqualValues(t, 3000, sum.Records)
				assert.Positive(t, sum.Bytes)
			})
		})
	}
}

// TestAgain: Run goes on where the last one ended, with the same client and
// with another, whatever the group has committed.
func TestAgain(t *testing.T) {
	t.Parallel()
	c := kafkatest.Start(t)
	c.Topic("in", 2)
	root := t.TempDir()
	a := &archive.Archive{FS: archive.Dir(root), Format: archive.NDJSON{Compression: archive.Plain}, Roll: archive.Limits{Age: time.Hour}}
	cl := member(c.Kafka)
	for i := range 4 {
		for p := range int32(2) {
			c.Produce(records(p, i*100, i*100+100, 400)...)
		}
		if i == 2 {
			cl.CloseAllowingRebalance()
			// The group forgets what it had, as groups without members do.
			require.NoError(t, kafkaio.ReplayAt(t.Context(), c.Client(), "g", map[string]map[int32]int64{"in": {0: 0, 1: 150}}))
			cl = member(c.Kafka)
		}
		w := &watcher{}
		a.Observer = w
		j := start(t, a, cl)
		kafkatest.Until(t, "polled", func() bool { return cl.BufferedFetchRecords() == 0 && len(left(t, root)) >= 2 })
		time.Sleep(200 * time.Millisecond)
		require.NoError(t, j.Stop())
		require.True(t, c.CaughtUp("g", "in"), "the end of Run lands what is open")
		for _, r := range w.all() {
			assert.Equal(t, archive.ByStop, r.Reason)
		}
	}
	requireOnce(t, root, "ndjson", c.Read("in"))
}

// TestLimits: each limit has what is open landed.
func TestLimits(t *testing.T) {
	for _, test := range []struct {
		name string
		a    archive.Archive
		want archive.Reason
	}{
		{"size", archive.Archive{Roll: archive.Limits{Bytes: 50_000}}, archive.BySize},
		{"count", archive.Archive{Roll: archive.Limits{Records: 7}}, archive.ByCount},
		{"age", archive.Archive{Roll: archive.Limits{Age: 30 * time.Millisecond}, MaxRecords: 10}, archive.ByAge},
		{"files", archive.Archive{MaxFiles: 1}, archive.ByFiles},
		{"format", archive.Archive{Format: bySchema{}}, archive.ByFormat},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := kafkatest.Start(t)
			c.Topic("in", 1)
			n := 200
			if test.want == archive.BySize {
				n = 20_000
			}
			feed(c.Kafka, 1, n)
			root, w := t.TempDir(), &watcher{}
			a := test.a
			a.FS, a.Observer = archive.Dir(root), w
			if a.Format == nil {
				a.Format = archive.NDJSON{Compression: archive.Plain}
			}
			cl := member(c.Kafka)
			j := start(t, &a, cl)
			kafkatest.Until(t, "rolled", func() bool { return len(w.all()) > 0 && cl.BufferedFetchRecords() == 0 })
			time.Sleep(200 * time.Millisecond)
			require.NoError(t, j.Stop())
			require.True(t, c.CaughtUp("g", "in"))
			requireOnce(t, root, a.Format.Ext(), c.Read("in"))
			rolls := 0
			for _, r := range w.all() {
				if r.Reason == archive.ByStop {
					continue
				}
				rolls++
				assert.Equal(t, test.want, r.Reason, "%v", r.Reason)
				switch test.want {
				case archive.BySize:
					assert.Condition(t, func() bool {
						return slices.ContainsFunc(r.Files, func(f archive.Landed) bool { return f.Bytes >= 50_000 })
					})
				case archive.ByCount:
					assert.EqualValues(t, 7, r.Records)
				case archive.ByFiles:
					assert.Len(t, r.Files, 1)
				}
			}
			assert.Positive(t, rolls)
		})
	}
}

// TestOpenFiles: with many folders at once, no more files are open than may be.
func TestOpenFiles(t *testing.T) {
	t.Parallel()
	c := kafkatest.Start(t)
	const partitions, n, most = 4, 500, 10
	c.Topic("in", partitions)
	feed(c.Kafka, partitions, n)
	root := t.TempDir()
	var mu sync.Mutex
	open, worst := 0, 0
	count := func(by int) {
		mu.Lock()
		defer mu.Unlock()
		open += by
		worst = max(worst, open)
	}
	disk := &brokenFS{FS: archive.Dir(root), fail: func(op, name string) error {
		if strings.HasPrefix(path.Base(name), "data-") {
			switch op {
			case "create":
				count(1)
			case "close":
				count(-1)
			}
		}
		return nil
	}}
	a := &archive.Archive{
		FS: disk, MaxFiles: most, Format: archive.NDJSON{Compression: archive.Plain},
		Folder: func(dst []byte, r *kgo.Record) ([]byte, error) {
			return append(append(dst, "n="...), byte('a'+r.Offset*7%23)), nil
		},
	}
	cl := member(c.Kafka)
	j := start(t, a, cl)
	kafkatest.Until(t, "some landed", func() bool { return len(landed(t, root)) > 100 })
	require.NoError(t, j.Stop())
	require.True(t, c.CaughtUp("g", "in"))
	assert.LessOrEqual(t, worst, most+partitions)
	assert.Greater(t, worst, most/2)
	assert.Zero(t, open)
	total := 0
	for _, file := range landed(t, root) {
		total += len(lines(t, filepath.Join(root, file)))
	}
	assert.Equal(t, partitions*n, total)
}

// TestRejected: a record that cannot be landed costs itself, or stops Run with
// what came before it landed.
func TestRejected(t *testing.T) {
	bad := errors.New("bad")
	for name, test := range map[string]struct {
		change func(*archive.Archive)
		is     error
	}{
		"folder": {func(a *archive.Archive) {
			a.Folder = func(dst []byte, r *kgo.Record) ([]byte, error) {
				if r.Offset == 42 {
					return dst, bad
				}
				return archive.Hourly(nil)(dst, r)
			}
		}, bad},
		"event time": {func(a *archive.Archive) {
			a.Folder = archive.Hourly(func(r *kgo.Record) (time.Time, error) {
				if r.Offset == 42 {
					return time.Time{}, bad
				}
				return r.Timestamp, nil
			})
		}, bad},
		"path": {func(a *archive.Archive) {
			a.Folder = func(dst []byte, r *kgo.Record) ([]byte, error) {
				if r.Offset == 42 {
					return append(dst, "../../etc"...), nil
				}
				return archive.Hourly(nil)(dst, r)
			}
		}, archive.ErrFolder},
		"encoder":              {func(a *archive.Archive) { a.Format = rejecting{err: bad} }, bad},
		"never at home":        {func(a *archive.Archive) { a.Format = rejecting{err: archive.ErrNewFile} }, archive.ErrNewFile},
		"panic of the encoder": {func(a *archive.Archive) { a.Format = rejecting{err: bad, panics: true} }, bad},
		"panic of the format":  {func(a *archive.Archive) { a.Format = refusing{bad} }, bad},
		"panic of the folder": {func(a *archive.Archive) {
			a.Folder = func(dst []byte, r *kgo.Record) ([]byte, error) {
				if r.Offset == 42 {
					panic(bad)
				}
				return archive.Hourly(nil)(dst, r)
			}
		}, bad},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := kafkatest.Start(t)
			c.Topic("in", 1)
			feed(c.Kafka, 1, 100)
			root, w := t.TempDir(), &watcher{}
			a := &archive.Archive{FS: archive.Dir(root), Format: archive.NDJSON{Compression: archive.Plain}, Observer: w}
			test.change(a)
			cl := member(c.Kafka)
			for range 2 { // and again
				err := start(t, a, cl).Wait()
				rec, ok := errors.AsType[*kafkaio.RecordError](err)
				require.True(t, ok, "%v", err)
				require.EqualValues(t, 42, rec.Offset)
				require.ErrorIs(t, err, test.is)
			}
			assert.EqualValues(t, 42, c.Committed("g", "in")[0], "what came before has landed")
			a.OnError = func(_ *kgo.Record, err error) kafkaio.Action {
				assert.ErrorIs(t, err, test.is)
				return kafkaio.Skip
			}
			a.Roll.Age = 50 * time.Millisecond
			j := start(t, a, cl)
			c.AwaitCommitted(t, "g", "in")
			require.NoError(t, j.Stop())
			in := c.Read("in")
			requireOnce(t, root, "ndjson", slices.Delete(in, 42, 43))
			skipped := int64(0)
			for _, r := range w.all() {
				skipped += r.Skipped
			}
			assert.EqualValues(t, 1, skipped)
		})
	}
}

// TestPanics: a function of the caller's that panics while files land ends Run,
// not the process, and the next lands what there is.
func TestPanics(t *testing.T) {
	bad := errors.New("bad")
	for name, change := range map[string]func(*archive.Archive){
		"end of a file": func(a *archive.Archive) { a.Format = endless{bad} },
		"folder told":   func(a *archive.Archive) { a.OnFolder = func(context.Context, string) error { panic(bad) } },
	} {
		for _, roll := range []archive.Limits{{Records: 50}, {Age: 50 * time.Millisecond}, {}} {
			t.Run(fmt.Sprint(name, roll), func(t *testing.T) {
				t.Parallel()
				c := kafkatest.Start(t)
				c.Topic("in", 1)
				feed(c.Kafka, 1, 50)
				root := t.TempDir()
				a := plain(root)
				a.Roll = roll
				change(a)
				cl := member(c.Kafka)
				j := start(t, a, cl)
				if roll == (archive.Limits{}) {
					kafkatest.Until(t, "written", func() bool { return len(left(t, root)) > 0 && cl.BufferedFetchRecords() == 0 })
					j.Cancel()
				}
				err := j.Wait()
				_, ok := errors.AsType[*kafkaio.PanicError](err)
				require.True(t, ok, "%v", err)
				require.ErrorIs(t, err, bad)
				_, ok = errors.AsType[*kafkaio.RecordError](err)
				assert.False(t, ok, "no record is to blame: %v", err)
				assert.Equal(t, 1, strings.Count(err.Error(), "archive: "), err.Error())
				j = start(t, plain(root), cl)
				c.AwaitCommitted(t, "g", "in")
				require.NoError(t, j.Stop())
				requireOnce(t, root, "ndjson", c.Read("in"))
			})
		}
	}
}

// TestObserverPanics: Run ends, with all that it told of landed, and the next
// goes on. The same panic in Survived ends Run too.
func TestObserverPanics(t *testing.T) {
	bad := errors.New("bad")
	for name, o := range map[string]panicking{"Rolled": {bad, true}, "Survived": {bad, false}} {
		for _, roll := range []archive.Limits{{Records: 50}, {Age: 50 * time.Millisecond}, {Age: time.Hour}} {
			t.Run(fmt.Sprint(name, roll), func(t *testing.T) {
				t.Parallel()
				c := kafkatest.Start(t)
				c.Topic("in", 2)
				feed(c.Kafka, 2, 100)
				root := t.TempDir()
				a := plain(root)
				a.Roll, a.Observer = roll, o
				a.OnError = func(*kgo.Record, error) kafkaio.Action {
					t.Error("no record is to blame")
					return kafkaio.Skip
				}
				cl := member(c.Kafka)
				c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: kerr.RebalanceInProgress, Count: 1}) // to be survived
				j := start(t, a, cl)
				if roll.Age == time.Hour && o.rolled {
					kafkatest.Until(t, "written", func() bool { return len(left(t, root)) > 1 && cl.BufferedFetchRecords() == 0 })
					j.Cancel()
				}
				err := j.Wait()
				_, ok := errors.AsType[*kafkaio.PanicError](err)
				require.True(t, ok, "%v", err)
				require.ErrorIs(t, err, bad)
				require.ErrorContains(t, err, "archive: Observer: ")
				j = start(t, plain(root), cl)
				c.AwaitCommitted(t, "g", "in")
				require.NoError(t, j.Stop())
				requireOnce(t, root, "ndjson", c.Read("in"))
			})
		}
	}
}

// panicking is an Observer that panics.
type panicking struct {
	with   error
	rolled bool
}

func (p panicking) Rolled(*archive.Roll) {
	if p.rolled {
		panic(p.with)
	}
}

func (p panicking) Survived(error) {
	if !p.rolled {
		panic(p.with)
	}
}

// TestGoexit: a function of the caller's that ends its goroutine, as t.FailNow
// does, ends Run. Nothing is lost, or passed over.
func TestGoexit(t *testing.T) {
	for _, workers := range []int{1, 4} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			t.Parallel()
			c := kafkatest.Start(t)
			c.Topic("in", 4)
			feed(c.Kafka, 4, 100)
			root := t.TempDir()
			a := plain(root)
			a.Workers = workers
			a.Folder = func(dst []byte, r *kgo.Record) ([]byte, error) {
				if r.Offset == 42 {
					runtime.Goexit()
				}
				return archive.Hourly(nil)(dst, r)
			}
			cl := member(c.Kafka)
			require.ErrorContains(t, start(t, a, cl).Wait(), "ended its goroutine")
			cl.CloseAllowingRebalance()
			land(t, c.Kafka, plain(root))
			requireOnce(t, root, "ndjson", c.Read("in"))
		})
	}
}

// TestTombstones: a record without a value is no line.
func TestTombstones(t *testing.T) {
	t.Parallel()
	c := kafkatest.Start(t)
	c.Topic("in", 1)
	c.Produce(&kgo.Record{Topic: "in", Key: []byte("k")})
	err := start(t, &archive.Archive{FS: archive.Dir(t.TempDir())}, member(c.Kafka)).Wait()
	require.ErrorIs(t, err, archive.ErrLine)
}

// TestFolderCallback: an error of OnFolder ends Run, and the next is told of
// the same folder, which has its file.
func TestFolderCallback(t *testing.T) {
	t.Parallel()
	c := kafkatest.Start(t)
	c.Topic("in", 1)
	c.Produce(records(0, 0, 5, 100)...)
	root, away := t.TempDir(), errors.New("the metastore is away")
	var told []string
	fail := true
	a := &archive.Archive{
		FS: archive.Dir(root), Roll: archive.Limits{Records: 5}, Format: archive.NDJSON{Compression: archive.Plain},
		OnFolder: func(_ context.Context, folder string) error {
			told = append(told, folder)
			if fail {
				return away
			}
			return nil
		},
	}
	require.ErrorIs(t, start(t, a, member(c.Kafka, kgo.InstanceID("one"))).Wait(), away)
	require.Len(t, landed(t, root), 1)
	fail = false
	c.Produce(records(0, 5, 9, 100)...)
	j := start(t, a, member(c.Kafka, kgo.InstanceID("one")))
	kafkatest.Until(t, "the rest is written", func() bool { return len(left(t, root)) > 0 })
	require.NoError(t, j.Stop())
	requireOnce(t, root, "ndjson", c.Read("in"))
	assert.Equal(t, []string{"dt=2026-03-01/hour=10", "dt=2026-03-01/hour=10"}, told)
}
