package cookie

import (
	"encoding/base64"
	"fmt"
)

// Base64 decodes base64 (RFC 4648 section 4; section 5 with URL set). Padding
// may be there, then it has to be right, or not be there at all. Strict: bits
// that carry nothing must be zero, and no line breaks. It gives one string.
type Base64 struct {
	// URL is the alphabet with '-' and '_'. Default: the one with '+' and '/'.
	URL bool
}

var errBase64 = fmt.Errorf("%w: base64", ErrMalformed)

// Bind implements Decoder.
func (b Base64) Bind() DecodeFunc { return b.bindText().decode }

func (b Base64) bindText() textFunc {
	enc := base64.RawStdEncoding.Strict()
	if b.URL {
		enc = base64.RawURLEncoding.Strict()
	}
	return func(dst *Values, value []byte) ([]byte, error) {
		value, ok := trimPadding(value)
		if !ok {
			return nil, errBase64
		}
		size := enc.DecodedLen(len(value))
		buf, err := dst.Buf(size)
		if err != nil {
			return nil, err
		}
		n, err := enc.Decode(buf[:size], value)
		// encoding/base64 passes over line breaks: what has one gives less than its
		// length promises, or has a length that promises nothing.
		if err != nil || n < size || len(value)%4 == 1 {
			return nil, errBase64
		}
		return buf[:n], nil
	}
}

// trimPadding takes off padding that is right.
func trimPadding(b []byte) ([]byte, bool) {
	n := len(b)
	for n > 0 && b[n-1] == '=' {
		n--
	}
	if n < len(b) && (len(b)%4 != 0 || len(b)-n > 2) {
		return nil, false
	}
	return b[:n], true
}
