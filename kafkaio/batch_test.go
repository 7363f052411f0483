package kafkaio

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

// poison overwrites all memory that a batch would hand out next, so that a
// record that still points there is found.
func (b *Batch) poison() {
	for _, a := range []*arena[byte]{&b.values, &b.copies} {
		for i := a.cur; i < len(a.chunks); i++ {
			c := a.chunks[i][:cap(a.chunks[i])]
			if i == a.cur {
				c = c[a.off:]
			}
			copy(c, bytes.Repeat([]byte{0xDB}, len(c)))
		}
	}
}

func all(b *Batch) (rs []*kgo.Record) {
	for r := range b.All() {
		rs = append(rs, r)
	}
	return rs
}

func TestEmitFollowsTheInput(t *testing.T) {
	type key struct{}
	in := &kgo.Record{
		Key:       []byte("k"),
		Headers:   []kgo.RecordHeader{{Key: "a", Value: []byte("1")}, {Key: "b"}},
		Timestamp: time.UnixMilli(1_700_000_000_123),
		Context:   context.WithValue(context.Background(), key{}, 1),
		Topic:     "in", Partition: 7, Offset: 99, LeaderEpoch: 3,
	}
	var b Batch
	got := b.Emit("out", in, append(b.Buf(), "v"...))
	assert.Equal(t, kgo.Record{
		Key: in.Key, Value: []byte("v"), Headers: in.Headers, Timestamp: in.Timestamp, Context: in.Context, Topic: "out",
	}, *got, "place and epoch are the input's alone")

	got.Headers[0].Value = []byte("changed")
	got.Headers = append(got.Headers, kgo.RecordHeader{Key: "c"})
	second := b.Emit("out", in, nil)
	assert.Equal(t, "1", string(second.Headers[0].Value), "headers are each record's own")
	assert.Len(t, second.Headers, 2)
	assert.Equal(t, "1", string(in.Headers[0].Value))

	alone := b.Emit("out", nil, []byte("v"))
	assert.Equal(t, kgo.Record{Topic: "out", Value: []byte("v")}, *alone)
	assert.Equal(t, 3, b.Len())
}

func TestEmitValues(t *testing.T) {
	var b Batch
	in := &kgo.Record{Value: []byte("input")}

	assert.Nil(t, b.Emit("t", in, nil).Value, "a tombstone")
	for _, empty := range [][]byte{{}, b.Buf(), in.Value[:0]} {
		r := b.Emit("t", in, empty)
		assert.NotNil(t, r.Value)
		assert.Empty(t, r.Value)
	}

	// In place.
	v := append(b.Buf(), "encoding"...)
	r := b.Emit("t", in, v)
	assert.Same(t, &v[0], &r.Value[0])
	assert.Equal(t, len(r.Value), cap(r.Value), "an append must not reach the next record")

	// From elsewhere, while an encoding stands in Buf.
	v = append(b.Buf(), "pending"...)
	raw := b.Emit("t", in, in.Value)
	copy(in.Value, "XXXXX")
	assert.Equal(t, "input", string(raw.Value))
	assert.Equal(t, "pending", string(b.Emit("t", in, v).Value))

	// Two halves of one encoding, in either order.
	v = append(b.Buf(), "left|right"...)
	right := b.Emit("t", in, v[5:])
	left := b.Emit("t", in, v[:5])
	b.Emit("t", in, append(b.Buf(), "overwrite?"...))
	assert.Equal(t, "left|", string(left.Value))
	assert.Equal(t, "right", string(right.Value))

	// Twice the same: fan-out.
	v = append(b.Buf(), "both"...)
	one, two := b.Emit("t", in, v), b.Emit("u", in, v)
	b.Emit("t", in, append(b.Buf(), "overwrite?"...))
	assert.Equal(t, "both", string(one.Value))
	assert.Equal(t, "both", string(two.Value))

	// What was appended and not emitted is forgotten.
	_ = append(b.Buf(), "forgotten"...)
	assert.Equal(t, "kept", string(b.Emit("t", in, append(b.Buf(), "kept"...)).Value))
}

