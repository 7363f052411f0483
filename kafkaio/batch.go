package kafkaio

import (
	"iter"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	valueChunk  = 256 << 10 // bytes
	recordChunk = 256       // records
	headerChunk = 1024      // headers
	minReserve  = 1 << 10   // bytes that Buf has at least
	maxReserve  = valueChunk / 4
)

// A Batch collects what handlers emit from one poll. It is valid during the
// handler's call only, and belongs to one worker: no goroutine but the one
// that calls the handler may use it. Everything emitted lives in memory that
// the batch owns and uses again after Kafka has acknowledged all of it, so
// emitting allocates nothing once the batch has grown to its usual size.
//
// A zero Batch is ready for use, for instance to test a handler without Kafka.
type Batch struct {
	values  arena[byte] // what handlers append to Buf
	copies  arena[byte] // values from elsewhere, apart: they must not overwrite an encoding still in Buf
	records arena[kgo.Record]
	headers arena[kgo.RecordHeader]
	n       int
	reserve int // the longest value seen, up to maxReserve
}

// Buf returns an empty slice at the end of the batch's memory, to append one
// encoding to and Emit it. It returns the same memory until that Emit, so one
// encoding is made at a time; what is appended and not emitted is forgotten.
//
// There is room for the longest value that the batch has seen, up to 64 KiB.
// An encoding that needs more costs one allocation and one copy.
func (b *Batch) Buf() []byte {
	return b.values.room(max(b.reserve, minReserve), valueChunk)
}

// Emit adds a record for topic, or with "" for the client's kgo.DefaultProduceTopic.
// Key, headers, timestamp and context are those of in, which may be nil for none (the
// timestamp is then the time of producing). A value made by appending to Buf stays where
// it is; a value from elsewhere is copied. A nil value is a tombstone and stays nil; an
// empty one stays empty.
//
// The topic must exist, or be made by the brokers when it is asked for: else Run ends with
// a *ProduceError, and Pipeline.OnError is not asked.
//
// After Emit the value's bytes belong to the batch: they must not be changed. The record
// returned may be changed until the handler returns: another key (which must not change
// until the batch is settled, so not a handler's scratch), more headers (appending to
// them touches no other record), another timestamp, a partition for a client with
// kgo.ManualPartitioner.
func (b *Batch) Emit(topic string, in *kgo.Record, value []byte) *kgo.Record {
	r := b.add(topic, in, 0)
	r.Value = b.own(value)
	return r
}

// Len returns how many records the batch holds.
func (b *Batch) Len() int { return b.n }

// All returns the records in the order in which they were emitted. They are
// valid as long as the batch is.
func (b *Batch) All() iter.Seq[*kgo.Record] {
	return func(yield func(*kgo.Record) bool) {
		for i := range b.n {
			if !yield(b.at(i)) {
				return
			}
		}
	}
}

func (b *Batch) at(i int) *kgo.Record {
	return &b.records.chunks[i/recordChunk][:recordChunk][i%recordChunk]
}

// add appends a record that follows in, with space for extra headers.
//
// The headers are copied: they are the record's own, since a hook that injects
// a trace header into one record must not change it in the others.
func (b *Batch) add(topic string, in *kgo.Record, extra int) *kgo.Record {
	r := &b.records.take(1, recordChunk)[0]
	b.n++
	r.Topic = topic
	if in == nil {
		return r
	}
	r.Key = in.Key
	r.Timestamp = in.Timestamp
	r.Context = in.Context
	if n := len(in.Headers) + extra; n > 0 {
		h := b.headers.take(n, headerChunk)
		r.Headers = h[:copy(h, in.Headers)]
	}
	return r
}

// own makes value the batch's.
func (b *Batch) own(value []byte) []byte {
	n := len(value)
	if n == 0 {
		if value == nil {
			return nil
		}
		return []byte{}
	}
	b.reserve = max(b.reserve, min(n, maxReserve))
	if tail := b.values.peek(); cap(tail) > 0 && &value[0] == &tail[:1][0] {
		b.values.advance(n)
		return value[:n:n]
	}
	return b.copied(value)
}

func (b *Batch) copied(value []byte) []byte {
	s := b.copies.take(len(value), valueChunk)
	copy(s, value)
	return s
}

// A batchMark is the batch as it was before a handler's call.
type batchMark struct {
	values, copies, records, headers arenaMark
	n                                int
}

func (b *Batch) mark() batchMark {
	return batchMark{b.values.mark(), b.copies.mark(), b.records.mark(), b.headers.mark(), b.n}
}

// back takes back what was emitted since m.
func (b *Batch) back(m batchMark) {
	b.records.wipe(m.records)
	b.headers.wipe(m.headers)
	b.values.back(m.values)
	b.copies.back(m.copies)
	b.records.back(m.records)
	b.headers.back(m.headers)
	b.n = m.n
}

// reset makes the batch empty, for memory whose records are all acknowledged.
// Records are zeroed whole: the client leaves its own state in them.
func (b *Batch) reset() {
	b.back(batchMark{})
	b.values.reset(valueChunk)
	b.copies.reset(valueChunk)
	b.records.reset(recordChunk)
	b.headers.reset(headerChunk)
}
