package cookie

import (
	"encoding/binary"
	"math/bits"
)

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
func (p Percent) Bind() DecodeFunc { return p.bindText().decode }

func (p Percent) bindText() textFunc { return p.text }

func (p Percent) text(dst *Values, value []byte) ([]byte, error) {
	i := p.next(value, 0)
	if i == len(value) {
		return value, nil
	}
	buf, err := dst.Buf(len(value)) // it never gets longer
	if err != nil {
		return nil, err
	}
	return p.append(append(buf, value[:i]...), value[i:]), nil
}

// next returns where the first byte is that may not mean itself, from i on, or
// len(src).
func (p Percent) next(src []byte, i int) int {
	for ; i+8 <= len(src); i += 8 {
		if m := p.special(binary.LittleEndian.Uint64(src[i:])); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
	}
	for i < len(src) && src[i] != '%' && !(src[i] == '+' && p.Plus) {
		i++
	}
	return i
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special returns a word whose lowest bit that is set is in the first byte of x that
// may not mean itself.
func (p Percent) special(x uint64) uint64 {
	percent := x ^ ones*'%'
	m := (percent - ones) &^ percent
	if p.Plus {
		plus := x ^ ones*'+'
		m |= (plus - ones) &^ plus
	}
	return m & highs
}

// append appends what src means to dst, which has room for as much as it is long. They
// must not overlap.
func (p Percent) append(dst, src []byte) []byte {
	out, n, i := dst[len(dst):cap(dst)], 0, 0
	for i < len(src) {
		// Eight bytes at once, of which those up to the first that is special stay.
		if i+8 <= len(src) {
			x := binary.LittleEndian.Uint64(src[i:])
			binary.LittleEndian.PutUint64(out[n:], x)
			m := p.special(x)
			if m == 0 {
				i, n = i+8, n+8
				continue
			}
			plain := bits.TrailingZeros64(m) >> 3
			i, n = i+plain, n+plain
		}
		c := src[i]
		i++
		if c == '%' && i+1 < len(src) {
			high, low := unhex[src[i]], unhex[src[i+1]]
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
