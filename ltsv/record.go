package ltsv

import (
	"bytes"
	"iter"
	"slices"
)

// The limits of a line, unless the caller sets others.
const (
	DefaultMaxLineBytes = 1 << 20 // 1 MiB, without the line's end
	DefaultMaxFields    = 1024
)

const maxLineBytesCap = 1 << 30 // positions are kept in 32 bits

// A Field is one label and its value, both sub-slices of a line.
type Field struct {
	Label, Value []byte
}

// A Record is a view of one line: the line itself and the places where its
// fields end. Labels and values are cut out when they are asked for.
//
// What a Record hands out aliases the line, has its capacity clipped, and is
// valid as long as the line's bytes are left alone. The zero value is an empty
// record, ready for [Record.Parse], which uses its memory again for each line. A
// Record is for one goroutine at a time.
type Record struct {
	line []byte
	// spans has an entry for each field that is not empty. Where empty fields
	// were skipped, a field starts behind the TABs at its start.
	spans []span

	maxLineBytes, maxFields int // 0: the default
}

// SetLimits bounds the lines that the next calls of [Record.Parse] and
// [Record.ParseStrict] take: their length in bytes and the number of fields.
// 0 is the default, [DefaultMaxLineBytes] and [DefaultMaxFields]; lines are never
// over 1 GiB.
func (r *Record) SetLimits(lineBytes, fields int) {
	r.maxLineBytes, r.maxFields = lineBytes, fields
}

// Parse makes r a view of line, which must hold no line end. Each field needs a
// colon with a label before it; empty fields (two TABs in a row, one at the
// start or at the end) are skipped, and any other byte is kept as it is.
//
// On error, which is a [*SyntaxError], r is empty. The line is kept, not copied.
func (r *Record) Parse(line []byte) error {
	maxFields, err := r.limits(line)
	if err != nil {
		return err
	}
	spans, regular := indexFields(line, r.spans, maxFields)
	r.line, r.spans = line, spans
	if regular {
		return nil
	}
	return r.parseIrregular(line, maxFields)
}

// Reset empties r and lets go of its line. Its memory and limits stay.
func (r *Record) Reset() { r.line, r.spans = nil, r.spans[:0] }

// limits empties r and refuses a line over the limit. It returns the limit of fields.
func (r *Record) limits(line []byte) (maxFields int, err error) {
	r.Reset()
	maxBytes := r.maxLineBytes
	if maxBytes <= 0 {
		maxBytes = DefaultMaxLineBytes
	}
	if len(line) > min(maxBytes, maxLineBytesCap) {
		return 0, &SyntaxError{Err: ErrLineTooLong}
	}
	if r.maxFields > 0 {
		return r.maxFields, nil
	}
	return DefaultMaxFields, nil
}

// parseIrregular parses a line that has an empty field, a mistake, or too many
// fields: indexFields cannot tell which.
func (r *Record) parseIrregular(line []byte, maxFields int) error {
	spans := r.spans[:0]
	for start := 0; start < len(line); {
		end := fieldEnd(line, start)
		if start < end {
			colon := colonIndex(line, start, end)
			var err error
			switch {
			case colon < 0:
				err = ErrNoColon
			case colon == start:
				err = ErrEmptyLabel
			case len(spans) == maxFields:
				err = ErrTooManyFields
			}
			if err != nil {
				r.line, r.spans = nil, spans[:0]
				return &SyntaxError{Column: start + 1, Err: err}
			}
			spans = append(spans, span{uint32(colon), uint32(end)})
		}
		start = end + 1
	}
	r.line, r.spans = line, spans
	return nil
}

// Line returns the line that r is a view of.
func (r *Record) Line() []byte { return r.line[:len(r.line):len(r.line)] }

// Len returns the number of fields.
func (r *Record) Len() int { return len(r.spans) }

// At returns field i, counted from 0. It panics if there is no such field. A loop
// over all fields is several times faster by [Record.All].
func (r *Record) At(i int) Field { return Field{r.Label(i), r.Value(i)} }

// Label returns the label of field i. It panics if there is no such field.
func (r *Record) Label(i int) []byte {
	start, colon := r.start(i), int(r.spans[i].colon)
	return r.line[start:colon:colon]
}

// Value returns the value of field i. It panics if there is no such field.
func (r *Record) Value(i int) []byte {
	s := r.spans[i]
	colon, end := int(s.colon), int(s.end)
	return r.line[colon+1 : end : end]
}

// Span returns where in the line the colon of field i stands, and where its value
// ends. It panics if there is no such field.
func (r *Record) Span(i int) (colon, end int) {
	s := r.spans[i]
	return int(s.colon), int(s.end)
}

// start returns where field i starts.
func (r *Record) start(i int) int {
	start := 0
	if i > 0 {
		start = int(r.spans[i-1].end) + 1
	}
	for r.line[start] == '\t' {
		start++
	}
	return start
}

// All returns the labels and values in the order of the line, repeated labels
// included.
func (r *Record) All() iter.Seq2[[]byte, []byte] {
	return func(yield func(label, value []byte) bool) {
		line, start := r.line, 0
		for _, s := range r.spans {
			for line[start] == '\t' {
				start++
			}
			colon, end := int(s.colon), int(s.end)
			if !yield(line[start:colon:colon], line[colon+1:end:end]) {
				return
			}
			start = end + 1
		}
	}
}

// Get returns the value of the first field labelled label. To get the same few
// labels out of many lines, a [Selector] is faster.
func (r *Record) Get(label string) ([]byte, bool) {
	if i := r.index(label); i >= 0 {
		return r.Value(i), true
	}
	return nil, false
}

// index returns the number of the first field labelled label, or -1.
func (r *Record) index(label string) int {
	start := 0
	for i, s := range r.spans {
		for r.line[start] == '\t' {
			start++
		}
		colon := int(s.colon)
		if colon-start == len(label) && string(r.line[start:colon]) == label {
			return i
		}
		start = int(s.end) + 1
	}
	return -1
}

// Clone returns a copy of r that shares no memory with it or with its line.
func (r *Record) Clone() *Record {
	return &Record{
		line:         bytes.Clone(r.line),
		spans:        slices.Clone(r.spans),
		maxLineBytes: r.maxLineBytes,
		maxFields:    r.maxFields,
	}
}
