package cookie

import (
	"bytes"
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
func (b Base64) Bind() DecodeFunc {
	enc := base64.RawStdEncoding.Strict()
	if b.URL {
		enc = base64.RawURLEncoding.Strict()
	}
	return func(dst *Values, _, value []byte) error {
		value, ok := trimPadding(value)
		if !ok {
			return errBase64
		}
		buf, err := dst.Buf(enc.DecodedLen(len(value)))
		if err != nil {
			return err
		}
		n, err := enc.Decode(buf[:cap(buf)], value)
		if err != nil {
			return errBase64
		}
		return dst.Add(nil, KindString, buf[:n])
	}
}

// trimPadding takes off padding that is right. encoding/base64 passes over
// line breaks, so they are refused here.
func trimPadding(b []byte) ([]byte, bool) {
	if bytes.IndexByte(b, '\n') >= 0 || bytes.IndexByte(b, '\r') >= 0 {
		return nil, false
	}
	n := len(b)
	for n > 0 && b[n-1] == '=' {
		n--
	}
	if n < len(b) && (len(b)%4 != 0 || len(b)-n > 2) {
		return nil, false
	}
	return b[:n], true
}
