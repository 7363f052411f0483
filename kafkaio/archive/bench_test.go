package archive_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

// BenchmarkArchive lands lines of an access log, beside a loop that only reads
// them, and one that writes the same bytes to a file.
func BenchmarkArchive(b *testing.B) {
	const n = 200_000
	c := kafkatest.Start(b)
	c.Topic("in", 4)
	fill(b, c.Kafka, n)
	lines, bytes := corpus(), int64(0)
	for i := range n {
		bytes += int64(len(lines[i%len(lines)]))
	}
	report := func(b *testing.B) {
		b.SetBytes(bytes)
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	}
	groups := 0
	client := func() *kgo.Client {
		groups++
		return c.Client(append(kafkaio.GroupOpts(fmt.Sprint("g", groups), "in"), kgo.FetchMaxWait(10*time.Millisecond))...)
	}
	for _, format := range []archive.NDJSON{{Compression: archive.Plain}, {Compression: archive.Zstd}, {Compression: archive.Gzip}} {
		b.Run(format.Ext(), func(b *testing.B) {
			for b.Loop() {
				ctx, cancel := context.WithCancel(b.Context())
				left := int64(n)
				a := &archive.Archive{
					FS: archive.Dir(b.TempDir()), Format: format, Workers: 1,
					Folder: func(dst []byte, r *kgo.Record) ([]byte, error) {
						if left--; left == 0 {
							cancel()
						}
						return archive.Hourly(nil)(dst, r)
					},
				}
				cl := client()
				require.NoError(b, a.Run(ctx, cl))
				cl.CloseAllowingRebalance()
			}
			report(b)
		})
	}
	b.Run("poll only", func(b *testing.B) {
		for b.Loop() {
			cl := client()
			for left := n; left > 0; cl.AllowRebalance() {
				cl.PollRecords(b.Context(), 10_000).EachRecord(func(r *kgo.Record) { left--; r.Recycle() })
			}
			cl.CloseAllowingRebalance()
		}
		report(b)
	})
	b.Run("write only", func(b *testing.B) {
		for b.Loop() {
			f, err := os.Create(filepath.Join(b.TempDir(), "file"))
			require.NoError(b, err)
			w := bufio.NewWriterSize(f, 64<<10)
			for i := range n {
				_, _ = w.Write(lines[i%len(lines)])
				_ = w.WriteByte('\n')
			}
			require.NoError(b, w.Flush())
			require.NoError(b, f.Sync())
			require.NoError(b, f.Close())
		}
		report(b)
	})
}

// TestAllocs: a record that goes where the last one went costs no allocation of
// the archive's own.
func TestAllocs(t *testing.T) {
	enc, err := archive.NDJSON{Compression: archive.Plain}.NewEncoder(discard{}, nil)
	require.NoError(t, err)
	folder := archive.Hourly(nil)
	rec := records(0, 0, 1, 1)[0]
	var dst []byte
	require.Zero(t, testing.AllocsPerRun(1000, func() {
		if dst, err = folder(dst[:0], rec); err != nil {
			t.Error(err)
		}
		if err := enc.WriteEncoded(rec.Value); err != nil {
			t.Error(err)
		}
	}))
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
