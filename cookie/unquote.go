package cookie

import "bytes"

// Unquote undoes the escapes that Python's http.cookies writes into a quoted
// value: \" and \\, and three octal digits for a byte, as in \073 for ';'. A
// backslash in front of anything else just goes. Django, Flask and aiohttp
// write so; the quotes themselves are taken off by the Cursor, or here if they
// are still there. It gives one string and refuses nothing.
type Unquote struct{}

// Bind implements Decoder.
func (Unquote) Bind() DecodeFunc {
	return func(dst *Values, _, value []byte) error {
		if n := len(value); n >= 2 && value[0] == '"' && value[n-1] == '"' {
			value = value[1 : n-1]
		}
		buf, err := dst.Buf(len(value)) // it never gets longer
		if err != nil {
			return err
		}
		return dst.Add(nil, KindString, appendUnquoted(buf, value))
	}
}

func appendUnquoted(dst, src []byte) []byte {
	for {
		i := bytes.IndexByte(src, '\\')
		if i < 0 || i+1 == len(src) {
			return append(dst, src...)
		}
		dst = append(dst, src[:i]...)
		src = src[i+1:]
		if len(src) >= 3 && src[0]-'0' <= 3 && src[1]-'0' <= 7 && src[2]-'0' <= 7 {
			dst = append(dst, (src[0]-'0')<<6|(src[1]-'0')<<3|(src[2]-'0'))
			src = src[3:]
			continue
		}
		dst = append(dst, src[0])
		src = src[1:]
	}
}
