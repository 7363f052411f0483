package cookie

import "unicode/utf8"

// Text takes the value as it stands, for one string. What is not UTF-8 becomes
// U+FFFD, one a byte. It refuses nothing.
type Text struct{}

// Bind implements Decoder.
func (Text) Bind() DecodeFunc {
	return func(dst *Values, _, value []byte) error {
		if utf8.Valid(value) {
			return dst.Add(nil, KindString, value)
		}
		buf, err := dst.Buf(repairedLen(value))
		if err != nil {
			return err
		}
		for len(value) > 0 {
			r, n := utf8.DecodeRune(value)
			buf = utf8.AppendRune(buf, r)
			value = value[n:]
		}
		return dst.Add(nil, KindString, buf)
	}
}

// repairedLen returns how long b gets.
func repairedLen(b []byte) int {
	length := len(b)
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			length += len("\ufffd") - 1
		}
		b = b[n:]
	}
	return length
}
