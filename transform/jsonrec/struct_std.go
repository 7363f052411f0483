//go:build !(amd64 || arm64) || purego || go1.28

package jsonrec

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
)

func pretouch(reflect.Type) error { return nil }

// unmarshal reads text, which an Encoder wrote, into v, a pointer to a struct. If
// it fails, it says at which offset, as far as that is known.
func unmarshal(text []byte, v any) (int, error) {
	err := json.Unmarshal(text, v)
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return int(mismatch.Offset), err
	}
	return len(text), err
}

// marshal appends the JSON of v.
func marshal(dst []byte, v any) ([]byte, error) {
	buf := bytes.NewBuffer(dst)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return buf.Bytes(), err
}
