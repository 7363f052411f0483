package transform

import "errors"

var errNotText = errors.New("not a string")

// derived makes a value of the text of one field and puts it into another. Without the
// one it does nothing; of null it makes null.
type derived struct {
	text     string // as the chain prints it
	from, to string
	convert  convert
}

func (s derived) String() string { return s.text }

func (s derived) Bind(b *Binder) (func() Func, error) {
	if s.from == "" || s.to == "" {
		return nil, errNoLabel
	}
	from, to := b.Slot(s.from), output(b, s.to, s.from)
	policy := b.Policy(OnErrorNull)
	f := func(r *Record) error {
		v, ok := r.Value(from)
		if !ok {
			return nil
		}
		var err error
		switch v.Kind {
		case KindString:
			v, err = s.convert(r, v.Bytes)
		case KindNull:
		default:
			err = errNotText
		}
		if err == nil {
			r.SetValue(to, v)
			return nil
		}
		return r.Fail(policy, to, err)
	}
	return func() Func { return f }, nil
}
