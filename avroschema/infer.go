package avroschema

import (
	"strconv"
	"strings"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// Defaults of an [Inferrer].
const (
	DefaultMaxFields = 256
	DefaultExtras    = "extras"
)

// maxLabel is the greatest length of a label that gets a field, in bytes. Some Hives take
// no column name over 128, and a name may be longer than its label.
const maxLabel = 100

// An Inferrer drafts a [Spec] from sample records, for a person to look at. Of each label
// it looks at every value, and takes the narrowest type that holds them all:
//
//   - long: integers of 64 bits as their digits stand, 200 and -1 but not 007 nor -0
//   - double: the same with a fraction, 0.010, of at most 17 digits; 1e5 too if it is a
//     number of JSON, but not if it is text, which may be an identifier
//   - bool: true and false of JSON
//   - string: everything else, also what mixes numbers with text or bools, and longs
//     over 2^53 with doubles, which would change them
//
// Times of any form stay what they look like, string, long or double: who wants a column
// of times sets Type to TypeTimestampMillis, say, in the Spec. It never takes int, whose
// widening to long old readers could not follow. Null, and text that is empty or "-", says
// nothing; a label with nothing else gets no field, for one can be added when its type is
// known. Every field is nullable with default null; what does not convert later is kept in
// extras, as are all labels that have no field.
//
// The schema made of the Spec takes every record that was added. Labels that come to one
// name, as user-id and user.id, are an error of [Spec.Schema] unless [Spec.Collisions]
// is set. The zero value but for Name is ready for use; an Inferrer is for one goroutine,
// and others can share its work by [Inferrer.Part].
type Inferrer struct {
	Name, Namespace string // of the record; Name is needed

	// MaxFields is how many labels get a field: the first that have a value. The empty
	// label, those over 100 bytes, and one with the name of Extras get none. Default
	// 256, at most the constant MaxFields less one.
	MaxFields int

	// Extras is the name of the field for the rest. Default "extras".
	Extras string

	labels []inferred
	index  map[string]int
}

// An inferred is what is known of a label.
type inferred struct {
	label string
	typ   width
	wide  bool // a long over 2^53 was there
}

// A width is a set of values, each but bool wider than those before it.
type width uint8

const (
	widthNull width = iota
	widthBool
	widthLong
	widthDouble
	widthString
)

// Add looks at a record, and keeps nothing of its values.
func (in *Inferrer) Add(rec *transform.Record) {
	for label, v := range rec.All() {
		w, wide := widthOf(v)
		if w == widthNull {
			continue
		}
		if i := in.field(label); i >= 0 {
			in.labels[i].widen(w, wide)
		}
	}
}

// field returns the number of label's field, or -1 if it gets none.
func (in *Inferrer) field(label string) int {
	if i, ok := in.index[label]; ok {
		return i
	}
	return in.adopt(label)
}

// adopt gives label a field and returns its number, or -1 if it gets none.
func (in *Inferrer) adopt(label string) int {
	limit := in.MaxFields
	if limit <= 0 {
		limit = DefaultMaxFields
	}
	if len(in.labels) >= limit || label == "" || len(label) > maxLabel || Name(label) == in.extras() {
		return -1
	}
	if in.index == nil {
		in.index = map[string]int{}
	}
	in.index[label] = len(in.labels)
	in.labels = append(in.labels, inferred{label: label})
	return len(in.labels) - 1
}

func (in *Inferrer) extras() string {
	if in.Extras == "" {
		return DefaultExtras
	}
	return in.Extras
}

func (l *inferred) widen(w width, wide bool) {
	l.wide = l.wide || wide
	mixed := l.typ != widthNull && (l.typ == widthBool) != (w == widthBool)
	l.typ = max(l.typ, w)
	if mixed || l.wide && l.typ == widthDouble {
		l.typ = widthString
	}
}

// Spec returns the description of what was added so far, with fields in the order in
// which their labels came. The caller may change it. Without samples it has no fields but
// Extras.
func (in *Inferrer) Spec() *Spec {
	s := &Spec{Name: in.Name, Namespace: in.Namespace, Nulls: []string{"-", ""}, Extras: in.extras()}
	for _, l := range in.labels {
		f := Field{Label: l.label}
		switch l.typ {
		case widthBool:
			f.Type, f.OnError = TypeBool, OnErrorExtras
		case widthLong:
			f.Type, f.OnError = TypeLong, OnErrorExtras
		case widthDouble:
			f.Type, f.OnError = TypeDouble, OnErrorExtras
		}
		s.Fields = append(s.Fields, f)
	}
	return s
}

// widthOf returns the narrowest set that v is in; wide is true for a long that no double
// may hold.
func widthOf(v transform.Value) (w width, wide bool) {
	switch v.Kind {
	case transform.KindNull:
		return widthNull, false
	case transform.KindBool:
		return widthBool, false
	case transform.KindString:
		if len(v.Bytes) == 0 || string(v.Bytes) == "-" {
			return widthNull, false
		}
	case transform.KindJSON:
		return widthString, false
	}
	n := jsonscan.NumberPrefix(v.Bytes)
	if n == 0 || n < len(v.Bytes) || string(v.Bytes) == "-0" {
		return widthString, false
	}
	return widthOfNumber(string(v.Bytes), v.Kind == transform.KindNumber)
}

// widthOfNumber is widthOf for a number by the grammar of JSON.
func widthOfNumber(text string, exponents bool) (w width, wide bool) {
	exponent := strings.IndexAny(text, "eE")
	if exponent < 0 && strings.IndexByte(text, '.') < 0 {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return widthString, false
		}
		return widthLong, n > 1<<53 || n < -1<<53
	}
	mantissa := text
	if exponent >= 0 {
		mantissa = text[:exponent]
	}
	digits := strings.TrimLeft(mantissa, "-0.")
	if exponent >= 0 && !exponents || len(digits) > maxDigits+1 || len(digits) > maxDigits && !strings.Contains(digits, ".") {
		return widthString, false
	}
	if _, err := strconv.ParseFloat(text, 64); err != nil {
		return widthString, false
	}
	return widthDouble, false
}

// maxDigits is how many decimal digits tell any two doubles apart. Text with more is no
// measurement that a double was made of.
const maxDigits = 17
