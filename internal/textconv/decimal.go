package textconv

import "math/bits"

// MaxDecimal is the greatest precision of a [Decimal], in digits.
const MaxDecimal = 76

// A Decimal is the integer that a decimal number is, in units of its scale: two's
// complement of 256 bits, the lowest 64 first.
type Decimal [4]uint64

// ParseDecimal reads a number by the grammar of JSON, with + in front too and with zeros
// in front of others: 12.5 at scale 2 is 1250. Digits behind the scale that are not 0
// give ErrPrecision, more than precision digits ErrRange. 0 ≤ scale ≤ precision ≤
// [MaxDecimal].
func ParseDecimal(text []byte, precision, scale int) (Decimal, error) {
	if d, ok := smallDecimal(text, precision, scale); ok {
		return d, nil
	}
	n, ok := scan(text)
	if !ok {
		return Decimal{}, ErrSyntax
	}
	d, err := n.scaled(precision, scale)
	if err == nil && n.negative {
		d.negate()
	}
	return d, err
}

// smallDecimal is ParseDecimal for what most decimals are, of 64 bits.
func smallDecimal(text []byte, precision, scale int) (d Decimal, ok bool) {
	n, fraction, negative, ok := plain(text)
	if !ok || fraction > scale || scale-fraction >= len(tens) {
		return d, false
	}
	high, low := bits.Mul64(n, tens[scale-fraction])
	if high > 0 || precision < len(tens) && low >= tens[precision] {
		return d, false
	}
	if d[0] = low; negative {
		d.negate()
	}
	return d, true
}

// tens are the powers of ten in 64 bits.
var tens = [...]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

// scaled returns n without its sign in units of scale, of at most so many digits.
func (n *numeral) scaled(precision, scale int) (d Decimal, err error) {
	first, total := 0, len(n.whole)+len(n.fraction)
	for first < total && n.at(first) == 0 {
		first++
	}
	if first == total {
		return d, nil
	}
	end := len(n.whole) + n.exponent + scale // of the digits that count
	for i := max(first, end); i < total; i++ {
		if n.at(i) != 0 {
			return d, ErrPrecision
		}
	}
	if end-first > precision {
		return d, ErrRange
	}
	sum, power := uint64(0), uint64(1)
	for i := first; i < end; i++ {
		if power == 1e19 { // the greatest in 64 bits
			d.multiplyAdd(power, sum)
			sum, power = 0, 1
		}
		sum, power = 10*sum, 10*power
		if i < total {
			sum += uint64(n.at(i))
		}
	}
	d.multiplyAdd(power, sum)
	return d, nil
}

// multiplyAdd makes d·factor + term of d, which is not negative.
func (d *Decimal) multiplyAdd(factor, term uint64) {
	for i := range d {
		high, low := bits.Mul64(d[i], factor)
		var carry uint64
		d[i], carry = bits.Add64(low, term, 0)
		term = high + carry
	}
}

func (d *Decimal) negate() {
	carry := uint64(1)
	for i := range d {
		d[i], carry = bits.Add64(^d[i], 0, carry)
	}
}

// sign returns what the bits in front of d are all: zeros or ones.
func (d *Decimal) sign() uint64 { return uint64(int64(d[3]) >> 63) }

// Len returns how few bytes hold d: one at least, and room for the sign.
func (d *Decimal) Len() int {
	sign := d.sign()
	for i := 3; i >= 0; i-- {
		if n := bits.Len64(d[i] ^ sign); n > 0 || i == 0 {
			return 8*i + n/8 + 1
		}
	}
	return 1
}

// Append appends d in size bytes, the highest first; there must be d.Len() at least.
func (d *Decimal) Append(dst []byte, size int) []byte {
	sign := d.sign()
	for i := size - 1; i >= 0; i-- {
		if i >= 32 {
			dst = append(dst, byte(sign))
		} else {
			dst = append(dst, byte(d[i/8]>>(i%8*8)))
		}
	}
	return dst
}
