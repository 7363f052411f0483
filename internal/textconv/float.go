package textconv

import "strconv"

// Float64 reads a number by the grammar of JSON, with + in front too and with zeros in
// front of others, and rounds it to the nearest float64, to the even one of two, as
// strconv does. NaN and infinities have no such text; what is too large is ErrRange.
func Float64(text []byte) (float64, error) {
	// 0.123, which is how servers log seconds.
	if len(text) == 5 && text[1] == '.' {
		a, b, c, d := text[0]-'0', text[2]-'0', text[3]-'0', text[4]-'0'
		if a <= 9 && b <= 9 && c <= 9 && d <= 9 {
			return float64(1000*int(a)+100*int(b)+10*int(c)+int(d)) / 1000, nil
		}
	}
	if mantissa, fraction, negative, ok := plain(text); ok && mantissa < 1<<53 {
		// Both are exact as float64, so one operation rounds once: W. D. Clinger, How to
		// Read Floating Point Numbers Accurately, 1990. fraction is 18 at most.
		return signed(float64(mantissa)/powersOfTen[fraction], negative), nil
	}
	n, ok := scan(text)
	if !ok {
		return 0, ErrSyntax
	}
	return n.float(text, 64)
}

// Float32 is [Float64] for float32; it rounds once.
func Float32(text []byte) (float32, error) {
	if mantissa, fraction, negative, ok := plain(text); ok && mantissa < 1<<24 && fraction <= 10 {
		return float32(signed(float64(float32(mantissa)/float32(powersOfTen[fraction])), negative)), nil
	}
	n, ok := scan(text)
	if !ok {
		return 0, ErrSyntax
	}
	f, err := n.float(text, 32)
	return float32(f), err
}

// Powers of ten that a float64 holds exactly; a float32 holds those up to 1e10.
var powersOfTen = [...]float64{
	1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

func signed(f float64, negative bool) float64 {
	if negative {
		return -f // 0 too
	}
	return f
}

// float asks strconv for text, which is n. What is too large is found before, since
// strconv's errors cost allocations: they remain for what is too large by a hair.
func (n *numeral) float(text []byte, bits int) (float64, error) {
	largest := 309 // digits: 1e309 is too large, as 1e39 is
	if bits == 32 {
		largest = 39
	}
	if n.magnitude() > largest {
		return 0, ErrRange
	}
	f, err := strconv.ParseFloat(view(text), bits)
	if err != nil {
		return 0, ErrRange
	}
	return f, nil
}

// magnitude returns how many digits n has before its point when it is written without
// an exponent, negative for zeros behind the point; 0 has as few as can be.
func (n *numeral) magnitude() int {
	first, total := 0, len(n.whole)+len(n.fraction)
	for first < total && n.at(first) == 0 {
		first++
	}
	if first == total {
		return -maxExponent
	}
	return len(n.whole) - first + n.exponent
}
