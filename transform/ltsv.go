package transform

import (
	"bytes"
	"slices"

	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

// A Decoder fills a record from its encoded form. Decode calls r.Reset and then r.Append
// for each field. The bytes that it gives to r must stay valid as long as src does: they
// are parts of src, or come from r.Alloc. After an error the worker empties r. Several
// workers call one Decoder at once.
type Decoder interface {
	Decode(r *Record, src []byte) error
}

// LTSV decodes a line of LTSV: every value is a string, as it stands in the line, which
// the record aliases. One line end behind it, LF or CRLF, as some shippers send, is no
// part of it; a line end anywhere else is a byte of a value like any other, unless Strict
// refuses it. Its zero value reads as [ltsv.Record.Parse] does with the default limits. An
// error is a [*ltsv.SyntaxError].
type LTSV struct {
	Strict       bool // by the grammar of ltsv.org
	MaxLineBytes int  // default ltsv.DefaultMaxLineBytes
	MaxFields    int  // default ltsv.DefaultMaxFields
}

// Decode implements [Decoder].
func (d LTSV) Decode(r *Record, src []byte) error {
	r.Reset()
	if n := len(src); n > 0 && src[n-1] == '\n' {
		src = cutLineEnd(src)
	}
	r.line.SetLimits(d.MaxLineBytes, d.MaxFields)
	var err error
	if d.Strict {
		err = r.line.ParseStrict(src)
	} else {
		err = r.line.Parse(src)
	}
	if err != nil {
		return err
	}
	r.fill()
	return nil
}

// cutLineEnd returns line, which ends in LF, without that or CRLF.
func cutLineEnd(line []byte) []byte {
	return bytes.TrimSuffix(line[:len(line)-1], []byte("\r"))
}

// fill makes fields of those of r.line. It is [Record.Append] for each of them, and
// most of the time that decoding takes.
func (r *Record) fill() {
	line, count := r.line.Line(), r.line.Len()
	fields := slices.Grow(r.fields, count)[:count]
	live, start := 0, 0
	for i := 0; i < count; i++ {
		if i == live { // no label was repeated
			i, start = r.fillPredicted(fields, i, start)
			if live = i; i == count {
				break
			}
		}
		for line[start] == '\t' {
			start++
		}
		colon, end := r.line.Span(i)
		n := r.names.at(i, line[start:colon])
		if n.generation == r.names.generation {
			r.repeated++
		} else {
			n.generation, n.field = r.names.generation, live
			fields[live] = field{name: n, value: Value{KindString, line[colon+1 : end : end]}}
			live++
		}
		start = end + 1
	}
	r.fields, r.live = fields[:live], live
	r.asDecoded = live == count
}

// fillPredicted fills fields from number i on, which begins at start in the line, as long as
// they are what the last line had there: nearly always to the end. It returns where it
// stopped. It calls nothing, so that its loop needs no memory for its own variables.
func (r *Record) fillPredicted(fields []field, i, start int) (int, int) {
	line, last, generation := r.line.Line(), r.names.last, r.names.generation
	for ; i < len(fields) && i < len(last); i++ {
		colon, end := r.line.Span(i)
		n := last[i]
		if !n.standsAt(line, start, colon) || n.generation == generation {
			break
		}
		n.generation, n.field = generation, i
		f := &fields[i]
		f.name, f.gone, f.kept = n, false, false
		f.value.Kind, f.value.Bytes = KindString, line[colon+1:end:end]
		start = end + 1
	}
	return i, start
}

// LTSVEncoder encodes records as lines of LTSV without their ends. A null is
// written as an empty value, any other value by its bytes. It may be shared.
type LTSVEncoder struct {
	// Escaping is applied to every value. With the default, EscapeNone, a value
	// that would break the line is refused.
	Escaping ltsv.Escaping
}

// Append appends rec to dst. A record that LTSV cannot hold gives the errors of
// [ltsv.AppendField], and dst as it came.
func (e LTSVEncoder) Append(dst []byte, rec *Record) ([]byte, error) {
	line := dst[len(dst):]
	for label, v := range rec.All() {
		value := v.Bytes
		if v.Kind == KindNull {
			value = nil
		}
		var err error
		if line, err = ltsv.AppendEscapedField(line, label, value, e.Escaping); err != nil {
			return dst, err
		}
	}
	return append(dst, line...), nil
}
