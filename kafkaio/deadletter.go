package kafkaio

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kgo"
)

// The headers that a dead letter carries after the original's own: the names
// that Kafka Streams gives them, the values as text.
const (
	HeaderException = "__streams.errors.exception" // Go type of the error
	HeaderMessage   = "__streams.errors.message"   // text of the error, up to 1 KiB
	HeaderTopic     = "__streams.errors.topic"     // where the record was read
	HeaderPartition = "__streams.errors.partition"
	HeaderOffset    = "__streams.errors.offset"
)

const (
	deadLetterHeaders = 5
	maxMessage        = 1 << 10
)

// DeadLetter adds a record for topic that is in as it was read, key, value, timestamp
// and headers, with the reason in more headers. It is for callers with a loop of their
// own ([Source] and [Sink]); a [Pipeline] sends its dead letters itself.
//
// The value is not copied: in must not change until the batch is sent. A record that was
// a dead letter before keeps its old headers; of several with one name the last counts.
// err's text becomes a header: it must not quote the record.
func (b *Batch) DeadLetter(topic string, in *kgo.Record, err error) *kgo.Record {
	r := b.add(topic, in, deadLetterHeaders)
	r.Value = in.Value
	r.Headers = append(r.Headers,
		kgo.RecordHeader{Key: HeaderException, Value: b.text(exception(err))},
		kgo.RecordHeader{Key: HeaderMessage, Value: b.text(message(err))},
		kgo.RecordHeader{Key: HeaderTopic, Value: b.text(in.Topic)},
		kgo.RecordHeader{Key: HeaderPartition, Value: b.number(int64(in.Partition))},
		kgo.RecordHeader{Key: HeaderOffset, Value: b.number(in.Offset)},
	)
	return r
}

func (b *Batch) text(s string) []byte {
	d := b.copies.take(len(s), valueChunk)
	copy(d, s)
	return d
}

func (b *Batch) number(n int64) []byte {
	s := strconv.AppendInt(b.copies.room(20, valueChunk), n, 10)
	b.copies.advance(len(s))
	return s[:len(s):len(s)]
}

// exception returns the type of the outermost error that says something: the
// wrappers of package fmt and errors are all alike.
func exception(err error) string {
	for e := err; e != nil; e = errors.Unwrap(e) {
		t := fmt.Sprintf("%T", e)
		if !strings.HasPrefix(t, "*fmt.") && !strings.HasPrefix(t, "*errors.") {
			return t
		}
	}
	return fmt.Sprintf("%T", err)
}

// message returns err's text, cut to maxMessage bytes between two characters.
func message(err error) string {
	s := err.Error()
	if len(s) <= maxMessage {
		return s
	}
	n := maxMessage
	for n > maxMessage-utf8.UTFMax && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
