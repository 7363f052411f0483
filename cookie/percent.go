package cookie

import "bytes"

// Percent undoes percent-encoding (RFC 3986 section 2.1), as JavaScript's
// encodeURIComponent and most frameworks write cookies. A '%' that two hex
// digits do not follow stays as it is, and what comes out may be any bytes.
// It gives one string and refuses nothing.
type Percent struct {
	// Plus makes '+' a space too, as in an HTML form
	// (application/x-www-form-urlencoded) and PHP's urlencode.
	Plus bool
}

// Bind implements Decoder.
func (p Percent) Bind() DecodeFunc {
	return func(dst *Values, _, value []byte) error {
		if !p.changes(value) {
			return dst.Add(nil, KindString, value)
		}
		buf, err := dst.Buf(len(value)) // it never gets longer
		if err != nil {
			return err
		}
		return dst.Add(nil, KindString, p.append(buf, value))
	}
}

// changes reports whether src may mean other bytes than itself.
func (p Percent) changes(src []byte) bool {
	return bytes.IndexByte(src, '%') >= 0 || p.Plus && bytes.IndexByte(src, '+') >= 0
}

// append appends what src means to dst, which has room for it.
func (p Percent) append(dst, src []byte) []byte {
	out, n := dst[len(dst):cap(dst)], 0
	for i := 0; i < len(src); i++ {
		c := src[i]
		if c == '%' && i+2 < len(src) {
			high, low := unhex[src[i+1]], unhex[src[i+2]]
			if high|low < 16 {
				c = high<<4 | low
				i += 2
			}
		} else if c == '+' && p.Plus {
			c = ' '
		}
		out[n] = c
		n++
	}
	return dst[:len(dst)+n]
}

// unhex is the value of each hex digit, 255 for everything else.
var unhex = func() (t [256]byte) {
	for i := range t {
		switch c := byte(i); {
		case c-'0' <= 9:
			t[i] = c - '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			t[i] = c | 0x20 - 'a' + 10
		default:
			t[i] = 255
		}
	}
	return t
}()
