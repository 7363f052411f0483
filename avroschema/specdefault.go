package avroschema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// defaultJSON returns Default as a schema has it. Whether it fits the type, Parse
// checks.
func (d *Field) defaultJSON() ([]byte, error) {
	switch d.Type {
	case TypeRecord:
		return nil, fmt.Errorf("%w: a record has none", ErrDefault)
	case TypeDecimal:
		b, err := d.defaultDecimal()
		return quoteBytes(b), err
	case TypeBytes:
		if s, ok := d.Default.(string); ok {
			return quoteBytes([]byte(s)), nil
		}
		b, ok := d.Default.([]byte)
		if !ok {
			return nil, ErrDefault
		}
		return quoteBytes(b), nil
	}
	v := d.Default
	if t, ok := v.(time.Time); ok {
		switch d.Type {
		case TypeTimestampMillis:
			v = t.UnixMilli()
		case TypeTimestampMicros:
			v = t.UnixMicro()
		case TypeDate:
			y, m, day := t.Date()
			v = time.Date(y, m, day, 0, 0, 0, 0, time.UTC).Unix() / 86400
		default:
			return nil, ErrDefault
		}
	}
	if s, ok := v.(string); ok {
		return quote(nil, s), nil
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, ErrDefault
	}
	return text, nil
}

// quoteBytes returns b as the default of bytes: a string with a code point for each.
func quoteBytes(b []byte) []byte {
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return quote(nil, string(runes))
}

// defaultDecimal returns the bytes of a decimal's default.
func (d *Field) defaultDecimal() ([]byte, error) {
	var text string
	switch v := d.Default.(type) {
	case string:
		text = v
	case json.Number:
		text = v.String()
	case int:
		text = fmt.Sprint(v)
	default:
		return nil, ErrDefault
	}
	whole, fraction, _ := strings.Cut(text, ".")
	if len(fraction) > d.Scale {
		return nil, ErrDefault
	}
	digits := whole + fraction + strings.Repeat("0", d.Scale-len(fraction))
	n, ok := new(big.Int).SetString(digits, 10)
	if !ok || strings.Contains(digits, "_") || len(new(big.Int).Abs(n).String()) > d.Precision {
		return nil, ErrDefault
	}
	return twosComplement(n), nil
}

// twosComplement returns n as big-endian bytes, as few as it needs.
func twosComplement(n *big.Int) []byte {
	if n.Sign() >= 0 {
		return n.FillBytes(make([]byte, n.BitLen()/8+1))
	}
	size := uint(new(big.Int).Not(n).BitLen()/8 + 1)
	sum := new(big.Int).Lsh(big.NewInt(1), size*8)
	return sum.Add(sum, n).FillBytes(make([]byte, size))
}
