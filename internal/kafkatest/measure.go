//go:build unix

package kafkatest

import (
	"context"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// Measure runs loop, which handles b.N records after it has called ready, and
// reports what each cost. The processor time is of the whole process, a fake
// broker in it included.
func Measure(b *testing.B, loop func(ready func())) {
	b.ReportAllocs()
	var began, before = time.Time{}, time.Duration(0)
	var mem runtime.MemStats
	loop(func() {
		runtime.ReadMemStats(&mem)
		b.ResetTimer()
		began, before = time.Now(), cpu(b)
	})
	b.StopTimer()
	used, took := cpu(b)-before, time.Since(began)
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	n := float64(b.N)
	b.ReportMetric(n/took.Seconds(), "records/s")
	b.ReportMetric(used.Seconds()/n*1e6, "cpu-s/Mrecord")
	b.ReportMetric(float64(after.Mallocs-mem.Mallocs)/n, "allocs/record")
	b.ReportMetric(float64(after.TotalAlloc-mem.TotalAlloc)/n, "B/record")
}

// cpu returns the processor time that the process has used.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal("kafkatest: ", err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BareLoop measures the loop that one would write by hand to copy one topic to
// another and lose nothing, in polls of at most batch records.
func BareLoop(b *testing.B, cl *kgo.Client, out string, batch int) {
	ctx := context.Background()
	var failed atomic.Pointer[error]
	promise := func(_ *kgo.Record, err error) {
		if err != nil {
			failed.Store(&err)
		}
	}
	Measure(b, func(ready func()) {
		left := b.N
		for first := true; left > 0; first = false {
			fetches := cl.PollRecords(ctx, batch)
			n := fetches.NumRecords()
			fetches.EachRecord(func(r *kgo.Record) {
				cl.Produce(ctx, &kgo.Record{Topic: out, Key: r.Key, Value: r.Value, Headers: r.Headers, Timestamp: r.Timestamp}, promise)
			})
			if err := cl.Flush(ctx); err != nil || failed.Load() != nil {
				b.Fatal(err, failed.Load())
			}
			if err := cl.CommitUncommittedOffsets(ctx); err != nil {
				b.Fatal(err)
			}
			fetches.EachRecord((*kgo.Record).Recycle)
			cl.AllowRebalance()
			if first { // what the first batch costs once is not counted
				ready()
				continue
			}
			left -= n
		}
	})
}
