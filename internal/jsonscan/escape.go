package jsonscan

import (
	"slices"
	"unicode/utf8"
)

// AppendString appends s to dst as a JSON string in quotes. Bytes that are not
// UTF-8 become U+FFFD, one a byte, as encoding/json writes them, so that what it
// appends is valid whatever s holds. Other than encoding/json it escapes only what
// RFC 8259 says must be: quote, backslash and bytes below 0x20.
func AppendString(dst, s []byte) []byte {
	at, n := len(dst)+1, len(s)
	if cap(dst)-at < n+slack || n > maxCopy {
		dst = slices.Grow(dst, 1+n+slack)
		if n > maxCopy {
			return appendRest(append(dst, '"'), s)
		}
	}
	dst = dst[:at+n+slack]
	dst[at-1] = '"'
	// To look and to copy at once is faster than one after the other: values of a
	// log are short.
	if n = copyPlain(dst[at:], s); n < len(s) {
		return appendRest(dst[:at+n], s[n:])
	}
	dst[at+n] = '"'
	return dst[:at+n+1]
}

// appendRest appends s, whatever it holds, and a quote.
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
