package transform

import (
	"errors"
	"fmt"
)

var (
	errTooLarge = errors.New("record is too large")
	errMaxBytes = errors.New("maximum is not above zero")
)

// MaxSize rejects records of more than maxBytes bytes: the sum of the lengths of all
// labels and of all values but null. The encoded record is longer by its punctuation,
// and by the escapes of JSON by up to six times for a hostile value.
//
// [OnError] may say otherwise. Under OnErrorSkip the record is skipped. Under
// OnErrorDropField the fields with the longest values are removed, the longest first,
// under OnErrorNull such values become null, until the record is small enough; each
// counts as failed. Null does not make labels shorter: a record whose labels alone are
// too long is rejected. Under OnErrorKeep the record is counted and goes on.
//
// Nothing is cut: to shorten long strings, put [Truncate] in front.
func MaxSize(maxBytes int) Stage { return maxSize(maxBytes) }

type maxSize int

func (s maxSize) String() string { return fmt.Sprintf("MaxSize(%d)", int(s)) }

func (s maxSize) Bind(b *Binder) (func() Func, error) {
	if s < 1 {
		return nil, errMaxBytes
	}
	policy := b.Policy(OnErrorReject)
	f := func(r *Record) error {
		over := r.size() - int(s)
		if over <= 0 {
			return nil
		}
		if policy != OnErrorNull && policy != OnErrorDropField {
			return r.apply(policy, nil, errTooLarge)
		}
		for over > 0 {
			f := r.longest(policy)
			if f == nil {
				return r.apply(OnErrorReject, nil, errTooLarge)
			}
			over -= f.length()
			if policy == OnErrorDropField {
				over -= len(f.name.label)
			}
			if err := r.apply(policy, f.name, errTooLarge); err != nil {
				return err
			}
		}
		return nil
	}
	return func() Func { return f }, nil
}

// size returns the number of bytes of all labels and values.
func (r *Record) size() int {
	n := 0
	for i := range r.fields {
		if f := &r.fields[i]; !f.gone {
			n += len(f.name.label) + f.length()
		}
	}
	return n
}

func (f *field) length() int {
	if f.value.Kind == KindNull {
		return 0
	}
	return len(f.value.Bytes)
}

// longest returns the field with the longest value of those that p makes shorter, or
// nil if it makes none.
func (r *Record) longest(p Policy) *field {
	var longest *field
	for i := range r.fields {
		f := &r.fields[i]
		if f.gone || p == OnErrorNull && f.length() == 0 {
			continue
		}
		if longest == nil || f.length() > longest.length() {
			longest = f
		}
	}
	return longest
}
