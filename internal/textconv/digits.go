package textconv

// CountDigits returns how many decimal digits s starts with.
func CountDigits(s []byte) int {
	n := 0
	for n < len(s) && s[n]-'0' <= 9 {
		n++
	}
	return n
}
