package avroschema_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hamba/avro/v2"
	"github.com/linkedin/goavro/v2"
	"github.com/stretchr/testify/require"

	. "github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/internal/avrotest"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// Dice choose by bytes; when there are none left, always the first.
type dice struct {
	bytes []byte
	names int // of types
}

func (d *dice) n(n int) int {
	if len(d.bytes) == 0 {
		return 0
	}
	b := int(d.bytes[0])
	d.bytes = d.bytes[1:]
	return b % n
}

func one[T any](d *dice, of ...T) T { return of[d.n(len(of))] }

func (d *dice) name() string {
	d.names++
	return fmt.Sprint("T", d.names)
}

var (
	flat  = []string{"string", "int", "long", "float", "double", "boolean", "bytes", "fixed", "uuid", "enum", "decimal", "decimal-fixed", "date", "time-millis", "time-micros", "timestamp-millis", "timestamp-micros", "local-timestamp-millis", "local-timestamp-micros"}
	deep  = []string{"union", "array", "map", "record"}
	bases = map[string]string{
		"uuid": "string", "decimal": "bytes", "date": "int", "time-millis": "int", "time-micros": "long", "timestamp-millis": "long", "timestamp-micros": "long",
		"local-timestamp-millis": "long", "local-timestamp-micros": "long",
	}
	labels = []string{"a", "b", "c", "at", "ü-1", "x y"}
)

// shape makes a type that nests no deeper than depth.
func (d *dice) shape(depth int, union bool) *shape {
	ops := flat
	if depth > 0 {
		ops = append(append(ops[:len(ops):len(ops)], deep...), deep...)
	}
	s := &shape{op: one(d, ops...)}
	if union && s.op == "union" {
		s.op = "null"
	}
	switch s.op {
	case "fixed":
		s.name, s.size = d.name(), 1+d.n(4)
	case "enum":
		s.name, s.symbols = d.name(), []string{"GET", "a", "true"}[:1+d.n(3)]
	case "decimal":
		s.precision = 1 + d.n(76)
		s.scale = d.n(s.precision + 1)
	case "decimal-fixed":
		s.name, s.size, s.precision = d.name(), 16, 1+d.n(38)
		s.scale = d.n(s.precision + 1)
	case "array", "map":
		s.items = d.shape(depth-1, false)
	case "record":
		d.record(s, depth-1)
	case "union":
		if inner := d.shape(depth-1, true); d.n(2) == 0 && inner.op != "null" {
			s.branches = one(d, []*shape{{op: "null"}, inner}, []*shape{inner, {op: "null"}})
			break
		}
		seen := map[string]bool{}
		for range 1 + d.n(5) {
			if b := d.shape(depth-1, true); b.name != "" || !seen[b.base()] {
				seen[b.base()] = true
				s.branches = append(s.branches, b)
			}
		}
	}
	return s
}

func (s *shape) base() string {
	if base, ok := bases[s.op]; ok {
		return base
	}
	return s.op
}

func (d *dice) record(s *shape, depth int) {
	s.name = d.name()
	from, extras := d.n(len(labels)), d.n(3) == 1
	count := 1 + d.n(4)
	at := d.n(count)
	for i := range count {
		if extras && i == at {
			s.fields = append(s.fields, &shapeField{
				name: "rest", label: "rest", extras: true, shape: &shape{op: "map", items: &shape{op: "string"}},
				hasDef: true, def: members{}, defWant: members{},
			})
		}
		f := &shapeField{name: fmt.Sprint("f", i), label: labels[(from+i)%len(labels)], shape: d.shape(depth, false)}
		if d.n(3) == 1 {
			f.nulls = one(d, []string{"-"}, []string{"-", ""}, []string{"null", "a"})
		}
		d.policy(f, extras)
		s.fields = append(s.fields, f)
	}
}

