package avroschema_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ltsvpipe/ltsvpipe/internal/avrotest"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// A shape is a type of a random schema. What it makes of values is said here a second
// time, with the standard library and without a thought of speed: as the documentation of
// Encoder says, in the form of package avrotest.
type shape struct {
	op               string // of the type, or its logical type
	precision, scale int
	size             int
	name             string
	symbols          []string
	items            *shape
	fields           []*shapeField
	branches         []*shape
}

type shapeField struct {
	name, label string
	*shape
	policy  string // "" is auto
	nulls   []string
	def     any // in JSON
	defWant any
	hasDef  bool
	extras  bool
}

// takesNull reports whether null is a value of s.
func (s *shape) takesNull() bool { return s.op == "null" || slices.ContainsFunc(s.branches, isNull) }
func isNull(s *shape) bool       { return s.op == "null" }

// nestedRecord returns the record that a field is, which values with dotted labels make.
func (s *shape) nestedRecord() *shape {
	if len(s.branches) == 2 && isNull(s.branches[0]) {
		s = s.branches[1]
	} else if len(s.branches) == 2 && isNull(s.branches[1]) {
		s = s.branches[0]
	}
	if s.op == "record" {
		return s
	}
	return nil
}

// known returns all labels that r takes.
func (s *shape) known(prefix string, labels map[string]bool) map[string]bool {
	for _, f := range s.fields {
		if !f.extras {
			labels[prefix+f.label] = true
		}
		if r := f.nestedRecord(); r != nil {
			r.known(prefix+f.label+".", labels)
		}
	}
	return labels
}

// record returns what a record at the top becomes, or false if it is rejected.
func (s *shape) record(rec *transform.Record) (any, bool) {
	rest := map[string]any{}
	known := s.known("", map[string]bool{})
	for label, v := range rec.All() {
		if !known[label] && v.Kind != transform.KindNull {
			rest[label] = repair(v.Bytes)
		}
	}
	return s.members("", rec.Get, rest)
}

// members returns what a record becomes of the values that get has, all of them labelled
// with prefix in front if dots make it. The rest becomes its extras.
func (s *shape) members(prefix string, get func(string) (transform.Value, bool), rest map[string]any) (any, bool) {
	row := map[string]any{}
	var extras *shapeField
	for _, f := range s.fields {
		if f.extras {
			extras = f
			continue
		}
		v, there := get(prefix + f.label)
		want, ok := any(nil), true
		if r := f.nestedRecord(); !there && get != nil && r != nil && dotted(r, prefix+f.label+".", get) {
			if want, ok = r.members(prefix+f.label+".", get, map[string]any{}); !ok {
				want, ok = f.failed(transform.Value{Kind: transform.KindNull}, rest)
			}
		} else {
			want, ok = f.field(v, there, rest)
		}
		if !ok {
			return nil, false
		}
		row[f.name] = want
	}
	if extras != nil {
		row[extras.name] = rest
	}
	return row, true
}

func dotted(r *shape, prefix string, get func(string) (transform.Value, bool)) bool {
	for label := range r.known(prefix, map[string]bool{}) {
		if _, there := get(label); there {
			return true
		}
	}
	return false
}

func (f *shapeField) field(v transform.Value, there bool, rest map[string]any) (any, bool) {
	null := there && (v.Kind == transform.KindNull || v.Kind == transform.KindString && slices.Contains(f.nulls, string(v.Bytes)))
	switch {
	case !there && f.hasDef:
		return f.defWant, true
	case !there || null:
		if f.takesNull() {
			return nil, true
		}
		return f.defWant, f.hasDef
	}
	if want, ok := f.value(v); ok {
		return want, true
	}
	return f.failed(v, rest)
}

func (f *shapeField) failed(v transform.Value, rest map[string]any) (any, bool) {
	switch f.policy {
	case "reject":
		return nil, false
	case "default":
		return f.defWant, true
	case "extras":
		if v.Kind != transform.KindNull {
			rest[f.label] = repair(v.Bytes)
		}
		return nil, true
	}
	return nil, f.takesNull()
}

var (
	integerText = regexp.MustCompile(`^[+-]?[0-9]+$`)
	numberText  = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
	uuidText    = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	boolText    = map[string]bool{
		"true": true, "yes": true, "on": true, "t": true, "y": true, "1": true,
		"false": false, "no": false, "off": false, "f": false, "n": false, "0": false,
	}
)

