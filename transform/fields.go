package transform

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
)

// Keep removes every field but those with these labels.
func Keep(labels ...string) Stage { return keep{labels} }

type keep struct{ labels []string }

func (s keep) String() string { return call("Keep", s.labels...) }

func (s keep) Bind(b *Binder) (func() Func, error) {
	slots, err := labelSlots(b, s.labels)
	if err != nil {
		return nil, err
	}
	for label := range b.writers {
		if !slices.Contains(s.labels, label) {
			b.Free(label)
		}
	}
	return func() Func {
		return func(r *Record) error {
			for _, slot := range slots {
				if f := r.at(r.slots[slot]); f != nil {
					f.kept = true
				}
			}
			for i := range r.fields {
				f := &r.fields[i]
				if !f.gone && !f.kept {
					r.drop(f)
				}
				f.kept = false
			}
			return nil
		}
	}, nil
}

// Drop removes the fields with these labels.
func Drop(labels ...string) Stage { return drop{labels} }

type drop struct{ labels []string }

func (s drop) String() string { return call("Drop", s.labels...) }

func (s drop) Bind(b *Binder) (func() Func, error) {
	slots, err := labelSlots(b, s.labels)
	if err != nil {
		return nil, err
	}
	for _, l := range s.labels {
		b.Free(l)
	}
	f := func(r *Record) error {
		for _, slot := range slots {
			r.Remove(slot)
		}
		return nil
	}
	return func() Func { return f }, nil
}

// Rename gives the field labelled from the label to, in its place. A field that had
// that label is removed.
func Rename(from, to string) Stage { return rename{from, to} }

type rename struct{ from, to string }

func (s rename) String() string { return call("Rename", s.from, s.to) }

func (s rename) Bind(b *Binder) (func() Func, error) {
	if s.from == "" || s.to == "" {
		return nil, errNoLabel
	}
	b.Free(s.from)
	from, to := b.Slot(s.from), b.Output(s.to)
	f := func(r *Record) error {
		r.Relabel(from, to)
		return nil
	}
	return func() Func { return f }, nil
}

// Set gives every record a field with this value, which is copied. If the label is
// there already, its value is replaced, in its place. Bytes that are not what the kind
// says are a mistake that [NewChain] reports.
func Set(label string, v Value) Stage { return newSet(label, v) }

type set struct {
	label string
	value Value
}

// newSet copies the bytes, without room behind them: all records of all workers have
// them, and who appends to a value must not write there.
func newSet(label string, v Value) set {
	return set{label, Value{v.Kind, slices.Clip(bytes.Clone(v.Bytes))}}
}

// check returns what is wrong with the stage.
func (s set) check() error {
	if s.label == "" {
		return errNoLabel
	}
	text, ok := s.value.Bytes, true
	switch s.value.Kind {
	case KindString, KindNull:
	case KindNumber:
		ok = len(text) > 0 && jsonscan.NumberPrefix(text) == len(text)
	case KindBool:
		ok = string(text) == "true" || string(text) == "false"
	case KindJSON:
		ok = jsonscan.Valid(text) && !bytes.ContainsAny(text, "\n\r")
	default:
		return errUnknownKind
	}
	if !ok {
		return errValue
	}
	return nil
}

func (s set) String() string {
	return fmt.Sprintf("Set(%q, %v %q)", s.label, s.value.Kind, s.value.Bytes)
}

func (s set) Bind(b *Binder) (func() Func, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	slot := b.Output(s.label)
	f := func(r *Record) error {
		r.SetValue(slot, s.value)
		return nil
	}
	return func() Func { return f }, nil
}

// Default is [Set] for records that lack the label or have null there.
func Default(label string, v Value) Stage { return byDefault{newSet(label, v)} }

type byDefault struct{ set }

func (s byDefault) String() string {
	return fmt.Sprintf("Default(%q, %v %q)", s.label, s.value.Kind, s.value.Bytes)
}

func (s byDefault) Bind(b *Binder) (func() Func, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	slot := b.Slot(s.label)
	f := func(r *Record) error {
		if v, ok := r.Value(slot); !ok || v.Kind == KindNull {
			r.SetValue(slot, s.value)
		}
		return nil
	}
	return func() Func { return f }, nil
}

// Copy puts the value labelled from under the label to as well, in place of what is
// there. A record without from is left alone.
func Copy(from, to string) Stage { return copyField{from, to} }

type copyField struct{ from, to string }

func (s copyField) String() string { return call("Copy", s.from, s.to) }

func (s copyField) Bind(b *Binder) (func() Func, error) {
	if s.from == "" || s.to == "" {
		return nil, errNoLabel
	}
	from, to := b.Slot(s.from), b.Output(s.to)
	f := func(r *Record) error {
		if v, ok := r.Value(from); ok {
			r.SetValue(to, v)
		}
		return nil
	}
	return func() Func { return f }, nil
}

// Truncate shortens the strings under labels, or without labels all strings, to at most
// n bytes, at the start of the UTF-8 sequence that would be cut.
func Truncate(n int, labels ...string) Stage {
	s := fieldStage{text: fmt.Sprintf("Truncate(%d%s)", n, quoted(labels)), labels: labels, do: func(_ *Record, f *field) {
		if b := f.value.Bytes; len(b) > n {
			end := runeStart(b, n)
			f.value.Bytes = b[:end:end]
		}
	}}
	if n < 0 {
		s.err = errNegative
	}
	return s
}

// runeStart returns n, or where the UTF-8 sequence starts that n is inside of. Bytes
// that are no UTF-8 are inside of none.
func runeStart(b []byte, n int) int {
	for start := n - 1; start >= 0 && n-start < utf8.UTFMax; start-- {
		if !utf8.RuneStart(b[start]) {
			continue
		}
		if _, size := utf8.DecodeRune(b[start:]); start+size > n {
			return start
		}
		break
	}
	return n
}
