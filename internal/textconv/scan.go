package textconv

// A numeral is a decimal number as it is written: the digits of whole and fraction, the
// point behind whole moved right by exponent.
type numeral struct {
	whole, fraction []byte // whole has one digit at least
	exponent        int    // within ±maxExponent
	negative        bool
}

// maxExponent bounds exponents: numbers that differ only above it are all far out of
// any type's range.
const maxExponent = 1 << 30

// scan reads a number by the grammar of JSON, with + in front too and with zeros in
// front of others.
func scan(text []byte) (n numeral, ok bool) {
	rest, negative := sign(text)
	n.negative = negative
	i := CountDigits(rest)
	if n.whole, rest = rest[:i], rest[i:]; i == 0 {
		return n, false
	}
	if len(rest) > 0 && rest[0] == '.' {
		i = CountDigits(rest[1:])
		if n.fraction, rest = rest[1:1+i], rest[1+i:]; i == 0 {
			return n, false
		}
	}
	if len(rest) == 0 {
		return n, true
	}
	if rest[0]|0x20 != 'e' {
		return n, false
	}
	digits, negative := sign(rest[1:])
	if len(digits) == 0 || CountDigits(digits) < len(digits) {
		return n, false
	}
	for _, c := range digits {
		n.exponent = min(10*n.exponent+int(c-'0'), maxExponent/10)
	}
	if negative {
		n.exponent = -n.exponent
	}
	return n, true
}

// plain reads what most numbers are: up to 19 digits, of which so many are behind the
// point, and no exponent.
func plain(text []byte) (mantissa uint64, fraction int, negative, ok bool) {
	i := 0
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		negative = text[0] == '-'
		i = 1
	}
	first := i
	for ; i < len(text) && text[i]-'0' <= 9; i++ {
		mantissa = 10*mantissa + uint64(text[i]-'0')
	}
	whole := i - first
	if i < len(text) && text[i] == '.' {
		i++
		fraction = len(text) - i
		for ; i < len(text) && text[i]-'0' <= 9; i++ {
			mantissa = 10*mantissa + uint64(text[i]-'0')
		}
		ok = fraction > 0
	} else {
		ok = true
	}
	return mantissa, fraction, negative, ok && i == len(text) && whole > 0 && whole+fraction <= 19
}

// at returns digit i of whole and fraction together.
func (n *numeral) at(i int) byte {
	if i < len(n.whole) {
		return n.whole[i] - '0'
	}
	return n.fraction[i-len(n.whole)] - '0'
}
