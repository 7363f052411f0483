package jsonrec

import (
	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// An Encoder appends records as JSON objects. Its zero value is ready for use. It
// is for one goroutine at a time.
type Encoder struct{}

// Append appends rec to dst as one JSON object without a line end. Fields keep
// their order, and no member comes twice, since no label of a record does. Bytes of
// strings that are not UTF-8 become U+FFFD, one a byte.
//
// The error is always nil; it is there because all encoders of records have one.
func (e *Encoder) Append(dst []byte, rec *transform.Record) ([]byte, error) {
	dst = append(dst, '{')
	first := true
	for label, v := range rec.All() {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = jsonscan.AppendString(dst, []byte(label))
		dst = append(dst, ':')
		switch v.Kind {
		case transform.KindString:
			dst = jsonscan.AppendString(dst, v.Bytes)
		case transform.KindNull:
			dst = append(dst, "null"...)
		default:
			dst = append(dst, v.Bytes...)
		}
	}
	return append(dst, '}'), nil
}
