package avroschema

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/ltsvpipe/ltsvpipe/internal/textconv"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// DefaultMaxRecordBytes is the default of [Encoder.MaxBytes].
const DefaultMaxRecordBytes = 16 << 20

// An Encoder encodes records by a [Plan], as bare Avro data: no header, no schema. It
// allocates nothing once it has seen the labels and sizes of its records. It is for one
// goroutine, but for Stats.
//
// What each type takes, from a value of any kind:
//
//   - string: strings, repaired to UTF-8, one U+FFFD for each byte that is not; the text
//     of numbers and bools; JSON as it stands
//   - int, long: decimal digits with a sign or without, zeros in front ignored; numbers
//     of JSON also with a fraction or exponent if they are integers: 2e2, 200.0
//   - float, double: numbers of JSON, in strings also with zeros or + in front, rounded
//     to the nearest. NaN and infinities are no numbers
//   - decimal: the same; digits that the scale has no place for are an error unless 0,
//     nothing is rounded
//   - boolean: true and false, yes and no, on and off, t and f, y and n, 1 and 0, in any
//     case
//   - bytes, fixed: the text as it is
//   - enum: the name of a symbol; uuid: the 36 characters of RFC 9562
//   - date, timestamp-millis and -micros: by the field's layouts, by default those of
//     [transform.Time]; a date also 2026-11-22. Fractions of the unit are cut off, and
//     days are those of UTC. local-timestamp is the clock in the zone of the text
//   - time-millis, time-micros: 16:00:49.567, or the number itself
//   - array, map, record: a JSON array or object, also in a string. Members that a record
//     has no field for are ignored, or are its extras; of repeated ones the last counts,
//     and no key is written twice
//   - union with null: the other type, and null for null
//   - any other union: the first of its types that is for values of the kind (a number:
//     int, long, float, double, decimal; a string: string, enum, bytes, fixed and times; a
//     bool: boolean) and converts, else the first that converts
//
// What becomes of a value that does not convert, the [FailurePolicy] of its field says.
// One in an array or map makes the whole array or map fail; one that a field of a nested
// record rejects makes the nested record fail.
type Encoder struct {
	// MaxBytes is the limit of one encoded record, in bytes. Of JSON for nested values up
	// to four times that is read, where each level of nesting counts. Beyond either is
	// [ErrRecordTooLarge]. Set it before the first Append. Default 16 MiB.
	MaxBytes int

	plan     *Plan
	selector *transform.Selector
	values   []*transform.Value // by slot; nil where there is none
	guesses  []guess
	times    textconv.TimeReader
	limit    int

	// Of the record in work.
	start   int                // where it is in dst
	read    int                // bytes of JSON
	frames  []*transform.Value // of nested records that are read from JSON
	held    []transform.Value  // where they stand
	text    []byte             // what strings in JSON mean
	extras  []extra
	entries []entry  // of maps
	trail   []string // names on the way out from a field that failed
	behind  []byte   // scratch

	repairs int64 // strings that were repaired, in all

	records, rejected atomic.Int64
	fields            []fieldCounters
}

// A guess is what was at some place of the last record.
type guess struct {
	label string
	known bool // to the plan
}

// Bounds of what is remembered between records: hostile ones may have any labels.
const (
	maxGuesses = 4096
	maxGuess   = 256
	keepBytes  = 1 << 20
	keepValues = 1 << 10
)

// NewEncoder returns an encoder for one goroutine.
func (p *Plan) NewEncoder() *Encoder {
	return &Encoder{
		plan: p, times: textconv.NewTimeReader(), selector: transform.NewSelector(p.labels...),
		values: make([]*transform.Value, len(p.labels)), fields: make([]fieldCounters, len(p.paths)),
	}
}

// Plan returns the plan that e encodes by.
func (e *Encoder) Plan() *Plan { return e.plan }

// Append appends rec to dst. It neither changes nor keeps rec. A record that is rejected
// gives a [*FieldError], and dst as it came.
func (e *Encoder) Append(dst []byte, rec *transform.Record) ([]byte, error) {
	if e.limit = e.MaxBytes; e.limit <= 0 {
		e.limit = DefaultMaxRecordBytes
	}
	e.start = len(dst)
	e.selector.Select(e.values, rec)
	if e.plan.root.extras >= 0 {
		e.addUnknown(rec)
	}
	out, err := e.record(dst, e.plan.root, e.values[:len(e.plan.root.fields)], e.plan.kids, 0)
	if err == nil && len(out)-e.start > e.limit {
		err = ErrRecordTooLarge
	}
	if err != nil {
		err = e.reject(err)
		out = dst
	} else {
		e.records.Add(1)
	}
	e.forget()
	return out, err
}

