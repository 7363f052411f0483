package jsonscan

import (
	"encoding/binary"
	"math/bits"
)

// Marks finds the bytes of a text that are not plain: quotes, backslashes, control
// characters and what is not ASCII. It looks at a window of the text at once and keeps
// a bit a byte, so that the ends of its strings, most of which are short, cost one call
// together. The zero Marks is ready for use, by one goroutine and, up to a Reset, for one
// text.
type Marks struct {
	from, to int // the window
	// The bits of a byte of the window are where its place says; behind them are eight
	// bytes of zeros.
	bits [markWindow/8 + 8]byte
}

// markWindow is what one look takes, and bounds it: the scheduler cannot interrupt
// assembly.
const markWindow = 2 << 10

// markBlock is how many bytes assembly looks at in a step, and the least that it takes.
const markBlock = 16

// Reset makes m ready for another text.
func (m *Marks) Reset() { m.to = 0 }

// Next returns the place of a byte from i on that is not plain, before which all are, or
// a negative number if it does not know one: a window may end before it.
func (m *Marks) Next(src []byte, i int) int {
	if at := i - m.from; i < m.to && at >= 0 {
		if b := binary.LittleEndian.Uint64(m.bits[at>>3&(markWindow/8-1):]) >> (at & 7); b != 0 {
			return i + bits.TrailingZeros64(b)
		}
	}
	return m.next(src, i)
}

// next is Next for what is not within the next 56 bytes, or not in the window.
func (m *Marks) next(src []byte, i int) int {
	if i < m.from || i >= m.to {
		if len(src) < markBlock || i < 0 || i >= len(src) {
			return -1
		}
		m.from = min(i, len(src)-markBlock)
		m.to = min(m.from+markWindow, len(src))
		mark(&m.bits, src[m.from:m.to])
	}
	at := i - m.from
	b := binary.LittleEndian.Uint64(m.bits[at>>3:]) >> (at & 7)
	for at &^= 7; b == 0; {
		if at += 64; at >= m.to-m.from {
			return -1
		}
		if b = binary.LittleEndian.Uint64(m.bits[at>>3:]); b != 0 {
			return m.from + at + bits.TrailingZeros64(b)
		}
	}
	return i + bits.TrailingZeros64(b)
}

// markGeneric is mark without assembly.
func markGeneric(dst *[markWindow/8 + 8]byte, src []byte) {
	clear(dst[len(src)/8 : min(len(src)/8+9, len(dst))])
	i := 0
	for ; i+8 <= len(src); i += 8 {
		dst[i>>3] = notPlainBits(binary.LittleEndian.Uint64(src[i:]))
	}
	for ; i < len(src); i++ {
		if !isPlain(src[i]) {
			dst[i>>3] |= 1 << (i & 7)
		}
	}
}

// notPlainBits returns a bit for each byte of x, set if it is not plain. Other than
// notPlain it is right of all of them.
func notPlainBits(x uint64) byte {
	low := x &^ highs // sums of bytes of seven bits reach the eighth, and no further
	quote := (low ^ ones*'"') + ones*0x7f
	slash := (low ^ ones*'\\') + ones*0x7f
	m := (x | ^(quote & slash & (low + ones*(0x80-' ')))) & highs
	return byte(m >> 7 * 0x0102040810204080 >> 56)
}
