package transform

import "github.com/ltsvpipe/ltsvpipe/internal/jsonscan"

// MarshalJSON returns the record as one JSON object, for logs and for tests. Package
// jsonrec has the encoder for everything else: it uses its memory again and has
// options. The error is always nil.
func (r *Record) MarshalJSON() ([]byte, error) {
	object := []byte{'{'}
	for label, v := range r.All() {
		if len(object) > 1 {
			object = append(object, ',')
		}
		object = append(jsonscan.AppendString(object, []byte(label)), ':')
		switch {
		case v.Kind == KindString:
			object = jsonscan.AppendString(object, v.Bytes)
		case v.Kind == KindNull || len(v.Bytes) == 0:
			object = append(object, "null"...)
		default:
			object = append(object, v.Bytes...)
		}
	}
	return append(object, '}'), nil
}