// addUnknown adds the values of rec that no field takes to the extras.
func (e *Encoder) addUnknown(rec *transform.Record) {
	place := 0
	for label, v := range rec.All() {
		var known bool
		// Labels of a record are one string as long as it lives: this compares two
		// pointers.
		if place < len(e.guesses) && e.guesses[place].label == label {
			known = e.guesses[place].known
		} else {
			known = e.knows(place, label)
		}
		if place++; !known {
			e.addExtra(e.plan.root, extra{label: label}, &v)
		}
	}
}

// knows reports whether a field takes label, which stands at place.
func (e *Encoder) knows(place int, label string) bool {
	_, known := e.plan.known[label]
	for len(e.guesses) <= min(place, maxGuesses-1) {
		e.guesses = append(e.guesses, guess{known: false})
	}
	if place < len(e.guesses) && len(label) <= maxGuess && label != "" {
		e.guesses[place] = guess{label, known}
	}
	return known
}

// forget lets go of the record that was in work, and of memory that only a large one
// needs.
func (e *Encoder) forget() {
	if cap(e.held) > keepValues || cap(e.extras) > keepValues || cap(e.entries) > keepValues {
		e.held, e.extras, e.frames, e.entries = nil, nil, nil, nil
	}
	clear(e.held[:cap(e.held)])
	clear(e.extras[:cap(e.extras)])
	clear(e.frames[:cap(e.frames)])
	e.read, e.extras, e.frames, e.held, e.text, e.trail = 0, e.extras[:0], e.frames[:0], e.held[:0], e.text[:0], e.trail[:0]
	if cap(e.text) > keepBytes {
		e.text = nil
	}
	if cap(e.behind) > keepBytes {
		e.behind = nil
	}
}

// record appends r, whose fields have values and, where these are nil, kids. Its extras
// are those from base on.
func (e *Encoder) record(dst []byte, r *recordPlan, values []*transform.Value, kids []*kid, base int) (_ []byte, err error) {
	extrasAt := -1
	values = values[:len(r.quick)]
	for i := range r.quick {
		q, v := &r.quick[i], values[i]
		if v != nil && v.Kind <= transform.KindNumber {
			op := q.op
			if len(v.Bytes) <= int(q.longest) && q.isNull(v, r.fields[i].nulls) {
				if q.nullByte {
					dst = append(dst, q.null)
					continue
				}
				op = opNull
			}
			// What most values are is encoded here: calls would cost more.
			switch op {
			case opString:
				var repaired bool
				if dst, repaired = q.appendString(dst, v.Bytes); repaired {
					e.fields[r.fields[i].number].repaired.Add(1)
				}
				continue
			case opInt, opLong:
				if n, err := textconv.Int64(v.Bytes); err == nil && (op == opLong || n == int64(int32(n))) {
					dst = appendLong(q.appendBranch(dst), n)
					continue
				}
			case opTimestampMillis:
				if n, ok := e.time(r.fields[i].typ, v); ok {
					dst = appendLong(q.appendBranch(dst), n)
					continue
				}
			case opDouble:
				if x, err := textconv.Float64(v.Bytes); err == nil {
					dst = appendDouble(q.appendBranch(dst), x)
					continue
				}
			}
		}
		f := &r.fields[i]
		switch {
		case i == r.extras:
			extrasAt = len(dst) // later fields may add to it
			continue
		case v == nil && kids != nil && kids[i] != nil && e.anyOf(kids[i]):
			dst, err = e.dotted(dst, r, f, kids[i])
		default:
			dst, err = e.field(dst, r, f, v)
		}
		if err != nil {
			e.trail = append(e.trail, f.name)
			return nil, err
		}
	}
	if extrasAt >= 0 {
		dst = e.appendExtras(dst, &r.fields[r.extras], base, extrasAt)
	}
	return dst, nil
}

// anyOf reports whether a field of k is there.
func (e *Encoder) anyOf(k *kid) bool {
	return slices.ContainsFunc(e.values[k.first:k.end], func(v *transform.Value) bool { return v != nil })
}

// reject counts the record and returns the error that says why.
func (e *Encoder) reject(err error) error {
	e.rejected.Add(1)
	if err == ErrRecordTooLarge {
		return &FieldError{"", err}
	}
	slices.Reverse(e.trail)
	path := strings.Join(e.trail, ".")
	return &FieldError{strings.ReplaceAll(strings.ReplaceAll(path, ".[]", "[]"), ".{}", "{}"), err}
}
