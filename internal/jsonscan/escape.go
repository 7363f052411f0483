package jsonscan

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// AppendString appends s to dst as a JSON string in quotes. Bytes that are not
// UTF-8 become U+FFFD, one a byte, as encoding/json writes them, so that what it
// appends is valid whatever s holds. Other than encoding/json it escapes only what
// RFC 8259 says must be: quote, backslash and bytes below 0x20.
func AppendString(dst, s []byte) []byte {
	dst = append(dst, '"')
	from, i := 0, 0
	for i < len(s) {
		if n := plainPrefix(s[i:]); n > 0 {
			i += n
			continue
		}
		c := s[i]
		if c >= utf8.RuneSelf {
			if n := runeLen(s[i:]); n > 0 {
				i += n
				continue
			}
			dst = append(dst, s[from:i]...)
			dst = append(dst, "\uFFFD"...)
		} else {
			dst = append(dst, s[from:i]...)
			dst = appendEscape(dst, c)
		}
		i++
		from = i
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// plainPrefix returns how many bytes at the start of s are ASCII and need no
// escape. It looks at eight at a time.
func plainPrefix(s []byte) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		x := binary.LittleEndian.Uint64(s[i:])
		quote, slash := x^(lowBits*'"'), x^(lowBits*'\\')
		// A byte's high bit is set if it is a quote, a backslash, below 0x20, or
		// not ASCII. Only the lowest of these is right for certain.
		if m := (x | (x - lowBits*0x20) | (quote - lowBits) | (slash - lowBits)) & highBits; m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
	}
	for ; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
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
