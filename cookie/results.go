package cookie

import (
	"bytes"
	"errors"
	"slices"
	"unicode/utf8"
)

// Results is the working form of an Extractor and holds what it found in one
// header. It belongs to one goroutine and must not be copied. Once warm it
// allocates nothing.
//
//	results := extractor.Bind()
//	for each header {
//		results.Extract(header)
//		for i := range results.Len() {
//			r := results.At(i) // r.Label, r.Kind, r.Bytes
//		}
//	}
//
// Labels and bytes that it hands out are good until the next Extract.
type Results struct {
	x       *Extractor
	decode  []DecodeFunc // of each field
	others  DecodeFunc
	denied  DecodeFunc
	cursor  Cursor
	matches []match
	at      []int32 // of each field, 1 + its first match

	values   Values
	found    []found
	labels   []byte // those that are not known beforehand
	failures []Failure
	counts   Counts
}

// match is a cookie that is wanted: of a field, or one of these.
type match struct {
	field       int
	name, value []byte
}

const (
	isRest   = -1
	isDenied = -2
)

// found is a value with its label: index into Extractor.known, or if it is -1 the
// text labels[start:end].
type found struct {
	value, index, start, end int32
}

// A Result is one value under its label.
type Result struct {
	Label []byte
	// Index counts in Extractor.Labels, so that a caller can look up once
	// what it has to do for a label; -1 for a label that is not among them.
	Index int
	Kind  Kind
	Bytes []byte
}

// A Failure is a cookie that gave nothing.
type Failure struct {
	Field int   // index into Extract.Fields; -1 for a cookie of Rest
	Err   error // wraps ErrMalformed, ErrUnverified or ErrTooLarge
}

// Counts says what became of the cookies of one header.
type Counts struct {
	Cookies    int // read from the header, up to the limits
	Decoded    int // wanted, and gave their values
	Malformed  int // wanted, and gave nothing: ErrMalformed, or another error of a Decoder
	Unverified int // wanted, and gave nothing: ErrUnverified
	TooLarge   int // wanted, and gave nothing: ErrTooLarge; and 1 for a header that reached a limit
	LeftOut    int // asked for by Rest and held back; and names in a cookie that can be no label
	Repeated   int // values whose name their cookie had given already
}

// Bind returns the working form, for one goroutine.
func (x *Extractor) Bind() *Results {
	r := &Results{x: x, at: make([]int32, len(x.fields))}
	r.cursor.Options = x.opts
	for _, f := range x.fields {
		r.decode = append(r.decode, f.Decoder.Bind())
	}
	if x.others != nil {
		r.others = x.others.Bind()
	}
	if x.denied != nil {
		r.denied = x.denied.Bind()
	}
	return r
}

// Extract reads one header, in place of what r held. A cookie that cannot be
// decoded or verified gives no result, and a Failure. The error is nil or the
// *LimitError of a header that was not read to its end; results from before
// the limit stand. All results of one header hold at most MaxDecoded bytes.
func (r *Results) Extract(header []byte) error {
	r.values.Reset()
	r.found, r.matches, r.failures = r.found[:0], r.matches[:0], r.failures[:0]
	r.labels, r.counts = r.labels[:0], Counts{}
	clear(r.at)
	r.collect(header)
	for i, first := range r.at {
		for m := int(first) - 1; m >= 0 && m < len(r.matches); m++ {
			if r.matches[m].field != i {
				continue
			}
			r.decodeField(i, &r.matches[m])
			if r.x.opts.Duplicates != AllOf {
				break
			}
		}
	}
	if r.others != nil {
		for i := range r.matches {
			if m := &r.matches[i]; m.field < 0 {
				r.decodeRest(m)
			}
		}
	}
	if err := r.cursor.Err(); err != nil {
		r.counts.TooLarge++
		return err
	}
	return nil
}

// collect finds the cookies that are wanted.
func (r *Results) collect(header []byte) {
	c := &r.cursor
	c.Reset(header)
	for c.Next() {
		r.counts.Cookies++
		i := r.x.names.find(c.Name)
		if i < 0 {
			if r.others != nil {
				r.collectRest(c.Name, c.Value)
			}
			continue
		}
		switch {
		case r.at[i] == 0:
			r.add(i, c.Name, c.Value)
			r.at[i] = int32(len(r.matches))
		case r.x.opts.Duplicates == AllOf:
			r.add(i, c.Name, c.Value)
		case r.x.opts.Duplicates == Last:
			r.matches[r.at[i]-1] = match{i, c.Name, c.Value}
		}
	}
}

// add adds a match. It writes each word once, in its place: a match on its way through
// memory is read while its parts are still being written.
func (r *Results) add(field int, name, value []byte) {
	at := len(r.matches)
	if at == cap(r.matches) {
		r.matches = slices.Grow(r.matches, 1)
	}
	r.matches = r.matches[:at+1]
	m := &r.matches[at]
	m.field, m.name, m.value = field, name, value
}

// collectRest is collect for a cookie that no field names.
func (r *Results) collectRest(name, value []byte) {
	if len(name) == 0 || len(name) > MaxName || !all(name, isToken) || r.shadows(name) {
		r.counts.LeftOut++
		return
	}
	m := match{isRest, name, value}
	if containsAny(name, r.x.deny) {
		m.field = isDenied
		if r.denied == nil {
			r.counts.LeftOut++
			return
		}
	}
	// Labels must be unique whatever Duplicates says, so what counts is how
	// the name is written in one.
	for i := range r.matches {
		old := &r.matches[i]
		if old.field < 0 && r.sameInLabel(old.name, name) {
			if r.x.opts.Duplicates == Last {
				*old = m
			}
			return
		}
	}
	r.matches = append(r.matches, m)
}

