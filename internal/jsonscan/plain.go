package jsonscan

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// A plain byte stands in a string of JSON as it is, and is ASCII.
func isPlain(c byte) bool { return c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf }

// notPlain returns a word in which the top bit is set of each byte that is a
// quote, a backslash, below 0x20, or not ASCII. It may be set of bytes above one
// of those too: only the lowest is right for certain.
func notPlain(x uint64) uint64 {
	// Flipping bit 1 puts the quote, 0x22, just above the control characters.
	return (x | (x ^ ones*2 - ones*0x21) | (x ^ ones*'\\' - ones)) & highs
}

// slack is how far behind the length of s copyPlain may write.
const slack = 16

// maxCopy bounds what copyPlain is given: the scheduler cannot interrupt assembly.
const maxCopy = 32 << 10

// copyPlainGeneric is copyPlain without assembly.
func copyPlainGeneric(dst, s []byte) int {
	n := len(s)
	if n < 16 {
		return copyPlainShort(dst, s)
	}
	dst = dst[:n]
	for i := 0; ; i += 16 {
		if i > n-16 { // the last sixteen bytes, some of them for the second time
			if i == n {
				return n
			}
			i = n - 16
		}
		x := binary.LittleEndian.Uint64(s[i:])
		y := binary.LittleEndian.Uint64(s[i+8:])
		binary.LittleEndian.PutUint64(dst[i:], x)
		binary.LittleEndian.PutUint64(dst[i+8:], y)
		x, y = notPlain(x), notPlain(y)
		if x|y == 0 {
			continue
		}
		if x != 0 {
			return i + bits.TrailingZeros64(x)>>3
		}
		return i + 8 + bits.TrailingZeros64(y)>>3
	}
}

// copyPlainShort is copyPlainGeneric for less than 16 bytes.
func copyPlainShort(dst, s []byte) int {
	n := len(s)
	switch {
	case n >= 8:
		x := binary.LittleEndian.Uint64(s)
		y := binary.LittleEndian.Uint64(s[n-8:])
		binary.LittleEndian.PutUint64(dst, x)
		binary.LittleEndian.PutUint64(dst[n-8:], y)
		if notPlain(x)|notPlain(y) == 0 {
			return n
		}
	case n >= 4:
		x := binary.LittleEndian.Uint32(s)
		y := binary.LittleEndian.Uint32(s[n-4:])
		binary.LittleEndian.PutUint32(dst, x)
		binary.LittleEndian.PutUint32(dst[n-4:], y)
		if notPlain(uint64(x)|uint64(y)<<32) == 0 {
			return n
		}
	}
	for i, c := range s {
		if !isPlain(c) {
			return i
		}
		dst[i] = c
	}
	return n
}

// plainPrefix returns how many bytes at the start of s are plain.
func plainPrefix(s []byte) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		if m := notPlain(binary.LittleEndian.Uint64(s[i:])); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
	}
	for i < len(s) && isPlain(s[i]) {
		i++
	}
	return i
}