// value returns what v, which is not null, becomes.
func (s *shape) value(v transform.Value) (any, bool) {
	text := string(v.Bytes)
	switch s.op {
	case "string":
		return repair(v.Bytes), true
	case "int", "long":
		bits := map[string]int{"int": 32, "long": 64}[s.op]
		if v.Kind != transform.KindNumber && !integerText.MatchString(text) {
			return nil, false
		}
		n, ok := exact(text)
		if !ok || !n.IsInt() || !n.Num().IsInt64() || n.Num().Int64()<<(64-bits)>>(64-bits) != n.Num().Int64() {
			return nil, false
		}
		return n.Num().String(), true
	case "float", "double":
		bits := map[string]int{"float": 32, "double": 64}[s.op]
		f, err := strconv.ParseFloat(text, bits)
		return avrotest.Double(f), err == nil && numberText.MatchString(text)
	case "boolean":
		b, ok := boolText[strings.ToLower(text)]
		return b, ok && utf8.ValidString(text) && isASCII(text)
	case "bytes":
		return hex.EncodeToString(v.Bytes), true
	case "fixed":
		return hex.EncodeToString(v.Bytes), len(text) == s.size
	case "uuid":
		return text, uuidText.MatchString(text)
	case "enum":
		return text, slices.Contains(s.symbols, text)
	case "decimal", "decimal-fixed":
		n, ok := exact(text)
		if !ok {
			return nil, false
		}
		unscaled := new(big.Rat).Mul(n, new(big.Rat).SetInt(tenTo(s.scale)))
		return n.FloatString(s.scale), unscaled.IsInt() && new(big.Int).Abs(unscaled.Num()).Cmp(tenTo(s.precision)) < 0
	case "array", "map", "record":
		return s.container(v.Bytes)
	case "union":
		for _, first := range []bool{true, false} {
			for _, b := range s.branches {
				if want, ok := b.value(v); ok && b.isFor(v) == first {
					return want, true
				}
			}
		}
		return nil, false
	case "null":
		return nil, false
	}
	if v.Kind != transform.KindString && v.Kind != transform.KindNumber {
		return nil, false
	}
	return s.time(text, v.Kind == transform.KindNumber)
}

func isASCII(s string) bool { return strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) < 0 }

// isFor is the documentation's "for values of the kind".
func (s *shape) isFor(v transform.Value) bool {
	switch v.Kind {
	case transform.KindNumber:
		return slices.Contains([]string{"int", "long", "float", "double", "decimal", "decimal-fixed"}, s.op)
	case transform.KindBool:
		return s.op == "boolean"
	case transform.KindJSON:
		return (s.op == "array") == (v.Bytes[0] == '[') && slices.Contains([]string{"array", "map", "record"}, s.op)
	}
	return !slices.Contains([]string{"int", "long", "float", "double", "decimal", "decimal-fixed", "boolean", "array", "map", "record", "null", "union"}, s.op)
}

func repair(b []byte) string { return string([]rune(string(b))) }

func tenTo(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// exact reads a number, but for those that are far too large or small for any type.
func exact(text string) (*big.Rat, bool) {
	if !numberText.MatchString(text) {
		return nil, false
	}
	mantissa, exponent, _ := strings.Cut(strings.ToLower(text), "e")
	n, ok := new(big.Rat).SetString(mantissa)
	if !ok || n.Sign() == 0 || exponent == "" {
		return n, ok
	}
	e, err := strconv.Atoi(exponent)
	if err != nil || e > len(mantissa)+100 || e < -len(mantissa)-100 {
		return nil, false
	}
	power := new(big.Rat).SetInt(tenTo(max(e, -e)))
	if e < 0 {
		power.Inv(power)
	}
	return n.Mul(n, power), true
}

// container reads an array, map or record of JSON.
func (s *shape) container(text []byte) (any, bool) {
	if !utf8.Valid(text) || !json.Valid(text) || depth(text) > 64 {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	start, _ := d.Token()
	if s.op == "array" {
		items, ok := []any{}, start == json.Delim('[')
		for ok && d.More() {
			var want any
			want, ok = s.items.item(next(d))
			items = append(items, want)
		}
		return items, ok
	}
	if start != json.Delim('{') {
		return nil, false
	}
	values, rest, row := map[string]transform.Value{}, map[string]any{}, map[string]any{}
	known := s.known("", map[string]bool{})
	for d.More() {
		key, _ := d.Token()
		v := next(d)
		if s.op == "map" {
			want, ok := s.items.item(v)
			if !ok {
				return nil, false
			}
			row[key.(string)] = want
		} else if values[key.(string)] = v; !known[key.(string)] && v.Kind != transform.KindNull {
			rest[key.(string)] = repair(v.Bytes)
		}
	}
	if s.op == "map" {
		return row, true
	}
	return s.members("", func(label string) (transform.Value, bool) {
		v, ok := values[label]
		return v, ok
	}, rest)
}

// next reads a value as a member of a record.
func next(d *json.Decoder) transform.Value {
	var raw json.RawMessage
	_ = d.Decode(&raw)
	v := transform.Value{Bytes: raw}
	switch raw[0] {
	case '"':
		var s string
		_ = json.Unmarshal(raw, &s)
		v = text(s)
	case 't', 'f':
		v.Kind = transform.KindBool
	case 'n':
		v.Kind = transform.KindNull
	case '{', '[':
		v.Kind = transform.KindJSON
	default:
		v.Kind = transform.KindNumber
	}
	return v
}

// depth returns how deep a text is nested.
func depth(text []byte) (most int) {
	level, inside := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inside && c == '\\':
			i++
		case c == '"':
			inside = !inside
		case inside:
		case c == '[' || c == '{':
			level++
			most = max(most, level)
		case c == ']' || c == '}':
			level--
		}
	}
	return most
}

