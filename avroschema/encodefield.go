package avroschema

import "github.com/ltsvpipe/ltsvpipe/transform"

// field appends the value v of the field f of the record r.
func (e *Encoder) field(dst []byte, r *recordPlan, f *fieldPlan, v transform.Value) ([]byte, error) {
	if v.Kind == transform.KindJSON {
		v = e.scalar(v)
	}
	if v.Kind == missing || v.Kind == transform.KindNull || f.isNull(v) {
		return e.noValue(dst, f, v.Kind)
	}
	start, repairs := len(dst), e.repairs
	out, err := e.value(append(dst, f.branch...), f.typ, v)
	if err != nil {
		return e.fail(dst[:start], r, f, v, err)
	}
	if e.repairs != repairs {
		e.fields[f.number].repaired.Add(1)
	}
	return out, nil
}

// isNull reports whether v is text that means null.
func (f *fieldPlan) isNull(v transform.Value) bool {
	if len(f.nulls) == 0 || len(v.Bytes) > f.longest || v.Kind != transform.KindString {
		return false
	}
	for _, s := range f.nulls {
		if string(v.Bytes) == s {
			return true
		}
	}
	return false
}

// noValue appends what becomes of a field that is missing or null.
func (e *Encoder) noValue(dst []byte, f *fieldPlan, kind transform.Kind) ([]byte, error) {
	switch {
	case f.hasDef && (kind == missing || !f.nullable):
		return append(dst, f.def...), nil
	case f.nullable:
		return append(dst, f.null...), nil
	}
	e.fields[f.number].failed.Add(1)
	return dst, ErrMissing
}

// fail counts a value that does not convert and appends what the field's policy makes of
// it.
func (e *Encoder) fail(dst []byte, r *recordPlan, f *fieldPlan, v transform.Value, err error) ([]byte, error) {
	e.fields[f.number].failed.Add(1)
	if err == ErrRecordTooLarge || f.policy == OnErrorReject {
		return dst, err
	}
	e.trail = e.trail[:0] // nobody will ask
	switch f.policy {
	case OnErrorDefault:
		return append(dst, f.def...), nil
	case OnErrorExtras:
		e.addExtra(r, extra{label: f.label}, v)
	}
	return append(dst, f.null...), nil
}

// dotted appends a nested record whose fields are there under labels with dots.
func (e *Encoder) dotted(dst []byte, r *recordPlan, f *fieldPlan, k *kid) ([]byte, error) {
	start, base := len(dst), len(e.extras)
	values := e.values[k.first : k.first+len(k.record.fields)]
	out, err := e.record(append(dst, f.branch...), k.record, values, k.kids, base)
	if err != nil {
		e.cutExtras(base)
		return e.fail(dst[:start], r, f, transform.Null, err)
	}
	return out, nil
}
