package avroschema

import (
	"github.com/ltsvpipe/ltsvpipe/internal/textconv"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// value appends v, which is neither null nor a scalar of KindJSON, as t. On
// error what it returns is not of use.
func (e *Encoder) value(dst []byte, t *typePlan, v *transform.Value) ([]byte, error) {
	switch t.op {
	case opString:
		return e.string(dst, v.Bytes), nil
	case opInt, opLong:
		n, err := integer(v)
		if t.op == opInt && err == nil && n != int64(int32(n)) {
			err = ErrRange
		}
		return appendLong(dst, n), err
	case opFloat:
		f, err := textconv.Float32(v.Bytes)
		return appendFloat(dst, f), err
	case opDouble:
		f, err := textconv.Float64(v.Bytes)
		return appendDouble(dst, f), err
	case opBool:
		b, ok := textconv.Bool(v.Bytes)
		return appendBool(dst, b), valueError(ok)
	case opBytes:
		return append(appendLong(dst, int64(len(v.Bytes))), v.Bytes...), nil
	case opFixed:
		return append(dst, v.Bytes...), valueError(len(v.Bytes) == t.size)
	case opUUID:
		return append(appendLong(dst, int64(len(v.Bytes))), v.Bytes...), valueError(isUUID(v.Bytes))
	case opEnum:
		i, ok := t.symbols[string(v.Bytes)]
		return appendLong(dst, int64(i)), valueError(ok)
	case opDecimal:
		d, err := textconv.ParseDecimal(v.Bytes, t.precision, t.scale)
		size := d.Len()
		return d.Append(appendLong(dst, int64(size)), size), err
	case opDecimalFixed:
		d, err := textconv.ParseDecimal(v.Bytes, t.precision, t.scale)
		return d.Append(dst, t.size), err
	case opArray:
		return e.array(dst, t.items, v.Bytes)
	case opMap:
		return e.mapOf(dst, t.items, v.Bytes)
	case opRecord:
		return e.object(dst, t.record, v.Bytes)
	case opUnion:
		return e.union(dst, t, v)
	case opNull:
		return dst, ErrValue
	}
	n, ok := e.time(t, v)
	return appendLong(dst, n), valueError(ok)
}

func valueError(ok bool) error {
	if ok {
		return nil
	}
	return ErrValue
}

// string appends s, and counts if it was repaired.
func (e *Encoder) string(dst, s []byte) []byte {
	dst, repaired := appendString(dst, s)
	if repaired {
		e.repairs++
	}
	return dst
}

func integer(v *transform.Value) (int64, error) {
	if v.Kind == transform.KindNumber {
		return textconv.Integer(v.Bytes)
	}
	return textconv.Int64(v.Bytes)
}

// isUUID reports whether s is one as RFC 9562 writes it, in lower or upper case.
func isUUID(s []byte) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range s {
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if c-'0' > 9 && (c|0x20 < 'a' || c|0x20 > 'f') {
				return false
			}
		}
	}
	return true
}