// item returns what an item of an array or a map becomes.
func (s *shape) item(v transform.Value) (any, bool) {
	if v.Kind == transform.KindNull {
		return nil, s.takesNull()
	}
	return s.value(v)
}

var (
	dayText    = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	clockText  = regexp.MustCompile(`^[0-9]{2}:[0-9]{2}:[0-9]{2}([.,][0-9]+)?$`)
	isoText    = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.,][0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):?[0-5][0-9])$`)
	commonText = regexp.MustCompile(`^[0-9]{2}/(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2} [+-]([01][0-9]|2[0-3])[0-5][0-9]$`)
	millisText = regexp.MustCompile(`^[0-9]{12,15}$`)
	epochText  = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]+)?$`)
	fraction   = regexp.MustCompile(`[.,][0-9]+`)
)

// upTo cuts the fraction of a second off behind so many digits.
func upTo(digits int, text string) string {
	return fraction.ReplaceAllStringFunc(text, func(s string) string { return "." + s[1:min(len(s), digits+1)] })
}

func (s *shape) time(text string, number bool) (any, bool) {
	unit := map[bool]time.Duration{true: time.Millisecond, false: time.Microsecond}[strings.HasSuffix(s.op, "millis")]
	if strings.HasPrefix(s.op, "time-") {
		if number {
			n, ok := exact(text)
			if !ok || !n.IsInt() || n.Sign() < 0 || n.Num().Cmp(big.NewInt(int64(24*time.Hour/unit))) >= 0 {
				return nil, false
			}
			return time.Time{}.Add(time.Duration(n.Num().Int64()) * unit).Format("15:04:05.000000"), true
		}
		at, err := time.Parse("15:04:05", upTo(9, text))
		return at.Truncate(unit).Format("15:04:05.000000"), err == nil && clockText.MatchString(text)
	}
	at, err := time.Parse(time.DateOnly, text)
	if s.op != "date" || number || err != nil || !dayText.MatchString(text) {
		var ok bool
		if at, ok = instant(text, number); !ok {
			return nil, false
		}
	}
	if year := at.UTC().Year(); year < 0 || year > 9999 {
		return nil, false
	}
	ns := at.Nanosecond()
	at = at.Add(-time.Duration(ns % int(unit)))
	switch {
	case s.op == "date":
		return at.UTC().Format(time.DateOnly), true
	case strings.HasPrefix(s.op, "local-"):
		_, offset := at.Zone()
		return at.UTC().Add(time.Duration(offset) * time.Second).Format("2006-01-02T15:04:05.000000"), true
	}
	return avrotest.Timestamp(at), true
}

func instant(text string, number bool) (at time.Time, ok bool) {
	var err error
	bare := strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	switch {
	case millisText.MatchString(text):
		n, _ := strconv.ParseInt(text, 10, 64)
		return time.UnixMilli(n), true
	case epochText.MatchString(text):
		whole, part, _ := strings.Cut(text, ".")
		n, _ := strconv.ParseInt(whole, 10, 64)
		nsec, _ := strconv.ParseInt((part + "000000000")[:9], 10, 64)
		return time.Unix(n, nsec), true
	case number:
		return at, false
	case isoText.MatchString(text):
		layout := "2006-01-02T15:04:05Z0700"
		if text[len(text)-3] == ':' && !strings.HasSuffix(text, "Z") {
			layout = time.RFC3339
		}
		at, err = time.Parse(layout, upTo(9, text))
	case commonText.MatchString(bare) && (len(bare) == len(text) || len(bare)+2 == len(text)):
		at, err = time.Parse("02/Jan/2006:15:04:05 -0700", bare)
	default:
		return at, false
	}
	return at, err == nil
}
