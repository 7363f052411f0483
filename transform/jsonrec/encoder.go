package jsonrec

import (
	"unsafe"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// An Encoder appends records as JSON objects. Its zero value is ready for use, and
// writes each field as one member named by its label. Set the options before the
// first Append. An Encoder is for one goroutine at a time; it remembers the labels
// it has met, and nothing else of a record.
type Encoder struct {
	// OmitNull leaves out fields of KindNull. By default they are written as null.
	OmitNull bool

	// Nested makes objects of dotted labels: a.b and a.c become the members b
	// and c of the object a, which stands where the first of them stood. By
	// default a dot is a character like any other.
	//
	// A label stays one member of the whole object, dots and all, if what
	// stands before one of its dots is itself the label of a field that is
	// written (the field a next to the field a.b), if a part is empty (a..b), or
	// if it has more than 16 parts.
	Nested bool

	// Unlisted, if it is not empty, is the name of an object that takes the
	// fields whose labels are not in Listed. It is the last member, and is left
	// out if there are no such fields. It keeps labels nobody expected from
	// becoming members, and in Elasticsearch mappings, of their own.
	Unlisted string
	Listed   []string // needs Unlisted

	prepared bool
	bad      error // of the options
	listed   map[string]bool
	unlisted jsonscan.Name

	known  map[string]*member
	bytes  int               // of labels known
	recent *[recents]*member // by the address of the label
	first  *member           // of the last record
	later  []pending         // scratch: fields that are written behind others
	tree   tree              // of Nested
}

// What an Encoder remembers is bounded: a log has some dozens of labels, and when
// hostile input brings more, all are forgotten together.
const (
	maxKnown      = 4096
	maxKnownBytes = 1 << 20
	recents       = 1 << 9
)

// A member is what is written for a label.
type member struct {
	label    string
	name     jsonscan.Name
	unlisted bool
	next     *member // the one that last followed it
	node     *node   // of Nested: where the label leads to
	flat     *node   // of Nested, for a label of parts: where the field goes if it cannot nest
}

// A pending is a field that is written later.
type pending struct {
	m *member
	v transform.Value
}

// Append appends rec to dst as one JSON object without a line end. Fields keep
// their order; strings, numbers, bools, nulls and JSON are what their kinds say. No
// object has two members of one name. Bytes of strings that are not UTF-8 become
// U+FFFD, one a byte. Values of the other kinds are written as they are, null if
// they are empty: who made them answers for them, see [transform.Value].
//
// The only error is that of [Encoder.Check], for the options; dst is returned as
// it came then.
func (e *Encoder) Append(dst []byte, rec *transform.Record) ([]byte, error) {
	if !e.prepared {
		e.prepare()
	}
	if e.bad != nil {
		return dst, e.bad
	}
	if len(e.known) > maxKnown || e.bytes > maxKnownBytes {
		e.forget()
	}
	start := len(dst)
	if e.Nested || e.Unlisted != "" {
		dst = e.appendPlaced(dst, rec)
	} else {
		dst = e.appendFlat(dst, rec)
	}
	return closeObject(dst, start), nil
}

// appendFlat appends the fields as members of one object, in their order.
func (e *Encoder) appendFlat(dst []byte, rec *transform.Record) []byte {
	var members [16]jsonscan.Member // on the stack: what it holds is not kept
	n, next := 0, &e.first
	for label, v := range rec.All() {
		if v.Kind == transform.KindNull && e.OmitNull {
			continue
		}
		m := *next
		if m == nil || !m.is(label) {
			m = e.member(label)
			*next = m
		}
		next = &m.next
		if n == len(members) {
			dst, n = jsonscan.AppendMembers(dst, members[:]), 0
		}
		setMember(&members[n], &m.name, v)
		n++
	}
	return jsonscan.AppendMembers(dst, members[:n])
}

// appendPlaced appends the fields, those of one object behind one another.
func (e *Encoder) appendPlaced(dst []byte, rec *transform.Record) []byte {
	for label, v := range rec.All() {
		if v.Kind == transform.KindNull && e.OmitNull {
			continue
		}
		m := e.member(label)
		if m.unlisted || e.Nested {
			e.later = append(e.later, pending{m, v})
			continue
		}
		dst = appendMember(dst, &m.name, v)
	}
	if len(e.later) > 0 {
		dst = e.appendLater(dst)
	}
	return dst
}

// appendLater appends what could not be written while the record was read.
func (e *Encoder) appendLater(dst []byte) []byte {
	if e.Nested {
		dst = e.tree.append(dst, e.later, &e.unlisted)
	} else {
		dst = e.unlisted.Append(dst)
		start := len(dst)
		for _, p := range e.later {
			dst = appendMember(dst, &p.m.name, p.v)
		}
		dst = closeObject(dst, start)
	}
	clear(e.later) // values are not kept
	e.later = e.later[:0]
	return dst
}

// appendMember appends a member with the comma before it.
func appendMember(dst []byte, name *jsonscan.Name, v transform.Value) []byte {
	var member [1]jsonscan.Member
	setMember(&member[0], name, v)
	return jsonscan.AppendMembers(dst, member[:])
}

// setMember makes m what is written for v.
func setMember(m *jsonscan.Member, name *jsonscan.Name, v transform.Value) {
	m.Name, m.Value, m.JSON = name, v.Bytes, v.Kind != transform.KindString
	if v.Kind == transform.KindNull {
		m.Value = nil
	}
}

// closeObject ends the object whose members stand from start on, each with a comma
// before it: the first comma becomes the bracket.
func closeObject(dst []byte, start int) []byte {
	if len(dst) == start {
		return append(dst, "{}"...)
	}
	dst[start] = '{'
	return append(dst, '}')
}

// member returns the member of label. A label of a record mostly is the very string
// that it was in the last, wherever it stands there.
func (e *Encoder) member(label string) *member {
	at := addressHash(label)
	if m := e.recent[at]; m != nil && m.is(label) {
		return m
	}
	return e.lookUp(at, label)
}

// addressHash returns a place in Encoder.recent.
func addressHash(s string) uint64 {
	const golden = 0x9E3779B97F4A7C15
	return uint64(uintptr(unsafe.Pointer(unsafe.StringData(s)))) * golden >> (64 - 9) % recents
}

// is reports whether label is the very string of m.
func (m *member) is(label string) bool {
	return unsafe.StringData(m.label) == unsafe.StringData(label) && len(m.label) == len(label)
}

// lookUp is member for a label that is not at its place in recent. It may be beside it:
// two labels can have one place.
func (e *Encoder) lookUp(at uint64, label string) *member {
	if m := e.recent[at^1]; m != nil && m.is(label) {
		return m
	}
	m, ok := e.known[label]
	if !ok {
		m = &member{label: label, name: jsonscan.NewName(label)}
		m.unlisted = e.Unlisted != "" && !e.listed[label]
		if e.Nested {
			e.tree.place(m)
		}
		if e.known == nil {
			e.known = make(map[string]*member)
		}
		e.known[label] = m
		e.bytes += len(label)
	}
	m.label = label // the string may be another by now
	if e.recent[at] != nil {
		at ^= 1
	}
	e.recent[at] = m
	return m
}

func (e *Encoder) forget() {
	clear(e.known)
	clear(e.recent[:])
	e.first = nil
	e.bytes = 0
	e.tree = tree{}
}
