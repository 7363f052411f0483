package avroschema

import (
	"encoding/binary"
	"slices"
	"unicode/utf8"
)

// appendString appends s as an Avro string, which is UTF-8: of bytes that are not,
// each becomes U+FFFD, and repaired is true. Readers in Python, for one, stop at others.
func appendString(dst, s []byte) (_ []byte, repaired bool) { return noBranch.appendString(dst, s) }

var noBranch quick

// appendString is appendString with the branch of q before it.
//
// It looks at the bytes while it copies them: values of a log are short and mostly
// ASCII, and a call of append costs more than their copy.
func (q *quick) appendString(dst, s []byte) (_ []byte, repaired bool) {
	const (
		room = 1 + binary.MaxVarintLen64
		high = 0x8080808080808080
	)
	if cap(dst)-len(dst) < len(s)+room {
		dst = slices.Grow(dst, len(s)+room)
	}
	start := len(dst)
	free := dst[start : start+len(s)+room]
	at := 0
	if q.branched {
		free[0] = q.branch
		at = 1
	}
	size := uint64(len(s)) << 1
	switch {
	case size < 1<<7:
		free[at] = byte(size)
		at++
	case size < 1<<14:
		free[at], free[at+1] = byte(size)|0x80, byte(size>>7)
		at += 2
	default:
		at += binary.PutUvarint(free[at:], size)
	}
	n := len(s)
	to := free[at : at+n]
	var seen uint64
	switch {
	case n >= 8:
		i := 0
		for ; i+32 <= n; i += 32 {
			from, to := s[i:i+32:i+32], to[i:i+32:i+32]
			a, b := binary.LittleEndian.Uint64(from), binary.LittleEndian.Uint64(from[8:])
			c, d := binary.LittleEndian.Uint64(from[16:]), binary.LittleEndian.Uint64(from[24:])
			binary.LittleEndian.PutUint64(to, a)
			binary.LittleEndian.PutUint64(to[8:], b)
			binary.LittleEndian.PutUint64(to[16:], c)
			binary.LittleEndian.PutUint64(to[24:], d)
			seen |= a | b | c | d
		}
		for ; i+8 <= n; i += 8 {
			x := binary.LittleEndian.Uint64(s[i:])
			binary.LittleEndian.PutUint64(to[i:], x)
			seen |= x
		}
		// The last eight bytes, some of them for the second time.
		x := binary.LittleEndian.Uint64(s[n-8:])
		binary.LittleEndian.PutUint64(to[n-8:], x)
		seen |= x
	case n >= 4:
		x, y := binary.LittleEndian.Uint32(s), binary.LittleEndian.Uint32(s[n-4:])
		binary.LittleEndian.PutUint32(to, x)
		binary.LittleEndian.PutUint32(to[n-4:], y)
		seen = uint64(x | y)
	default:
		for i, c := range s {
			to[i] = c
			seen |= uint64(c)
		}
	}
	if seen&high == 0 || utf8.Valid(s) {
		return dst[:start+at+n], false
	}
	return appendRepaired(q.appendBranch(dst), s), true
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
