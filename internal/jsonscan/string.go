package jsonscan

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// scanString finds the closing quote of the string whose text starts at i.
// It returns the quote's offset and whether the text holds an escape; or the
// offset of the byte that cannot stand, and why.
func scanString(src []byte, i int) (end int, escaped bool, err error) {
	start, ascii := i, true
	for {
		i = plainEnd(src, i)
		if i >= len(src) {
			return len(src), false, ErrSyntax
		}
		switch c := src[i]; {
		case c == '"':
			if !ascii {
				if bad := checkUTF8(src[start:i]); bad >= 0 {
					return start + bad, false, ErrUTF8
				}
			}
			return i, escaped, nil
		case c == '\\':
			n := escapeLen(src[i:])
			if n == 0 {
				return i, false, ErrSyntax
			}
			escaped = true
			i += n
		case c >= utf8.RuneSelf:
			// Looked at whole, once the end is known: utf8.Valid is fast.
			ascii = false
			i = highEnd(src, i)
		default: // a control character
			return i, false, ErrSyntax
		}
	}
}

// plainEnd returns the offset, from i on, of the first byte that is a quote, a
// backslash, a control character or not ASCII; len(src) if there is none. Looking at 16
// bytes at once, in assembly, gained nothing: most strings are short.
func plainEnd(src []byte, i int) int {
	for ; i+8 <= len(src); i += 8 {
		if m := notPlain(binary.LittleEndian.Uint64(src[i:])); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
	}
	for i < len(src) && isPlain(src[i]) {
		i++
	}
	return i
}

// highEnd returns the offset of the first ASCII byte from i on.
func highEnd(src []byte, i int) int {
	for i < len(src) && src[i] >= utf8.RuneSelf {
		i++
	}
	return i
}

// escapeLen returns the length of the escape that b starts with, 0 if it is none.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(b[2:]); ok {
			return 6
		}
	}
	return 0
}

func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		switch {
		case c-'0' <= 9:
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// AppendUnescape appends what the text of a JSON string means, as a Scanner
// left it in Key or Value: raw is what stands between the quotes. An escaped
// lone surrogate means nothing in UTF-8 and gives U+FFFD, as in encoding/json.
// It never appends more than len(raw) bytes. dst and raw must not overlap.
func AppendUnescape(dst, raw []byte) []byte {
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 || i+1 >= len(raw) {
			return append(dst, raw...)
		}
		dst = append(dst, raw[:i]...)
		c := raw[i+1]
		raw = raw[i+2:]
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			var r rune
			r, raw = unescapeRune(raw)
			dst = utf8.AppendRune(dst, r)
			continue
		}
		dst = append(dst, c)
	}
}

// unescapeRune reads the four digits behind \u, and a second \u if both make a
// surrogate pair.
func unescapeRune(raw []byte) (rune, []byte) {
	r, ok := hex4(raw)
	if !ok {
		return utf8.RuneError, raw
	}
	raw = raw[4:]
	if !utf16.IsSurrogate(r) {
		return r, raw
	}
	if len(raw) >= 6 && raw[0] == '\\' && raw[1] == 'u' {
		if low, ok := hex4(raw[2:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, raw[6:]
			}
		}
	}
	return utf8.RuneError, raw
}

// AppendCompact appends the JSON text src without the white space between its
// tokens, so that it holds no line break. src must have passed a Scanner.
func AppendCompact(dst, src []byte) []byte {
	for i := 0; i < len(src); {
		switch c := src[i]; c {
		case ' ', '\t', '\n', '\r':
			i++
		case '"':
			end, _, err := scanString(src, i+1)
			if err == nil {
				end++
			}
			dst = append(dst, src[i:end]...)
			i = end
		default:
			dst = append(dst, c)
			i++
		}
	}
	return dst
}
