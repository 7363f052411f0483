package cookie

import "fmt"

var errInt = fmt.Errorf("%w: integer", ErrMalformed)

// Int reads a decimal integer of 64 bits: digits, with '-' in front if it is
// negative. Leading zeros are dropped, so that the number is one in JSON too.
// It gives one number; anything else, an empty value among it, is malformed.
type Int struct{}

// Bind implements Decoder.
func (Int) Bind() DecodeFunc {
	return func(dst *Values, _, value []byte) error {
		return addInt(dst, nil, value)
	}
}

// addInt adds the integer that text is, under this name.
func addInt(dst *Values, name, text []byte) error {
	digits, negative, ok := integer(text)
	if !ok {
		return errInt
	}
	if !negative {
		return dst.Add(name, KindNumber, digits)
	}
	buf, err := dst.Buf(1 + len(digits))
	if err != nil {
		return err
	}
	return dst.Add(name, KindNumber, append(append(buf, '-'), digits...))
}

// integer takes an int64 in decimal apart; digits have no leading zeros.
func integer(b []byte) (digits []byte, negative, ok bool) {
	most := uint64(1<<63 - 1)
	if len(b) > 0 && b[0] == '-' {
		b, negative = b[1:], true
		most++
	}
	if len(b) == 0 {
		return nil, false, false
	}
	for len(b) > 1 && b[0] == '0' {
		b = b[1:]
	}
	if len(b) > 19 {
		return nil, false, false
	}
	var n uint64
	for _, c := range b {
		if c-'0' > 9 {
			return nil, false, false
		}
		n = 10*n + uint64(c-'0') // 19 digits cannot overflow
	}
	return b, negative && n > 0, n <= most
}