// policy gives f a default, or none, and what becomes of a value that does not convert.
func (d *dice) policy(f *shapeField, extras bool) {
	of := f.shape
	if len(of.branches) > 0 {
		of = of.branches[0]
	}
	if d.n(2) == 1 {
		f.hasDef = true
		switch of.op {
		case "string":
			f.def, f.defWant = "dß", "dß"
		case "int", "long":
			f.def, f.defWant = -7, "-7"
		case "double":
			f.def, f.defWant = 0.1, double(0.1)
		case "boolean":
			f.def, f.defWant = true, true
		case "array":
			f.def, f.defWant = []any{}, []any{}
		case "map":
			f.def, f.defWant = members{}, members{}
		case "enum":
			f.def, f.defWant = "GET", "GET"
		case "null":
		default:
			f.hasDef = false
		}
	}
	policies := []string{"", "reject"}
	if f.takesNull() {
		policies = append(policies, "null")
		if extras {
			policies = append(policies, "extras")
		}
	}
	if f.hasDef {
		policies = append(policies, "default")
	}
	f.policy = one(d, policies...)
}

// json returns s in Avro's JSON.
func (s *shape) json() any {
	switch s.op {
	case "fixed":
		return members{"type": "fixed", "name": s.name, "size": s.size}
	case "enum":
		return members{"type": "enum", "name": s.name, "symbols": s.symbols}
	case "decimal":
		return members{"type": "bytes", "logicalType": "decimal", "precision": s.precision, "scale": s.scale}
	case "decimal-fixed":
		return members{"type": "fixed", "name": s.name, "size": s.size, "logicalType": "decimal", "precision": s.precision, "scale": s.scale}
	case "array":
		return members{"type": "array", "items": s.items.json()}
	case "map":
		return members{"type": "map", "values": s.items.json()}
	case "union":
		branches := []any{}
		for _, b := range s.branches {
			branches = append(branches, b.json())
		}
		return branches
	case "record":
		fields := []any{}
		for _, f := range s.fields {
			field := members{"name": f.name, "type": f.json(), "ltsv.label": f.label}
			if f.hasDef {
				field["default"] = f.def
			}
			if f.policy != "" {
				field["ltsv.onerror"] = f.policy
			}
			if f.nulls != nil {
				field["ltsv.nulls"] = f.nulls
			}
			if f.extras {
				field["ltsv.extras"] = true
			}
			fields = append(fields, field)
		}
		return members{"type": "record", "name": s.name, "fields": fields}
	}
	if base, ok := bases[s.op]; ok {
		return members{"type": base, "logicalType": s.op}
	}
	return s.op
}

// texts are what values may be: those of kinds, and some that nothing takes.
var texts = func() map[string][]transform.Value {
	all := map[string][]transform.Value{}
	for _, k := range kinds {
		op := strings.NewReplacer("_fixed", "-fixed", "local_", "local-timestamp-", "_", "-", "cents", "decimal").Replace(k.name)
		for _, s := range k.samples {
			all[op] = append(all[op], s.value)
			all[""] = append(all[""], s.value)
		}
	}
	for _, s := range []string{"", "-", "null", "a", "1e999999999", "-0", "NaN", "0.5e1", "[", "[]]", `{"a":1}x`, `{"a":"\ud800"}`, "[1,", "{\"\xff\":1}", "25:00:00", "2026-02-29", "1e5"} {
		all[""] = append(all[""], text(s), nested(`{"a":[`+fmt.Sprintf("%q", s)+`],"b":null,"a":2}`))
	}
	all[""] = append(all[""], number("1E3"), number("-0"), number("0.1"), number("1e400"), truth("false"), transform.Value{Kind: transform.KindNull, Bytes: []byte("null")},
		text(strings.Repeat("[", 70)+strings.Repeat("]", 70)))
	return all
}()

// value makes one for s, or one that is for another type.
func (d *dice) value(s *shape) transform.Value {
	if d.n(12) == 11 {
		return one(d, texts[""]...)
	}
	switch s.op {
	case "null":
		return transform.Value{Kind: transform.KindNull, Bytes: []byte("null")}
	case "union":
		return d.value(one(d, s.branches...))
	case "array", "map", "record":
		v := nested(d.container(s))
		if d.n(4) == 1 {
			v.Kind = transform.KindString
		}
		return v
	}
	return one(d, texts[s.op]...)
}

