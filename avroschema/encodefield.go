package avroschema

import "github.com/ltsvpipe/ltsvpipe/transform"

// field appends the value v of the field f of the record r; nil is none.
func (e *Encoder) field(dst []byte, r *recordPlan, f *fieldPlan, v *transform.Value) ([]byte, error) {
	if v != nil && v.Kind == transform.KindJSON {
		v = e.scalar(v)
	}
	switch {
	case v == nil && f.mayMiss:
		return append(dst, f.missing...), nil
	case v != nil && v.Kind != transform.KindNull && !f.isNull(v, f.nulls):
		return e.there(dst, r, f, v)
	case v != nil && f.mayNull:
		return append(dst, f.onNull...), nil
	}
	e.fields[f.number].failed.Add(1)
	return dst, ErrMissing
}

// there appends a value that is not null.
func (e *Encoder) there(dst []byte, r *recordPlan, f *fieldPlan, v *transform.Value) ([]byte, error) {
	repairs := e.repairs
	out, err := e.value(f.appendBranch(dst), f.typ, v)
	if err != nil {
		return e.fail(dst, r, f, v, err)
	}
	if e.repairs != repairs {
		e.fields[f.number].repaired.Add(1)
	}
	return out, nil
}

// fail counts a value that does not convert and appends what the field's policy makes of
// it.
func (e *Encoder) fail(dst []byte, r *recordPlan, f *fieldPlan, v *transform.Value, err error) ([]byte, error) {
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
	return append(dst, f.nullText...), nil
}

// dotted appends a nested record whose fields are there under labels with dots.
func (e *Encoder) dotted(dst []byte, r *recordPlan, f *fieldPlan, k *kid) ([]byte, error) {
	base := len(e.extras)
	values := e.values[k.first : k.first+len(k.record.fields)]
	out, err := e.record(f.appendBranch(dst), k.record, values, k.kids, base)
	if err != nil {
		e.cutExtras(base)
		return e.fail(dst, r, f, &transform.Value{Kind: transform.KindNull}, err)
	}
	return out, nil
}
