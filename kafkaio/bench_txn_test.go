//go:build unix

package kafkaio_test

import (
	"bytes"
	"context"
	"sync/atomic"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// BenchmarkCopyTxn is BenchmarkCopy exactly once. On a warm real broker pipeline and bare
// loop are even: 0.98 in records a second, medians of twelve runs of 300,000 and 400,000
// records each, though single pairs are between 0.8 and 1.3. A batch of 10,000 takes 20 to 25
// ms on either side, of which 11 to 17 are until its records are acknowledged, 3 to 5 the end
// of the transaction and 2 the poll. The pipeline's handlers, 2 ms, run before Begin, so that
// their time is not on the transaction's clock; the bare loop's records are on their way while
// it makes them, but it allocates each.
func BenchmarkCopyTxn(b *testing.B) {
	const batch = 10_000
	open := func(c broker, opts []kgo.Opt) func() (*kgo.GroupTransactSession, error) {
		return func() (*kgo.GroupTransactSession, error) {
			return kgo.NewGroupTransactSession(append(c.Opts(), opts...)...)
		}
	}
	b.Run("pipeline", func(b *testing.B) {
		c := benchCluster(b, 4)
		kafkatest.Measure(b, func(ready func()) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			p := &kafkaio.Pipeline{NewHandler: plainCopy, MaxRecords: batch, Observer: &countdown{left: b.N, ready: ready, stop: cancel}}
			if err := p.RunTxn(ctx, open(c, kafkaio.TxnOpts("t", "g", "in"))); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("bare", func(b *testing.B) {
		c := benchCluster(b, 4)
		benchSession(b, open(c, kafkaio.TxnOpts("t", "g", "in")), batch, bareProduce(b))
	})
	b.Run("naive", func(b *testing.B) {
		c := benchCluster(b, 4)
		opts := kafkaio.TxnOpts("t", "g", "in")
		benchSession(b, open(c, opts[:len(opts)-1]), 500, func(s *kgo.GroupTransactSession, fetches kgo.Fetches) {
			var rs []*kgo.Record
			fetches.EachRecord(func(r *kgo.Record) {
				rs = append(rs, &kgo.Record{Topic: "out", Key: r.Key, Value: bytes.Clone(r.Value), Headers: r.Headers, Timestamp: r.Timestamp})
			})
			if err := s.ProduceSync(context.Background(), rs...).FirstErr(); err != nil {
				b.Fatal(err)
			}
		})
	})
}

func bareProduce(b *testing.B) func(*kgo.GroupTransactSession, kgo.Fetches) {
	var failed atomic.Pointer[error]
	promise := func(_ *kgo.Record, err error) {
		if err != nil {
			failed.Store(&err)
		}
	}
	ctx := context.Background()
	return func(s *kgo.GroupTransactSession, fetches kgo.Fetches) {
		fetches.EachRecord(func(r *kgo.Record) {
			s.Produce(ctx, &kgo.Record{Topic: "out", Key: r.Key, Value: r.Value, Headers: r.Headers, Timestamp: r.Timestamp}, promise)
		})
		if err := s.Client().Flush(ctx); err != nil || failed.Load() != nil {
			b.Fatal(err, failed.Load())
		}
	}
}

// benchSession is the loop that one would write by hand.
func benchSession(b *testing.B, open func() (*kgo.GroupTransactSession, error), batch int, produce func(*kgo.GroupTransactSession, kgo.Fetches)) {
	s, err := open()
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	ctx := context.Background()
	kafkatest.Measure(b, func(ready func()) {
		left := b.N
		for first := true; left > 0; {
			fetches := s.PollRecords(ctx, batch)
			n := fetches.NumRecords()
			if n == 0 {
				continue
			}
			if err := s.Begin(); err != nil {
				b.Fatal(err)
			}
			produce(s, fetches)
			if committed, err := s.End(ctx, kgo.TryCommit); err != nil || !committed {
				b.Fatal(committed, err)
			}
			fetches.EachRecord((*kgo.Record).Recycle)
			if first {
				ready()
				first = false
				continue
			}
			left -= n
		}
	})
}