// shadows reports whether the label of a cookie of Rest would be in the way of
// one that a field stands for: clients could forge a verified value with it.
func (r *Results) shadows(name []byte) bool {
	start := len(r.labels)
	r.appendRestLabel(name)
	label := r.labels[start:]
	r.labels = r.labels[:start]
	for _, known := range r.x.labels {
		if clash(label, known) {
			return true
		}
	}
	return false
}

// appendRestLabel makes the label of a cookie of Rest. A dot in the name would
// make a level of its own, in the way of a cookie named like the part before it.
func (r *Results) appendRestLabel(name []byte) {
	r.labels = append(append(r.labels, r.x.rest...), '.')
	for _, c := range name {
		r.labels = append(r.labels, underscore(c))
	}
}

func underscore(c byte) byte {
	if c == '.' {
		return '_'
	}
	return c
}

func (r *Results) sameInLabel(a, b []byte) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := underscore(a[i]), underscore(b[i])
		if r.x.opts.FoldCase {
			x, y = lower(x), lower(y)
		}
		if x != y {
			return false
		}
	}
	return true
}

func (r *Results) decodeField(i int, m *match) {
	f := &r.x.fields[i]
	before := r.values.Len()
	if !r.run(r.decode[i], i, m) {
		return
	}
	if len(f.Members) == 0 {
		for v := before; v < r.values.Len(); v++ {
			r.give(v, r.x.known[f.first], f.first)
		}
		return
	}
	at := before // where the next member most likely is
	for k, member := range f.Members {
		for range r.values.Len() - before {
			if at == r.values.Len() {
				at = before
			}
			if at++; string(r.values.name(at-1)) == member {
				r.found = append(r.found, found{value: int32(at - 1), index: int32(f.first + k)})
				break
			}
		}
	}
}

func (r *Results) decodeRest(m *match) {
	decode := r.others
	if m.field == isDenied {
		decode = r.denied
	}
	before := r.values.Len()
	if !r.run(decode, isRest, m) {
		return
	}
	start := len(r.labels)
	r.appendRestLabel(m.name)
	label := r.labels[start:]
	for v := before; v < r.values.Len(); v++ {
		r.give(v, label, -1)
	}
}

// run decodes a cookie into values, whole or not at all.
func (r *Results) run(decode DecodeFunc, field int, m *match) bool {
	before, repeated := r.values.Len(), r.values.Repeated()
	r.values.begin()
	if err := decode(&r.values, m.name, m.value); err != nil {
		r.values.Truncate(before)
		r.fail(field, err)
		return false
	}
	r.counts.Decoded++
	r.counts.Repeated += r.values.Repeated() - repeated
	return true
}

// give keeps value v under label, or below it. index is label's own.
func (r *Results) give(v int, label []byte, index int) {
	name := r.values.name(v)
	if len(name) == 0 && index >= 0 {
		r.found = append(r.found, found{value: int32(v), index: int32(index)})
		return
	}
	if len(name) > 0 && !isLabel(name) {
		r.counts.LeftOut++
		return
	}
	start := len(r.labels)
	r.labels = append(r.labels, label...)
	if len(name) > 0 {
		r.labels = append(append(r.labels, '.'), name...)
	}
	r.found = append(r.found, found{int32(v), -1, int32(start), int32(len(r.labels))})
}

func (r *Results) fail(field int, err error) {
	r.failures = append(r.failures, Failure{field, err})
	switch {
	case errors.Is(err, ErrUnverified):
		r.counts.Unverified++
	case errors.Is(err, ErrTooLarge):
		r.counts.TooLarge++
	default:
		r.counts.Malformed++
	}
}

// Len returns how many results there are.
func (r *Results) Len() int { return len(r.found) }

// At returns result i, which must be in [0, Len). Results are in the order of
// Fields and Members, then the rest as in the header.
func (r *Results) At(i int) Result {
	f := &r.found[i]
	v := &r.values.list[f.value]
	text := r.values.buf[v.start:v.name:v.name]
	if f.index < 0 {
		return Result{r.labels[f.start:f.end:f.end], -1, v.kind, text}
	}
	return Result{r.x.known[f.index], int(f.index), v.kind, text}
}

// Failures returns the cookies that gave nothing, until the next Extract.
func (r *Results) Failures() []Failure { return r.failures }

// Counts says what became of the cookies of the header.
func (r *Results) Counts() Counts { return r.counts }

// isLabel reports whether a label may end in a name that a client wrote.
func isLabel(name []byte) bool {
	n := len(name)
	if n == 0 || n > MaxName || name[0] == '.' || name[n-1] == '.' || bytes.Contains(name, []byte("..")) {
		return false
	}
	return all(name, isPrintable) && utf8.Valid(name)
}

// isPrintable reports whether c is no ASCII control character.
func isPrintable(c byte) bool { return c >= ' ' && c != 0x7f }

func all(b []byte, is func(byte) bool) bool {
	for _, c := range b {
		if !is(c) {
			return false
		}
	}
	return true
}
