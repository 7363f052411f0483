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
//     has no field for are ignored, or are its extras; of repeated ones the last counts
//   - union with null: the other type, and null for null
//   - any other union: the first of its types that is for values of the kind (a number:
//     int, long, float, double, decimal; a string: string, enum, bytes, fixed and times; a
//     bool: boolean) and converts, else the first that converts
//
// A value that does not convert is what the [FailurePolicy] of its field makes of it. In
// an array or map it is one for the whole; in a nested record whose field rejects it, for
// that record.
type Encoder struct {
	// MaxBytes is the limit of one encoded record, in bytes; nor is more than four times
	// that read of JSON for it, counting what is nested at each level. Set it before the
	// first Append. Default 16 MiB.
	MaxBytes int

	plan    *Plan
	values  []transform.Value // by slot; kind missing where there is none
	guesses []guess
	times   textconv.TimeReader
	limit   int

	// Of the record in work.
	start  int               // where it is in dst
	read   int               // bytes of JSON
	frames []transform.Value // of nested records that are read from JSON
	text   []byte            // what strings in JSON mean
	extras []extra
	trail  []string // names on the way out from a field that failed
	behind []byte   // scratch

	repairs int64 // strings that were repaired, in all

	records, rejected atomic.Int64
	fields            []fieldCounters
}

// missing is the kind of a value that is not there.
const missing transform.Kind = 0xff

// A guess is what was at some place of the last record.
type guess struct {
	label string
	slot  int32 // -1 if the plan knows no such label
}

// Bounds of what is remembered between records: hostile ones may have any labels.
const (
	maxGuesses = 4096
	maxGuess   = 256
	keepBytes  = 1 << 20
)

// NewEncoder returns an encoder for one goroutine.
func (p *Plan) NewEncoder() *Encoder {
	e := &Encoder{
		plan: p, times: textconv.NewTimeReader(),
		values: make([]transform.Value, p.size), fields: make([]fieldCounters, len(p.paths)),
	}
	for i := range e.values {
		e.values[i].Kind = missing
	}
	return e
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
	e.collect(rec)
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

// collect puts the values of rec at their slots.
func (e *Encoder) collect(rec *transform.Record) {
	place := 0
	for label, v := range rec.All() {
		var slot int32
		// Labels of a record are one string as long as it lives: this compares two
		// pointers.
		if place < len(e.guesses) && e.guesses[place].label == label {
			slot = e.guesses[place].slot
		} else {
			slot = e.slot(place, label)
		}
		place++
		if slot >= 0 {
			e.values[slot] = v
		} else if e.plan.root.extras >= 0 {
			e.addExtra(e.plan.root, extra{label: label}, v)
		}
	}
}

// slot looks up label, which stands at place.
func (e *Encoder) slot(place int, label string) int32 {
	slot, ok := e.plan.slots[label]
	if !ok {
		slot = -1
	}
	for len(e.guesses) <= min(place, maxGuesses-1) {
		e.guesses = append(e.guesses, guess{})
	}
	if place < len(e.guesses) && len(label) <= maxGuess && label != "" {
		e.guesses[place] = guess{label, slot}
	}
	return slot
}

// forget lets go of the record that was in work, and of memory that only a large one
// needs.
func (e *Encoder) forget() {
	for i := range e.values {
		e.values[i] = transform.Value{Kind: missing}
	}
	if len(e.extras) > 0 {
		clear(e.extras)
	}
	if len(e.frames) > 0 {
		clear(e.frames)
	}
	e.read, e.extras, e.frames, e.text, e.trail = 0, e.extras[:0], e.frames[:0], e.text[:0], e.trail[:0]
	if cap(e.text) > keepBytes {
		e.text = nil
	}
	if cap(e.behind) > keepBytes {
		e.behind = nil
	}
}

// record appends r, whose fields have values and, where these are missing, kids. Its
// extras are those from base on.
func (e *Encoder) record(dst []byte, r *recordPlan, values []transform.Value, kids []*kid, base int) (_ []byte, err error) {
	extrasAt := -1
	for i := range r.fields {
		f := &r.fields[i]
		if i == r.extras {
			extrasAt = len(dst) // later fields may add to it
			continue
		}
		if kids != nil && kids[i] != nil && values[i].Kind == missing && e.anyOf(kids[i]) {
			dst, err = e.dotted(dst, r, f, kids[i])
		} else {
			dst, err = e.field(dst, r, f, values[i])
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
	return slices.ContainsFunc(e.values[k.first:k.end], func(v transform.Value) bool { return v.Kind != missing })
}

// reject counts the record and returns the error that says why.
func (e *Encoder) reject(err error) error {
	e.rejected.Add(1)
	slices.Reverse(e.trail)
	path := strings.Join(e.trail, ".")
	path = strings.ReplaceAll(strings.ReplaceAll(path, ".[]", "[]"), ".{}", "{}")
	if err == ErrRecordTooLarge {
		path = ""
	}
	return &FieldError{path, err}
}