// TestEmitUnderGrowth emits values of every size in every way and checks all
// of them at the end, against clones, with the free memory poisoned all along.
func TestEmitUnderGrowth(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var b Batch
	for round := range 3 {
		var want [][]byte
		size := func() int {
			switch rnd.IntN(50) {
			case 0:
				return valueChunk + rnd.IntN(valueChunk) // longer than a chunk
			case 1, 2:
				return rnd.IntN(valueChunk)
			}
			return rnd.IntN(2000)
		}
		for i := range 300 {
			if i%10 == 0 {
				b.poison()
			}
			v := bytes.Repeat([]byte{byte(i)}, size())
			m := b.mark()
			switch rnd.IntN(4) {
			case 0:
				b.Emit("t", nil, append(b.Buf(), v...))
			case 1:
				buf := b.Buf()
				for len(buf) < len(v) { // grows step by step
					buf = append(buf, v[:min(1000, len(v)-len(buf))]...)
				}
				b.Emit("t", nil, buf)
			case 2:
				b.Emit("t", nil, v)
				clear(v[:len(v):len(v)])
				v = bytes.Repeat([]byte{byte(i)}, len(v))
			case 3: // taken back
				b.Emit("t", nil, append(b.Buf(), v...))
				b.Emit("t", nil, v)
				b.back(m)
				continue
			}
			want = append(want, v)
		}
		b.poison()
		got := all(&b)
		require.Len(t, got, len(want))
		for i, r := range got {
			require.True(t, bytes.Equal(want[i], r.Value), "round %d, record %d", round, i)
		}
		b.reset()
	}
}

func TestTakeBack(t *testing.T) {
	var b Batch
	in := &kgo.Record{Key: []byte("k"), Headers: []kgo.RecordHeader{{Key: "h"}}}
	emit := func(n int, v string) {
		for range n {
			b.Emit("t", in, append(b.Buf(), v...))
			b.Emit("t", in, []byte(v))
		}
	}
	emit(100, "kept")
	m := b.mark()
	emit(1000, "taken back")
	gone := b.at(m.n)
	b.back(m)
	assert.Equal(t, kgo.Record{}, *gone, "zeroed whole")
	assert.Equal(t, 200, b.Len())
	emit(100, "after")
	for i, r := range all(&b) {
		want := "kept"
		if i >= 200 {
			want = "after"
		}
		require.Equal(t, want, string(r.Value))
	}
}

func TestResetBatchEqualsNew(t *testing.T) {
	var b Batch
	in := &kgo.Record{Key: []byte("k"), Headers: []kgo.RecordHeader{{Key: "h"}}}
	for i := range 3 * recordChunk {
		r := b.Emit("t", in, append(b.Buf(), fmt.Sprint(i)...))
		r.Partition, r.Offset, r.LeaderEpoch, r.ProducerID = 1, 2, 3, 4 // as the client leaves it
	}
	b.reset()
	assert.Zero(t, b.Len())
	assert.Empty(t, all(&b))
	for _, c := range b.records.chunks {
		for _, r := range c[:recordChunk] {
			require.Equal(t, kgo.Record{}, r)
		}
	}
	for _, c := range b.headers.chunks {
		for _, h := range c[:headerChunk] {
			require.Equal(t, kgo.RecordHeader{}, h)
		}
	}
	assert.Equal(t, kgo.Record{Topic: "u", Value: []byte("v")}, *b.Emit("u", nil, []byte("v")))
}

func TestEmitDoesNotAllocate(t *testing.T) {
	var b Batch
	in := &kgo.Record{
		Key:     []byte("key"),
		Value:   bytes.Repeat([]byte("x"), 640),
		Headers: []kgo.RecordHeader{{Key: "a", Value: []byte("1")}},
	}
	batch := func() {
		for i := range 5000 {
			m := b.mark()
			b.Emit("t", in, append(b.Buf(), in.Value...))
			b.Emit("u", in, in.Value)
			if i%10 == 0 {
				b.back(m)
			}
		}
		b.reset()
	}
	batch()
	assert.Zero(t, testing.AllocsPerRun(20, batch))
}
