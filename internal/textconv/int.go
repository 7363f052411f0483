package textconv

import "math"

// Int64 reads decimal digits with a sign in front or not. Zeros in front do not count:
// nginx writes 000 for a request without a status. On error it returns 0.
func Int64(text []byte) (int64, error) {
	digits, negative := sign(text)
	if len(digits) == 0 {
		return 0, ErrSyntax
	}
	if len(digits) > 18 { // which always fit
		return longInt64(digits, negative)
	}
	var n int64
	for _, c := range digits {
		if c -= '0'; c > 9 {
			return 0, ErrSyntax
		}
		n = 10*n + int64(c)
	}
	if negative {
		n = -n
	}
	return n, nil
}

// longInt64 is Int64 for more than 18 digits, perhaps with zeros in front.
func longInt64(digits []byte, negative bool) (int64, error) {
	if CountDigits(digits) < len(digits) {
		return 0, ErrSyntax
	}
	for len(digits) > 0 && digits[0] == '0' {
		digits = digits[1:]
	}
	if len(digits) > 19 {
		return 0, ErrRange
	}
	var n uint64
	for _, c := range digits {
		n = 10*n + uint64(c-'0')
	}
	return toInt64(n, negative)
}

// toInt64 returns n with its sign.
func toInt64(n uint64, negative bool) (int64, error) {
	switch {
	case negative && n <= -math.MinInt64:
		return int64(-n), nil
	case !negative && n <= math.MaxInt64:
		return int64(n), nil
	}
	return 0, ErrRange
}

// sign takes the sign off a number.
func sign(text []byte) (digits []byte, negative bool) {
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		return text[1:], text[0] == '-'
	}
	return text, false
}

// Int32 is [Int64] for 32 bits.
func Int32(text []byte) (int32, error) {
	n, err := Int64(text)
	if err == nil && n != int64(int32(n)) {
		return 0, ErrRange
	}
	return int32(n), err
}

// Integer reads a number by the grammar of JSON whose value is an integer, however it is
// written: 200, 200.0, 2e2. One with a fraction gives ErrPrecision.
func Integer(text []byte) (int64, error) {
	n, err := Int64(text)
	if err != ErrSyntax {
		return n, err
	}
	d, ok := scan(text)
	if !ok {
		return 0, ErrSyntax
	}
	sum, err := d.scaled(19, 0)
	if err != nil {
		return 0, err
	}
	return toInt64(sum[0], d.negative)
}
