//go:build unix

package kafkaio_test

import (
	"bytes"
	"context"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// benchCluster serves lines of 640 bytes without end, in batches of 1 MB as a
// busy producer writes them, and forgets what is produced: the figures are
// those of the client's side as far as one process can tell. With
// LTSVPIPE_REAL=1 it is a real broker, which has the lines and keeps the
// results.
func benchCluster(b *testing.B, partitions int32) broker {
	if kafkatest.Real() {
		warmUp.Do(func() { copyOnce(b, realCluster(b, partitions, warmUpRecords), warmUpRecords) })
		return realCluster(b, partitions, b.N+30_000) // the first batch is not measured
	}
	c := kafkatest.Start(b,
		kfake.SyntheticFetch(kfake.SyntheticBatch{Records: 1500, RecordBytes: 640, RandomFrac: 0.3, Compression: kgo.SnappyCompression()}),
		kfake.BlackholeProduce())
	c.Topic("in", partitions)
	c.Topic("out", partitions)
	return c
}

// warmUp has a real broker copy records before anything is measured. Its JVM compiles what
// it does often, so that without it what is measured first pays for that: bare loop or
// pipeline, it has 0.6 to 0.9 of the records a second of the other.
var warmUp sync.Once

const warmUpRecords = 1_500_000

func realCluster(b *testing.B, partitions int32, records int) *kafkatest.Kafka {
	k := kafkatest.StartReal(b, 1).Wiped(b)
	k.Topic("in", partitions)
	k.Topic("out", partitions)
	fill(b, k, records)
	return k
}

func copyOnce(b *testing.B, k *kafkatest.Kafka, records int) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	p := &kafkaio.Pipeline{NewHandler: plainCopy, Observer: &countdown{left: records, stop: cancel}}
	if err := p.RunTxn(ctx, func() (*kgo.GroupTransactSession, error) {
		return kgo.NewGroupTransactSession(append(k.Opts(), kafkaio.TxnOpts("warm", "warm", "in")...)...)
	}); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkCopy compares a copying handler with the loop that one would write
// by hand for the same promise, and with what one would write first.
func BenchmarkCopy(b *testing.B) {
	const batch = 10_000
	b.Run("pipeline", func(b *testing.B) {
		c := benchCluster(b, 4)
		cl := c.Client(kafkaio.GroupOpts("g", "in")...)
		kafkatest.Measure(b, func(ready func()) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			o := &countdown{left: b.N, ready: ready, stop: cancel}
			p := &kafkaio.Pipeline{NewHandler: plainCopy, MaxRecords: batch, Observer: o}
			if err := p.Run(ctx, cl); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("bare", func(b *testing.B) { benchBare(b, batch, kafkaio.GroupOpts("g", "in")) })
	b.Run("bare without pools", func(b *testing.B) {
		benchBare(b, batch, noPools())
	})
	b.Run("naive", func(b *testing.B) {
		c := benchCluster(b, 4)
		cl := c.Client(noPools()...)
		ctx := context.Background()
		kafkatest.Measure(b, func(ready func()) {
			left := b.N
			for first := true; left > 0; first = false {
				fetches := cl.PollRecords(ctx, 500)
				var rs []*kgo.Record
				fetches.EachRecord(func(r *kgo.Record) {
					rs = append(rs, &kgo.Record{Topic: "out", Key: r.Key, Value: bytes.Clone(r.Value), Headers: r.Headers, Timestamp: r.Timestamp})
				})
				if err := cl.ProduceSync(ctx, rs...).FirstErr(); err != nil {
					b.Fatal(err)
				}
				if err := cl.CommitUncommittedOffsets(ctx); err != nil {
					b.Fatal(err)
				}
				cl.AllowRebalance()
				if first {
					ready()
					continue
				}
				left -= len(rs)
			}
		})
	})
}

func benchBare(b *testing.B, batch int, opts []kgo.Opt) {
	kafkatest.BareLoop(b, benchCluster(b, 4).Client(opts...), "out", batch)
}

// noPools is GroupOpts without the last, which is the pools.
func noPools() []kgo.Opt {
	opts := kafkaio.GroupOpts("g", "in")
	return opts[:len(opts)-1]
}

// countdown stops a pipeline when it has read enough.
type countdown struct {
	left        int
	ready, stop func()
}

func (o *countdown) Settled(s *kafkaio.Settlement) {
	if o.ready != nil {
		o.ready()
		o.ready = nil
		return
	}
	if o.left -= s.Read; o.left <= 0 {
		o.stop()
	}
}

func (o *countdown) Survived(error) {}
