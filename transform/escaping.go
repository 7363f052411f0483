package transform

import (
	"errors"

	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

var errUnknownEscaping = errors.New("escaping is unknown")

// Unescape undoes the server's escaping of the strings under labels, or without labels
// of all strings. It must run once on a value, after [Missing] and before any stage that
// looks into the value.
func Unescape(e ltsv.Escaping, labels ...string) Stage {
	s := escaping("Unescape", e, labels, func(r *Record, f *field) { unescape(r, f, e) })
	s.all = func(r *Record) bool { return unescapeLine(r, e) }
	return s
}

// Missing makes null of strings that are what the server writes for "no value"
// ([ltsv.Escaping.Missing]). Without labels it looks at every field. It comes before
// [Unescape]: only the text as the server wrote it tells a value "-" from the sign for
// none.
func Missing(e ltsv.Escaping, labels ...string) Stage {
	s := escaping("Missing", e, labels, func(_ *Record, f *field) {
		if e.Missing(f.value.Bytes) {
			f.value = Null
		}
	})
	s.all = func(r *Record) bool { return missingAll(r, e) }
	return s
}

func escaping(name string, e ltsv.Escaping, labels []string, do func(*Record, *field)) fieldStage {
	s := fieldStage{text: name + "(" + e.String() + quoted(labels) + ")", labels: labels, do: do}
	if _, known := ltsv.ParseEscaping(e.String()); !known {
		s.err = errUnknownEscaping
	}
	return s
}

func unescape(r *Record, f *field, e ltsv.Escaping) {
	if e.Escaped(f.value.Bytes) {
		unescapeEscaped(r, f, e)
	}
}

func unescapeEscaped(r *Record, f *field, e ltsv.Escaping) {
	escaped := f.value.Bytes
	// Unescaping never makes a value longer.
	room := r.arena.alloc(len(escaped))
	plain := ltsv.AppendUnescape(room[:0], escaped, e)
	r.arena.giveBack(len(room) - len(plain))
	f.value.Bytes = plain[:len(plain):len(plain)]
	r.asDecoded = false
}

// missingAll makes null all strings that are missing. Nearly all others are longer than
// what any server writes for that.
func missingAll(r *Record, e ltsv.Escaping) bool {
	for i := range r.fields {
		f := &r.fields[i]
		if len(f.value.Bytes) <= len("-") && !f.gone && f.value.Kind == KindString && e.Missing(f.value.Bytes) {
			f.value = Null
		}
	}
	return true
}

// unescapeLine unescapes all strings of a record that is as it was decoded from its
// line; else it does nothing and reports false. Most lines have no escape, and others
// few: to look for them in the line is faster than in each value.
func unescapeLine(r *Record, e ltsv.Escaping) bool {
	if !r.asDecoded {
		return false
	}
	line := r.line.Line()
	for i, at := 0, 0; ; {
		next := e.Index(line[at:])
		if next < 0 {
			return true
		}
		at += next
		_, end := r.line.Span(i)
		for end <= at {
			i++
			_, end = r.line.Span(i)
		}
		if f := &r.fields[i]; !f.gone && f.value.Kind == KindString {
			unescapeEscaped(r, f, e)
		}
		at = end
	}
}
