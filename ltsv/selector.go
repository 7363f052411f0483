package ltsv

import (
	"slices"
	"strings"
)

// A Selector takes the same few fields out of many lines.
//
// Lines of one server have the same labels in the same order, so a Selector looks
// for a label first where it found it last. Only if another label is there, or
// none, does it search the line.
//
// A Selector is for one goroutine at a time. Its use allocates nothing.
type Selector struct {
	fields []selected
}

// selected is one field wanted.
type selected struct {
	label string
	last  int // the number of the field that had the label last
	// What a field with the label begins with: the label and the colon as a
	// number, and the mask of their bytes. 0 if they are more than eight, or if
	// no label can be like this.
	head, mask uint64
}

// NewSelector returns a Selector of the fields labelled labels.
func NewSelector(labels ...string) *Selector {
	s := &Selector{fields: make([]selected, len(labels))}
	for i, label := range labels {
		f := &s.fields[i]
		f.label = label
		if n := len(label) + len(":"); n <= 8 && !strings.ContainsAny(label, ":\t") {
			var b [8]byte
			copy(b[:], label+":")
			f.head, f.mask = load(b[:], 0), ^uint64(0)>>(64-8*n)
		}
	}
	return s
}

// Select appends to dst one value for each label, in the order given to [NewSelector],
// or nil where r has no such label (a value that is empty is not nil). The values alias
// the line of r, with capacity clipped.
//
// Of a label that the line repeats, Select takes the field where it found the label
// last, or if another label is there now, the first. Where that matters, use
// [Record.Get].
func (s *Selector) Select(dst [][]byte, r *Record) [][]byte {
	n := len(dst)
	dst = slices.Grow(dst, len(s.fields))[:n+len(s.fields)]
	values, line, spans := dst[n:], r.line, r.spans
	for k := range s.fields {
		f := &s.fields[k]
		start := 0
		if i := f.last; uint(i) < uint(len(spans)) {
			if i > 0 {
				start = int(spans[i-1].end) + 1
			}
			if f.mask != 0 && start+8 <= len(line) && load(line, start)&f.mask == f.head {
				colon, end := int(spans[i].colon), int(spans[i].end)
				values[k] = line[colon+1 : end : end]
				continue
			}
		}
		values[k] = f.search(r)
	}
	return dst
}

// search finds the field by its whole label, where it was last or anywhere.
func (f *selected) search(r *Record) []byte {
	if f.last < len(r.spans) && string(r.Label(f.last)) == f.label {
		return r.Value(f.last)
	}
	i := r.index(f.label)
	if i < 0 {
		return nil
	}
	f.last = i
	return r.Value(i)
}
