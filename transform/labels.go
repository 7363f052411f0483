package transform

import "strings"

// A convert makes a new value of the text of a field. It takes memory of the record, but
// does not change its fields. Its error must not quote the text.
type convert func(r *Record, text []byte) (Value, error)

// textStage converts the strings that some labels have. Labels that are not there,
// and values that are no strings any more, it passes over.
type textStage struct {
	text      string // as the chain prints it
	labels    []string
	byDefault Policy
	make      func() convert
	err       error // a mistake in the configuration
}

func (s textStage) String() string { return s.text }

func (s textStage) Bind(b *Binder) (func() Func, error) {
	if s.err != nil {
		return nil, s.err
	}
	slots, err := labelSlots(b, s.labels)
	if err != nil {
		return nil, err
	}
	policy := b.Policy(s.byDefault)
	return func() Func {
		convert := s.make()
		return func(r *Record) error {
			for _, slot := range slots {
				f := r.at(r.slots[slot])
				if f == nil || f.value.Kind != KindString {
					continue
				}
				v, err := convert(r, f.value.Bytes)
				if err == nil {
					r.put(f, v)
				} else if err = r.Fail(policy, slot, err); err != nil {
					return err
				}
			}
			return nil
		}
	}, nil
}

// labelSlots returns the slots of labels, of which there must be one at least.
func labelSlots(b *Binder, labels []string) ([]Slot, error) {
	if len(labels) == 0 {
		return nil, errNoLabels
	}
	for _, l := range labels {
		if l == "" {
			return nil, errNoLabel
		}
	}
	return b.Slots(labels), nil
}

// call prints a stage as the Go code that makes it.
func call(name string, labels ...string) string {
	return name + "(" + strings.TrimPrefix(quoted(labels), ", ") + ")"
}

// same returns c as the convert of every worker.
func same(c convert) func() convert { return func() convert { return c } }

// fieldStage does something with the strings of some labels, or of all, that cannot
// fail.
type fieldStage struct {
	text   string
	labels []string // none: every field
	do     func(*Record, *field)
	all    func(*Record) bool // does it for every field, or reports false: a short cut
	err    error
}

func (s fieldStage) String() string { return s.text }

func (s fieldStage) Bind(b *Binder) (func() Func, error) {
	if s.err != nil {
		return nil, s.err
	}
	f := func(r *Record) error {
		if s.all != nil && s.all(r) {
			return nil
		}
		for i := range r.fields {
			if f := &r.fields[i]; !f.gone && f.value.Kind == KindString {
				s.do(r, f)
			}
		}
		return nil
	}
	if len(s.labels) > 0 {
		slots, err := labelSlots(b, s.labels)
		if err != nil {
			return nil, err
		}
		f = func(r *Record) error {
			for _, slot := range slots {
				if f := r.at(r.slots[slot]); f != nil && f.value.Kind == KindString {
					s.do(r, f)
				}
			}
			return nil
		}
	}
	return func() Func { return f }, nil
}
