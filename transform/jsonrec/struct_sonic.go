//go:build (amd64 || arm64) && !purego && !go1.28

package jsonrec

import (
	"errors"
	"reflect"

	"github.com/bytedance/sonic"
	"github.com/bytedance/sonic/decoder"
	"github.com/bytedance/sonic/encoder"
)

// As encoding/json, where sonic by default is not: invalid UTF-8 is repaired, maps
// are sorted, what Marshalers return is checked and made compact.
const encoding = encoder.SortMapKeys | encoder.ValidateString | encoder.CompactMarshaler

func pretouch(t reflect.Type) error { return sonic.Pretouch(t) }

// unmarshal reads text, which an Encoder wrote, into v, a pointer to a struct. If
// it fails, it says at which offset, as far as that is known.
func unmarshal(text []byte, v any) (int, error) {
	// Strings of v alias the copy, so that this is one allocation for them all.
	err := sonic.ConfigDefault.Unmarshal(text, v)
	if mismatch, ok := errors.AsType[*decoder.MismatchTypeError](err); ok {
		return mismatch.Pos, err
	}
	return len(text), err
}

// marshal appends the JSON of v.
func marshal(dst []byte, v any) ([]byte, error) {
	err := encoder.EncodeInto(&dst, v, encoding)
	return dst, err
}
