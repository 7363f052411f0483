package kafkaio_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

func TestRunDeliversInOrder(t *testing.T) {
	const partitions, n = 6, 2000
	for _, workers := range []int{1, 4, 10} {
		t.Run(fmt.Sprint(workers, " workers"), func(t *testing.T) {
			c := kafkatest.Start(t, kfake.NumBrokers(2))
			c.Topic("in", partitions)
			c.Topic("out", 1)
			for p := range int32(partitions) {
				c.Produce(records(p, n)...)
			}
			w := &watcher{}
			p := &kafkaio.Pipeline{NewHandler: copying, Workers: workers, MaxRecords: 700, Observer: w}
			j := start(t, p, member(c))
			kafkatest.Until(t, "everything is settled", func() bool { return c.End("out")[0] == partitions*n })
			require.NoError(t, j.Stop())

			requireDelivered(t, c.Read("out"), partitions, n, true)
			for p, end := range c.End("in") {
				assert.Equal(t, end, c.Committed("g", "in")[p])
			}
			sum := w.total(t)
			assert.Equal(t, partitions*n, sum.Read)
			assert.Equal(t, partitions*n, sum.Emitted)
			assert.Equal(t, sum.BytesIn, sum.BytesOut)
			for _, s := range w.batches() {
				assert.True(t, s.Committed)
				assert.LessOrEqual(t, s.Read, 700)
				assert.Positive(t, s.Handle)
				assert.Positive(t, s.Produce)
				assert.Positive(t, s.Commit)
			}
			last := w.batches()[len(w.batches())-1]
			assert.Zero(t, last.Partitions[len(last.Partitions)-1].Lag())
		})
	}
}

func TestRunPassesRecordsUnharmed(t *testing.T) {
	for _, codec := range []kgo.CompressionCodec{kgo.NoCompression(), kgo.SnappyCompression(), kgo.GzipCompression(), kgo.ZstdCompression(), kgo.Lz4Compression()} {
		c := kafkatest.Start(t)
		c.Topic("in", 1)
		c.Topic("out", 1)
		sent := []*kgo.Record{
			{Key: []byte("key"), Value: []byte("value"), Headers: []kgo.RecordHeader{{Key: "a", Value: []byte("1")}, {Key: "a"}, {Key: "", Value: []byte{}}}},
			{Key: []byte("tombstone"), Value: nil},
			{Key: []byte{}, Value: []byte{}},
			{Key: nil, Value: []byte{0, '\t', '\n', 0xFF}},
		}
		for i, r := range sent {
			r.Topic = "in"
			r.Timestamp = time.UnixMilli(1_600_000_000_000 + int64(i))
		}
		c.Produce(sent...)
		p := &kafkaio.Pipeline{NewHandler: func() kafkaio.Handler {
			return func(_ context.Context, in *kgo.Record, out *kafkaio.Batch) error {
				if in.Value == nil {
					out.Emit("out", in, nil)
					return nil
				}
				out.Emit("out", in, append(out.Buf(), in.Value...))
				return nil
			}
		}}
		j := start(t, p, member(c, kgo.ProducerBatchCompression(codec)))
		kafkatest.Until(t, "everything is settled", func() bool { return c.End("out")[0] == int64(len(sent)) })
		require.NoError(t, j.Stop())
		for i, got := range c.Read("out") {
			want := sent[i]
			assert.Equal(t, want.Key, got.Key)
			assert.Equal(t, want.Value, got.Value)
			assert.Equal(t, want.Value == nil, got.Value == nil)
			assert.Equal(t, want.Timestamp, got.Timestamp)
			require.Len(t, got.Headers, len(want.Headers))
			for k := range want.Headers {
				assert.Equal(t, want.Headers[k].Key, got.Headers[k].Key)
				assert.Equal(t, want.Headers[k].Value, got.Headers[k].Value)
			}
		}
	}
}

func TestRunFansOutAndDrops(t *testing.T) {
	c := kafkatest.Start(t)
	c.Topic("in", 1)
	c.Topic("even", 1)
	c.Topic("all", 1)
	c.Produce(records(0, 100)...)
	w := &watcher{}
	p := &kafkaio.Pipeline{Observer: w, NewHandler: func() kafkaio.Handler {
		return func(_ context.Context, in *kgo.Record, out *kafkaio.Batch) error {
			if in.Offset < 10 {
				return nil // dropped, which is no failure
			}
			if in.Offset%2 == 0 {
				out.Emit("even", in, in.Value)
			}
			out.Emit("all", in, in.Value)
			return nil
		}
	}}
	j := start(t, p, member(c))
	kafkatest.Until(t, "everything is settled", func() bool { return c.Committed("g", "in")[0] == 100 })
	require.NoError(t, j.Stop())
	assert.EqualValues(t, 45, c.End("even")[0])
	assert.EqualValues(t, 90, c.End("all")[0])
	sum := w.total(t)
	assert.Equal(t, 100, sum.Read)
	assert.Equal(t, 135, sum.Emitted)
	assert.Equal(t, 10, sum.Dropped)
	assert.Zero(t, sum.Skipped)
}

func TestMaxWaitGathersBatches(t *testing.T) {
	c := kafkatest.Start(t)
	c.Topic("in", 2)
	c.Topic("out", 1)
	w := &watcher{}
	p := &kafkaio.Pipeline{NewHandler: copying, Workers: 2, MaxRecords: 60, MaxWait: 2 * time.Second, Observer: w}
	j := start(t, p, member(c))
	for i := range 30 { // each polled on its own otherwise
		a, b := records(0, 30)[i], records(1, 30)[i]
		c.Produce(a, b)
	}
	kafkatest.Until(t, "everything is settled", func() bool { return c.End("out")[0] == 60 })
	require.NoError(t, j.Stop())
	requireDelivered(t, c.Read("out"), 2, 30, true)
	sum := w.total(t)
	assert.Equal(t, 60, sum.Read)
	assert.LessOrEqual(t, len(w.batches()), 3, "gathered")
}