func (d *dice) container(s *shape) string {
	var items []string
	if s.op == "record" {
		for _, f := range s.fields {
			for range one(d, 1, 1, 1, 1, 1, 1, 0, 2) {
				items = append(items, quote(f.label)+":"+d.json(f.shape))
			}
		}
		return "{" + strings.Join(items, ",") + "}"
	}
	for range d.n(4) {
		item := d.json(s.items)
		if s.op == "map" {
			item = quote(one(d, labels...)) + " : " + item
		}
		items = append(items, item)
	}
	if s.op == "map" {
		return "{" + strings.Join(items, ",") + "}"
	}
	return "[ " + strings.Join(items, ",") + "]"
}

// json makes a value as JSON.
func (d *dice) json(s *shape) string {
	v := d.value(s)
	if v.Kind == transform.KindString {
		return quote(string(v.Bytes))
	}
	return string(v.Bytes)
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// FuzzEncode makes a schema by dice and encodes two records by it: one that dice made for
// it, and any object of JSON. Each becomes what the oracle says, read by hamba/avro and by
// goavro, or is rejected with a *FieldError.
func FuzzEncode(f *testing.F) {
	random := rand.NewChaCha8([32]byte{1})
	for range 500 {
		schema, values := make([]byte, 60), make([]byte, 200)
		random.Read(schema)
		random.Read(values)
		f.Add(schema, values, `{"a":1,"b":"x","c":[1,{"a":2}],"at":"2026-11-22T16:00:49Z","a.b":3,"other":null,"more":{"k":"v"}}`)
	}
	f.Add([]byte{}, []byte{}, `{"a":"-"}`)
	f.Fuzz(func(t *testing.T, schema, values []byte, object string) {
		s := &shape{op: "record"}
		(&dice{bytes: schema}).record(s, 3)
		rec, d := new(transform.Record), &dice{bytes: values}
		d.fill(rec, s, "")
		check := newCheck(t, s)
		check(rec)
		if rec := new(transform.Record); (jsonrec.Decoder{}).Decode(rec, []byte(object)) == nil {
			check(rec)
		}
	})
}

// fill sets values for the fields of s, under labels with prefix in front.
func (d *dice) fill(rec *transform.Record, s *shape, prefix string) {
	for _, f := range s.fields {
		switch r := f.nestedRecord(); {
		case d.n(12) == 11:
		case r != nil && d.n(3) == 0:
			d.fill(rec, r, prefix+f.label+".")
		default:
			rec.Set(prefix+f.label, d.value(f.shape))
		}
	}
	if d.n(4) == 1 {
		rec.Set(prefix+"other", one(d, texts[""]...))
	}
}

// newCheck returns what checks one record after the other, with one encoder.
func newCheck(t *testing.T, s *shape) func(rec *transform.Record) {
	t.Helper()
	text, err := json.Marshal(s.json())
	require.NoError(t, err)
	schema, err := Parse(string(text))
	require.NoError(t, err, "%s", text)
	plan, err := Compile(schema)
	if errors.Is(err, ErrUnsupported) && strings.Contains(string(text), "[]") {
		return func(*transform.Record) {} // a union without branches
	}
	require.NoError(t, err, "%s", text)
	e := plan.NewEncoder()
	hamba, err := avro.ParseWithCache(schema.JSON(), "", new(avro.SchemaCache))
	require.NoError(t, err)
	codec, err := goavro.NewCodec(schema.JSON())
	require.NoError(t, err, "%s", text)
	rejected := int64(0)
	return func(rec *transform.Record) {
		want, ok := s.record(rec)
		got, err := e.Append([]byte("kept"), rec)
		if !ok {
			_, typed := errors.AsType[*FieldError](err)
			require.True(t, typed, "%v: %s: %s", err, text, dump(rec))
			require.Equal(t, "kept", string(got))
			rejected++
			require.Equal(t, rejected, e.Stats().Rejected)
			return
		}
		require.NoError(t, err, "%s: %s", text, dump(rec))
		require.Equal(t, "kept", string(got[:4]))
		if len(got) == 4 { // a record of records without anything
			return
		}
		require.Equal(t, []any{want}, avrotest.Hamba(t, hamba, got[4:]), "%s: %s", text, dump(rec))
		require.Equal(t, []any{want}, avrotest.Goavro(t, codec, hamba, got[4:]), "%s: %s", text, dump(rec))
	}
}

func dump(rec *transform.Record) (s string) {
	for label, v := range rec.All() {
		s += fmt.Sprintf("%q %v %q; ", label, v.Kind, v.Bytes)
	}
	return s
}
