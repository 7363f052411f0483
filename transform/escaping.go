package transform

import (
	"errors"

	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

var errUnknownEscaping = errors.New("escaping is unknown")

// Unescape undoes the server's escaping of every string. It comes once in a chain,
// after [Missing] and before any stage that looks into values.
func Unescape(e ltsv.Escaping) Stage { return escapingStage{"Unescape", e, unescape} }

// Missing turns every string that is what the server writes for "no value" into
// null. It comes before [Unescape]: only as the server wrote it can a value be told
// from the sign for none.
func Missing(e ltsv.Escaping) Stage { return escapingStage{"Missing", e, nullMissing} }

type escapingStage struct {
	name string
	e    ltsv.Escaping
	do   func(*Record, *field, ltsv.Escaping)
}

func (s escapingStage) String() string { return s.name + "(" + s.e.String() + ")" }

func (s escapingStage) Bind(*Binder) (func() Func, error) {
	if _, known := ltsv.ParseEscaping(s.e.String()); !known {
		return nil, errUnknownEscaping
	}
	f := func(r *Record) error {
		for i := range r.fields {
			if f := &r.fields[i]; !f.gone && f.value.Kind == KindString {
				s.do(r, f, s.e)
			}
		}
		return nil
	}
	return func() Func { return f }, nil
}

func nullMissing(_ *Record, f *field, e ltsv.Escaping) {
	if e.Missing(f.value.Bytes) {
		f.value = Null
	}
}

func unescape(r *Record, f *field, e ltsv.Escaping) {
	escaped := f.value.Bytes
	if !e.Escaped(escaped) {
		return
	}
	// Unescaping never makes a value longer.
	room := r.arena.alloc(len(escaped))
	plain := ltsv.AppendUnescape(room[:0], escaped, e)
	r.arena.giveBack(len(room) - len(plain))
	f.value.Bytes = plain[:len(plain):len(plain)]
}
