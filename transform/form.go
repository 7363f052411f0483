package transform

// hasForm reports whether s may be other bytes than itself, decoded as HTML forms
// write it.
func hasForm(s []byte) bool {
	for _, c := range s {
		if c == '%' || c == '+' {
			return true
		}
	}
	return false
}

// appendForm appends s decoded, which is no longer than s.
func appendForm(dst, s []byte) []byte {
	for len(s) > 0 {
		c, n := formByte(s)
		dst, s = append(dst, c), s[n:]
	}
	return dst
}

// isForm reports whether s decoded is text.
func isForm(s []byte, text string) bool {
	if len(s) < len(text) {
		return false
	}
	for i := range len(text) {
		if len(s) == 0 {
			return false
		}
		c, n := formByte(s)
		if c != text[i] {
			return false
		}
		s = s[n:]
	}
	return len(s) == 0
}

// formByte decodes the byte at the beginning of s, and says how many bytes it takes.
func formByte(s []byte) (c byte, n int) {
	switch {
	case s[0] == '+':
		return ' ', 1
	case s[0] == '%' && len(s) > 2:
		high, low := hexDigit(s[1]), hexDigit(s[2])
		if high|low < 16 {
			return high<<4 | low, 3
		}
	}
	return s[0], 1
}

// hexDigit returns the value of a hex digit, or 0xFF.
func hexDigit(c byte) byte {
	switch {
	case isDigit(c):
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 0xFF
}
