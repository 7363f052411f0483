package bulk

import (
	"bytes"
	"runtime/debug"
	"strconv"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

const maxIndexName = 255 // bytes, as Elasticsearch and OpenSearch have it

// A document writes records as the lines of a request. It belongs to one
// goroutine.
type document struct {
	op    Op
	index IndexFunc
	scan  jsonscan.Scanner

	// head is an action up to the partition, of the topic and index named:
	// they are mostly those of the last record.
	head        []byte
	topic, name string
}

// append appends rec's two lines to dst, or returns why there are none.
func (d *document) append(dst []byte, rec *kgo.Record, limit int) ([]byte, error) {
	object, err := d.object(rec.Value)
	if err != nil {
		return dst, err
	}
	name, err := d.named(rec)
	if err != nil {
		return dst, err
	}
	if name != d.name || rec.Topic != d.topic || d.head == nil {
		d.begin(rec.Topic, name)
	}
	const numbers = 10 + 1 + 19 + len("\"}}\n\n")
	if len(d.head)+numbers+len(object) > limit {
		return dst, ErrTooLarge
	}
	dst = append(dst, d.head...)
	dst = strconv.AppendInt(dst, int64(rec.Partition), 10)
	dst = append(dst, '+')
	dst = strconv.AppendInt(dst, rec.Offset, 10)
	dst = append(dst, "\"}}\n"...)
	dst = append(dst, object...)
	return append(dst, '\n'), nil
}

// appendID appends the id of rec's document.
func appendID(dst []byte, rec *kgo.Record) []byte {
	dst = append(dst, rec.Topic...)
	dst = append(dst, '+')
	dst = strconv.AppendInt(dst, int64(rec.Partition), 10)
	dst = append(dst, '+')
	return strconv.AppendInt(dst, rec.Offset, 10)
}

func (d *document) begin(topic, name string) {
	d.topic, d.name = topic, name
	d.head = append(d.head[:0], `{"`...)
	d.head = append(d.head, d.op.String()...)
	d.head = append(d.head, `":{"_index":`...)
	d.head = jsonscan.AppendString(d.head, []byte(name))
	d.head = append(d.head, `,"_id":`...)
	d.head = jsonscan.AppendString(d.head, []byte(topic))
	d.head[len(d.head)-1] = '+' // for the quote
}

// object returns value without the white space around it, if it is one JSON
// object in one line.
func (d *document) object(value []byte) ([]byte, error) {
	value = bytes.Trim(value, " \t\r\n")
	if len(value) == 0 || value[0] != '{' {
		return nil, ErrNotObject
	}
	if bytes.IndexByte(value, '\n') >= 0 {
		return nil, ErrLineEnd
	}
	d.scan.Reset(value)
	for d.scan.Next() {
	}
	if d.scan.Cause() != nil {
		return nil, ErrNotObject
	}
	return value, nil
}

// named asks for the index.
func (d *document) named(rec *kgo.Record) (name string, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &kafkaio.PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	name, err = d.index(rec)
	if err == nil && (name == "" || len(name) > maxIndexName) {
		err = ErrIndexName
	}
	return name, err
}
