package transform

import (
	"bytes"
	"iter"
	"slices"
	"sync/atomic"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

// A Record is a sequence of labelled values in order, no label twice.
//
// Labels stay valid for good; a byte in them that is not UTF-8 becomes U+FFFD. The bytes
// of values are valid until the record is decoded into again; they may alias the
// decoder's input and must not be changed: a new value is set with bytes from
// [Record.Alloc]. The zero value is an empty record. A Record is for one goroutine at a
// time, reading included.
type Record struct {
	fields   []field
	live     int // fields that are not gone
	repeated int // fields left out because their label was there
	names    names
	arena    arena

	// Scratch of the LTSV decoder. While asDecoded is true, field i of the record is
	// that of the line: gone perhaps, null perhaps, but no bytes of others.
	line      ltsv.Record
	asDecoded bool
	marks     jsonscan.Marks // scratch of AppendMembers

	// Of a worker: the names that its chain's slots stand for, the stage that is
	// running, and how often each could not work on a value.
	slots  []*name
	stage  int
	failed []atomic.Int64
}

type field struct {
	name  *name
	value Value
	gone  bool
	kept  bool // scratch of the stage Keep
}

// Reset empties the record. Its memory is used again: values taken from it before
// are no longer valid.
func (r *Record) Reset() {
	r.fields = r.fields[:0]
	r.live, r.repeated = 0, 0
	r.asDecoded = false
	r.names.next()
	r.arena.reset()
	r.marks.Reset()
}

// Append adds a field behind the others, for decoders. If the label is there
// already, the first field counts: the new one is left out, and Append reports
// false. Neither label nor value is copied; label is not kept.
func (r *Record) Append(label []byte, v Value) bool {
	return r.append(r.names.at(len(r.fields)+r.repeated, label), v)
}

func (r *Record) append(n *name, v Value) bool {
	if n.generation == r.names.generation {
		r.repeated++
		return false
	}
	r.push(n, v.Kind, v.Bytes)
	return true
}

// push adds a field, whose name the record has not yet. It writes each word once, by itself:
// a Value on its way through memory is read while its parts are still being written.
func (r *Record) push(n *name, kind Kind, text []byte) {
	at := len(r.fields)
	if at == cap(r.fields) {
		r.fields = slices.Grow(r.fields, 1)
	}
	r.fields = r.fields[:at+1]
	f := &r.fields[at]
	f.name, f.gone, f.kept = n, false, false
	f.value.Kind, f.value.Bytes = kind, text
	n.generation, n.field = r.names.generation, at
	r.live++
	r.asDecoded = false
}

// Len returns the number of fields.
func (r *Record) Len() int { return r.live }

// Repeated returns how many fields were left out because their label was there.
func (r *Record) Repeated() int { return r.repeated }

// All returns the labels and values in order. Values may be set meanwhile.
func (r *Record) All() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for i := range r.fields {
			if f := &r.fields[i]; !f.gone && !yield(f.name.label, f.value) {
				return
			}
		}
	}
}

// Get returns the value labelled label.
func (r *Record) Get(label string) (Value, bool) {
	if f := r.at(r.names.find(label)); f != nil {
		return f.value, true
	}
	return Value{}, false
}

// at returns the field named n, or nil if the record has none. The name of a field that
// is gone is not in the record any more.
func (r *Record) at(n *name) *field {
	if n == nil || n.generation != r.names.generation {
		return nil
	}
	return &r.fields[n.field]
}

// Set sets the value labelled label, in its place, or behind the others if the
// label is not there. It does not copy the bytes, which must stay as they are as
// long as the record: see [Record.Alloc].
func (r *Record) Set(label string, v Value) { r.set(r.names.named(label), v) }

func (r *Record) set(n *name, v Value) {
	if f := r.at(n); f != nil {
		r.put(f, v)
		return
	}
	r.push(n, v.Kind, v.Bytes)
}

// put gives f another value.
func (r *Record) put(f *field, v Value) {
	f.value.Kind, f.value.Bytes = v.Kind, v.Bytes
	r.asDecoded = false
}

// Delete removes the field labelled label and reports whether it was there.
func (r *Record) Delete(label string) bool { return r.remove(r.names.find(label)) }

func (r *Record) remove(n *name) bool {
	f := r.at(n)
	if f == nil {
		return false
	}
	r.drop(f)
	return true
}

// drop takes f out of the record.
func (r *Record) drop(f *field) {
	f.gone = true
	f.name.generation--
	r.live--
}

// Rename gives the field labelled from the label to, in its place, and reports
// whether it was there. A field that had the label before is removed.
func (r *Record) Rename(from, to string) bool {
	return r.rename(r.names.find(from), r.names.named(to))
}

func (r *Record) rename(from, to *name) bool {
	f := r.at(from)
	if f == nil {
		return false
	}
	if from == to {
		return true
	}
	r.remove(to)
	to.generation, to.field = from.generation, from.field
	from.generation--
	f.name = to
	return true
}

// Alloc returns n bytes for a new value, which are the record's until it is
// decoded into again. They are not zeroed.
func (r *Record) Alloc(n int) []byte { return r.arena.alloc(n) }

// Clone returns a copy of r that shares no memory with it.
func (r *Record) Clone() *Record {
	c := new(Record)
	c.Reset()
	for label, v := range r.All() {
		c.Set(label, Value{v.Kind, bytes.Clone(v.Bytes)})
	}
	c.repeated = r.repeated
	return c
}
