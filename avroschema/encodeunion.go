package avroschema

import "github.com/ltsvpipe/ltsvpipe/transform"

// union appends v, which is not null, as the first branch that is for values of its
// kind and takes it, else as the first that takes it.
func (e *Encoder) union(dst []byte, t *typePlan, v *transform.Value) ([]byte, error) {
	start, trail := len(dst), len(e.trail)
	for _, first := range [...]bool{true, false} {
		for i, b := range t.branches {
			if b == nil || b.isFor(v) != first {
				continue
			}
			e.trail = e.trail[:trail]
			out, err := e.value(appendLong(dst[:start], int64(i)), b, v)
			if err == nil || err == ErrRecordTooLarge {
				return out, err
			}
		}
	}
	e.trail = e.trail[:trail]
	return nil, ErrValue
}

// isFor reports whether t is a type for values of v's kind.
func (t *typePlan) isFor(v *transform.Value) bool {
	switch v.Kind {
	case transform.KindNumber:
		return opInt <= t.op && t.op <= opDouble || t.op == opDecimal || t.op == opDecimalFixed
	case transform.KindBool:
		return t.op == opBool
	case transform.KindJSON:
		if len(v.Bytes) > 0 && v.Bytes[0] == '[' {
			return t.op == opArray
		}
		return t.op == opMap || t.op == opRecord
	}
	return t.op == opBytes || t.op == opString || t.op == opUUID || t.op == opFixed || t.op == opEnum || opDate <= t.op && t.op <= opLocalMicros
}
