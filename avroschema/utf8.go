package avroschema

import (
	"encoding/binary"
	"unicode/utf8"
)

// appendString appends s as an Avro string, which is UTF-8: of bytes that are not,
// each becomes U+FFFD, and repaired is true. Readers in Python, for one, stop at others.
func appendString(dst, s []byte) (_ []byte, repaired bool) {
	if !isASCII(s) && !utf8.Valid(s) {
		return appendRepaired(dst, s), true
	}
	return append(appendLong(dst, int64(len(s))), s...), false
}

const notASCII = 0x8080808080808080

func isASCII(s []byte) bool {
	var seen uint64
	for len(s) > 8 {
		seen |= binary.LittleEndian.Uint64(s)
		s = s[8:]
	}
	if len(s) == 8 {
		return (seen|binary.LittleEndian.Uint64(s))&notASCII == 0
	}
	for _, c := range s {
		seen |= uint64(c)
	}
	return seen&notASCII == 0
}

// appendRepaired is appendString for s that is not UTF-8.
func appendRepaired(dst, s []byte) []byte {
	const replacement = "\uFFFD"
	size := 0
	for rest := s; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		rest = rest[n:]
		if r == utf8.RuneError && n == 1 {
			n = len(replacement)
		}
		size += n
	}
	dst = appendLong(dst, int64(size))
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		if r == utf8.RuneError && n == 1 {
			dst = append(dst, replacement...)
		} else {
			dst = append(dst, s[:n]...)
		}
		s = s[n:]
	}
	return dst
}

// appendLong appends n as Avro's int and long are: zigzag, seven bits a byte, the
// lowest first.
func appendLong(dst []byte, n int64) []byte {
	u := uint64(n)<<1 ^ uint64(n>>63)
	if u < 0x80 {
		return append(dst, byte(u))
	}
	return binary.AppendUvarint(dst, u)
}
