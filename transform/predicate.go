package transform

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// A Predicate is a question about a record, for [Filter] and [If]. Like a [Stage] it is
// configuration: immutable, shared, and printed by its String method if it has one. The
// function that its factory makes is for one worker, and must not change the record.
type Predicate interface {
	Bind(b *Binder) (func() func(*Record) bool, error)
}

var errNilPredicate = errors.New("predicate is nil")

// bindAll binds several predicates.
func bindAll(b *Binder, all []Predicate) (func() []func(*Record) bool, error) {
	factories := make([]func() func(*Record) bool, len(all))
	for i, p := range all {
		if p == nil {
			return nil, errNilPredicate
		}
		f, err := p.Bind(b)
		if err == nil && f == nil {
			err = errNilMake
		}
		if err != nil {
			return nil, err
		}
		factories[i] = f
	}
	return func() []func(*Record) bool {
		bound := make([]func(*Record) bool, len(factories))
		for i, f := range factories {
			bound[i] = f()
		}
		return bound
	}, nil
}

// And is true if all are; with none it is true.
func And(all ...Predicate) Predicate { return junction{"And", all, false} }

// Or is true if any is; with none it is false.
func Or(any ...Predicate) Predicate { return junction{"Or", any, true} }

// A junction asks until one answer is decides.
type junction struct {
	name    string
	of      []Predicate
	decides bool
}

func (j junction) String() string {
	names := make([]string, len(j.of))
	for i, p := range j.of {
		names[i] = predicateName(p)
	}
	return j.name + "(" + strings.Join(names, ", ") + ")"
}

func (j junction) Bind(b *Binder) (func() func(*Record) bool, error) {
	each, err := bindAll(b, j.of)
	if err != nil {
		return nil, err
	}
	return func() func(*Record) bool {
		of := each()
		return func(r *Record) bool {
			for _, p := range of {
				if p(r) == j.decides {
					return j.decides
				}
			}
			return !j.decides
		}
	}, nil
}

// Not is true if p is not.
func Not(p Predicate) Predicate { return not{p} }

type not struct{ p Predicate }

func (n not) String() string { return "Not(" + predicateName(n.p) + ")" }

func (n not) Bind(b *Binder) (func() func(*Record) bool, error) {
	each, err := bindAll(b, []Predicate{n.p})
	if err != nil {
		return nil, err
	}
	return func() func(*Record) bool {
		p := each()[0]
		return func(r *Record) bool { return !p(r) }
	}, nil
}

func predicateName(p Predicate) string {
	if named, ok := p.(fmt.Stringer); ok {
		return named.String()
	}
	return fmt.Sprintf("%T", p)
}

// valuePredicate asks about the value of one field. A field that is not there, or
// is null, answers no.
type valuePredicate struct {
	text  string
	label string
	ask   func(value []byte) bool
	err   error
}

func (p valuePredicate) String() string { return p.text }

func (p valuePredicate) Bind(b *Binder) (func() func(*Record) bool, error) {
	switch {
	case p.err != nil:
		return nil, p.err
	case p.label == "":
		return nil, errNoLabel
	}
	slot := b.Slot(p.label)
	ask := func(r *Record) bool {
		v, ok := r.Value(slot)
		return ok && v.Kind != KindNull && p.ask(v.Bytes)
	}
	return func() func(*Record) bool { return ask }, nil
}

// Exists is true if the record has the label, whatever its value.
func Exists(label string) Predicate { return exists{label} }

type exists struct{ label string }

func (e exists) String() string { return fmt.Sprintf("Exists(%q)", e.label) }

func (e exists) Bind(b *Binder) (func() func(*Record) bool, error) {
	if e.label == "" {
		return nil, errNoLabel
	}
	slot := b.Slot(e.label)
	ask := func(r *Record) bool { return r.at(r.slots[slot]) != nil }
	return func() func(*Record) bool { return ask }, nil
}

// Equal is true if the text of the value is text.
func Equal(label, text string) Predicate {
	return valuePredicate{
		text: fmt.Sprintf("Equal(%q, %q)", label, text), label: label,
		ask: func(v []byte) bool { return string(v) == text },
	}
}

// In is true if the text of the value is one of texts.
func In(label string, texts ...string) Predicate {
	set := make(map[string]bool, len(texts))
	for _, t := range texts {
		set[t] = true
	}
	return valuePredicate{
		text: fmt.Sprintf("In(%q%s)", label, quoted(texts)), label: label,
		ask: func(v []byte) bool { return set[string(v)] },
	}
}

// quoted lists arguments as Go code does, each behind a comma.
func quoted(args []string) string {
	var b strings.Builder
	for _, a := range args {
		fmt.Fprintf(&b, ", %q", a)
	}
	return b.String()
}

// Prefix is true if the text of the value begins with prefix.
func Prefix(label, prefix string) Predicate {
	return valuePredicate{
		text: fmt.Sprintf("Prefix(%q, %q)", label, prefix), label: label,
		ask: func(v []byte) bool { return bytes.HasPrefix(v, []byte(prefix)) },
	}
}

// If runs stages on the records for which p is true. Their errors and counts are
// those of the If.
func If(p Predicate, stages ...Stage) Stage { return conditional{p, stages} }

type conditional struct {
	p      Predicate
	stages []Stage
}

func (c conditional) String() string {
	s := "If(" + predicateName(c.p)
	for _, stage := range c.stages {
		s += ", " + stageName(stage)
	}
	return s + ")"
}

func (c conditional) Bind(b *Binder) (func() Func, error) {
	ask, err := bindAll(b, []Predicate{c.p})
	if err != nil {
		return nil, err
	}
	b.inside++
	defer func() { b.inside-- }()
	var factories []func() Func
	for _, s := range c.stages {
		if s == nil {
			return nil, errNilStage
		}
		f, err := bindStage(b, s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", stageName(s), err)
		}
		factories = append(factories, f)
	}
	return func() Func {
		p := ask()[0]
		var funcs []Func
		for _, f := range factories {
			funcs = append(funcs, f())
		}
		return func(r *Record) error {
			if !p(r) {
				return nil
			}
			for _, f := range funcs {
				if err := f(r); err != nil {
					return err
				}
			}
			return nil
		}
	}, nil
}

// Filter skips the records for which p is not true.
func Filter(p Predicate) Stage { return filter{p} }

type filter struct{ p Predicate }

func (f filter) String() string { return "Filter(" + predicateName(f.p) + ")" }

func (f filter) Bind(b *Binder) (func() Func, error) {
	ask, err := bindAll(b, []Predicate{f.p})
	if err != nil {
		return nil, err
	}
	return func() Func {
		p := ask()[0]
		return func(r *Record) error {
			if p(r) {
				return nil
			}
			return ErrSkip
		}
	}, nil
}
