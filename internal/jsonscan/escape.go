package jsonscan

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// AppendString appends s to dst as a JSON string in quotes. Bytes that are not
// UTF-8 become U+FFFD, one a byte, as encoding/json writes them, so that what it
// appends is valid whatever s holds. Other than encoding/json it escapes only what
// RFC 8259 says must be: quote, backslash and bytes below 0x20.
func AppendString(dst, s []byte) []byte {
	at := len(dst)
	dst = slices.Grow(dst, len(s)+2)[:at+len(s)+2]
	if n := copyPlain(dst[at+1:len(dst)-1], s); n < len(s) {
		dst[at] = '"'
		return appendRest(dst[:at+1+n], s[n:])
	}
	dst[at], dst[len(dst)-1] = '"', '"'
	return dst
}

// appendRest appends s, which starts with a byte that is not plain, and a quote.
func appendRest(dst, s []byte) []byte {
	from, i := 0, 0
	for i < len(s) {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf:
			if n := runeLen(s[i:]); n > 0 {
				i += n
				continue
			}
			dst = append(dst, s[from:i]...)
			dst = append(dst, "\uFFFD"...)
		case isPlain(c):
			i += plainPrefix(s[i:])
			continue
		default:
			dst = append(dst, s[from:i]...)
			dst = appendEscape(dst, c)
		}
		i++
		from = i
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}

func isPlain(c byte) bool { return c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf }

// notPlain returns a word in which the top bit is set of each byte that is a
// quote, a backslash, below 0x20, or not ASCII. It may be set of bytes above one
// of those too: only the lowest is right for certain.
func notPlain(x uint64) uint64 {
	// Flipping bit 1 puts the quote, 0x22, just above the control characters.
	return (x | (x ^ ones*2 - ones*0x21) | (x ^ ones*'\\' - ones)) & highs
}

// copyPlain copies the plain bytes at the start of s to dst, which is as long as
// s, and returns how many there are. To look and to copy at once is faster than
// one after the other: values of a log are short. It may write behind the plain
// bytes, but not behind dst.
func copyPlain(dst, s []byte) int {
	i := 0
	dst = dst[:len(s)]
	for ; i+16 <= len(s); i += 16 {
		x := binary.LittleEndian.Uint64(s[i:])
		y := binary.LittleEndian.Uint64(s[i+8:])
		binary.LittleEndian.PutUint64(dst[i:], x)
		binary.LittleEndian.PutUint64(dst[i+8:], y)
		if m := notPlain(x); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
		if m := notPlain(y); m != 0 {
			return i + 8 + bits.TrailingZeros64(m)>>3
		}
	}
	if i+8 <= len(s) {
		x := binary.LittleEndian.Uint64(s[i:])
		binary.LittleEndian.PutUint64(dst[i:], x)
		if m := notPlain(x); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
		i += 8
	}
	if i < len(s) && len(s) >= 8 {
		// The last eight bytes, some of them for the second time.
		x := binary.LittleEndian.Uint64(s[len(s)-8:])
		binary.LittleEndian.PutUint64(dst[len(s)-8:], x)
		if m := notPlain(x); m != 0 {
			return len(s) - 8 + bits.TrailingZeros64(m)>>3
		}
		return len(s)
	}
	for ; i < len(s); i++ {
		c := s[i]
		if !isPlain(c) {
			break
		}
		dst[i] = c
	}
	return i
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

// runeLen returns the length of the UTF-8 sequence at the start of s, which is not
// ASCII, or 0 if it is not valid.
func runeLen(s []byte) int {
	r, n := utf8.DecodeRune(s)
	if r == utf8.RuneError && n <= 1 {
		return 0
	}
	return n
}

const hex = "0123456789abcdef"

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}
