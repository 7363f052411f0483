package jsonrec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/transform"
)

// record makes a record of label:value pairs; the value says its kind.
func record(t testing.TB, fields string) *transform.Record {
	rec := new(transform.Record)
	for pair := range strings.FieldsSeq(fields) {
		label, value, _ := strings.Cut(pair, ":")
		v := transform.String([]byte(value))
		switch {
		case value == "null":
			v = transform.Null
		case value == "true" || value == "false":
			v.Kind = transform.KindBool
		case strings.ContainsAny(value[:min(1, len(value))], "{["):
			v.Kind = transform.KindJSON
		case value != "" && value[0]-'0' <= 9:
			v.Kind = transform.KindNumber
		}
		rec.Set(label, v)
	}
	return rec
}

func appended(t testing.TB, e *Encoder, rec *transform.Record) string {
	out, err := e.Append([]byte("kept"), rec)
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(out, []byte("kept")))
	return string(out[4:])
}

func TestEncoderNested(t *testing.T) {
	deep := strings.Repeat("a.", maxParts-1)
	for _, tt := range []struct{ name, fields, want string }{
		{"empty", ``, `{}`},
		{"flat", `a:1 b:x`, `{"a":1,"b":"x"}`},
		{"object", `a.b:1 a.c:x`, `{"a":{"b":1,"c":"x"}}`},
		{"gathered at the first", `a.b:1 x:2 a.c.d:3 y.z:4 a.c.e:5`, `{"a":{"b":1,"c":{"d":3,"e":5}},"x":2,"y":{"z":4}}`},
		{"field first", `a:1 a.b:2`, `{"a":1,"a.b":2}`},
		{"field last", `a.b:2 a:1`, `{"a.b":2,"a":1}`},
		{"raw object is a field", `a:{} a.b:2`, `{"a":{},"a.b":2}`},
		{"null is a field", `a:null a.b:2`, `{"a":null,"a.b":2}`},
		{"inner conflict", `a.b:1 a.b.c:2 a.d:3`, `{"a":{"b":1,"d":3},"a.b.c":2}`},
		{"conflict far above", `a:1 a.b.c.d:2`, `{"a":1,"a.b.c.d":2}`},
		{"empty parts", `.:1 .a:2 a.:3 a..b:4 ..:5 a.b:6`, `{".":1,".a":2,"a.":3,"a..b":4,"..":5,"a":{"b":6}}`},
		{"most parts", deep + `x:1`, strings.Repeat(`{"a":`, maxParts-1) + `{"x":1}` + strings.Repeat(`}`, maxParts-1)},
		{"more parts", deep + `x.y:1 b:2`, `{"` + deep + `x.y":1,"b":2}`},
		{"escapes in parts", `a".b\:1 a".c:2`, `{"a\"":{"b\\":1,"c":2}}`},
		{"same name at two levels", `a.a:1 b.a:2`, `{"a":{"a":1},"b":{"a":2}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := &Encoder{Nested: true}
			for range 2 {
				assert.Equal(t, tt.want, appended(t, e, record(t, tt.fields)))
			}
		})
	}
	e := &Encoder{Nested: true, OmitNull: true}
	assert.Equal(t, `{"a":{"b":2}}`, appended(t, e, record(t, `a:null a.b:2 c.d:null`)), "what is left out is in nobody's way")
}

func TestEncoderUnlisted(t *testing.T) {
	e := &Encoder{Unlisted: "extra", Listed: []string{"a", "b.c", "bad\xfflabel"}}
	assert.Equal(t, `{"a":1,"b.c":2,"bad`+"\uFFFD"+`label":5,"extra":{"x":true,"extra":"e","b.d":4}}`,
		appended(t, e, record(t, "x:true a:1 extra:e b.c:2 b.d:4 bad\xfflabel:5")))
	assert.Equal(t, `{"a":1}`, appended(t, e, record(t, "a:1")), "no object without need")
	assert.Equal(t, `{"extra":{"z":1}}`, appended(t, e, record(t, "z:1")))
	assert.Equal(t, `{}`, appended(t, e, record(t, "")))

	e = &Encoder{Unlisted: "extra", Listed: []string{"a", "b.c"}, Nested: true, OmitNull: true}
	assert.Equal(t, `{"b":{"c":2},"a":1,"extra":{"x":{"y":1,"z":4},"b":{"d":3}}}`,
		appended(t, e, record(t, "x.y:1 b.c:2 b.d:3 a:1 x.z:4 n:null")))
	e = &Encoder{Unlisted: "b", Nested: true}
	assert.Equal(t, `{"b":{"b":{"c":1}}}`, appended(t, e, record(t, "b.c:1")))
	e = &Encoder{Unlisted: "a\"\xff"}
	assert.Equal(t, `{"a\"`+"\uFFFD"+`":{"x":1}}`, appended(t, e, record(t, "x:1")))
}

func TestEncoderOptions(t *testing.T) {
	for _, tt := range []struct {
		e      Encoder
		option string
	}{
		{Encoder{}, ""},
		{Encoder{Listed: []string{"a"}}, "Listed"},
		{Encoder{Unlisted: "a", Listed: []string{"b", "a"}}, "Unlisted"},
		{Encoder{Unlisted: "a\uFFFD", Listed: []string{"a\xff"}}, "Unlisted"},
		{Encoder{Unlisted: "a", Listed: []string{"a.b"}}, ""},
		{Encoder{Unlisted: "a", Listed: []string{"a.b"}, Nested: true}, "Unlisted"},
		{Encoder{Unlisted: "a", Listed: []string{"a..b", "ab.c"}, Nested: true}, ""},
		{Encoder{Unlisted: "a.b", Listed: []string{"a.b"}, Nested: true}, "Unlisted"},
		{Encoder{Unlisted: "a.b", Listed: []string{"a.c"}, Nested: true}, ""},
	} {
		err := tt.e.Check()
		dst, got := tt.e.Append([]byte("kept"), record(t, "a:1"))
		assert.Equal(t, err, got)
		if tt.option == "" {
			assert.NoError(t, err)
			continue
		}
		assert.Equal(t, "kept", string(dst))
		var bad *OptionError
		require.ErrorAs(t, err, &bad)
		assert.Equal(t, tt.option, bad.Option)
		assert.True(t, strings.HasPrefix(err.Error(), "jsonrec: "+tt.option+": "))
	}
}

// TestEncoderValues: what stands for a value that has no bytes.
func TestEncoderValues(t *testing.T) {
	var e Encoder
	rec := new(transform.Record)
	for k := range transform.Kind(7) {
		rec.Set(k.String(), transform.Value{Kind: k})
	}
	assert.Equal(t, `{"string":"","number":null,"bool":null,"null":null,"JSON":null,"unknown":null}`, appended(t, &e, rec))
	e = Encoder{OmitNull: true}
	rec.Set("null", transform.Value{Kind: transform.KindNull, Bytes: []byte("not looked at")})
	assert.NotContains(t, appended(t, &e, rec), `"null"`)
}

// TestEncoderRandom: whatever labels come and under any options, no object has a
// name twice, and the values are where their labels say.
func TestEncoderRandom(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	parts := []string{"a", "b", "c", "", "a.b", "b.c.a", "a\"", "é"}
	encoders := []*Encoder{
		{}, {OmitNull: true}, {Nested: true}, {Nested: true, OmitNull: true},
		{Unlisted: "u", Listed: []string{"a", "a.b", "b"}},
		{Unlisted: "u", Listed: []string{"a", "a.b.c", "b"}, Nested: true, OmitNull: true},
	}
	for range 3000 {
		rec := new(transform.Record)
		for n := range rng.IntN(12) {
			label := parts[rng.IntN(len(parts))]
			for range rng.IntN(4) {
				label += "." + parts[rng.IntN(len(parts))]
			}
			if rng.IntN(5) == 0 {
				rec.Set(label, transform.Null)
			} else {
				rec.Set(label, transform.Value{Kind: transform.KindNumber, Bytes: fmt.Append(nil, n)})
			}
		}
		for _, e := range encoders {
			out := appended(t, e, rec)
			require.Equal(t, appended(t, &Encoder{
				OmitNull: e.OmitNull, Nested: e.Nested, Unlisted: e.Unlisted, Listed: e.Listed,
			}, rec), out, "used and new")
			want := map[string]string{}
			for label, v := range rec.All() {
				if e.Unlisted != "" && !slices.Contains(e.Listed, label) {
					label = e.Unlisted + "." + label
				}
				if v.Kind != transform.KindNull {
					want[label] = string(v.Bytes)
				} else if !e.OmitNull {
					want[label] = "null"
				}
			}
			require.Equal(t, want, leaves(t, out), out)
		}
	}
}

// leaves reads an object by encoding/json: dotted labels and the values. It fails
// if an object has a name twice.
func leaves(t testing.TB, object string) map[string]string {
	got := map[string]string{}
	var read func(d *json.Decoder, path string)
	read = func(d *json.Decoder, path string) {
		seen := map[string]bool{}
		for d.More() {
			name, err := d.Token()
			require.NoError(t, err, object)
			key := name.(string)
			require.False(t, seen[key], "%s: %q twice", object, key)
			seen[key] = true
			value, err := d.Token()
			require.NoError(t, err, object)
			label := path + key
			switch v := value.(type) {
			case json.Delim:
				require.Equal(t, json.Delim('{'), v)
				read(d, label+".")
				_, err := d.Token()
				require.NoError(t, err)
			case nil:
				got[label] = "null"
			default:
				require.NotContains(t, slices.Collect(maps.Keys(got)), label)
				got[label] = fmt.Sprint(v)
			}
		}
	}
	require.True(t, json.Valid([]byte(object)), object)
	d := json.NewDecoder(strings.NewReader(object))
	d.UseNumber()
	_, err := d.Token()
	require.NoError(t, err)
	read(d, "")
	return got
}

// TestEncoderKeepsNothing: no value of a record is held after Append, and hostile
// labels do not pile up.
func TestEncoderKeepsNothing(t *testing.T) {
	for _, e := range []*Encoder{{}, {Nested: true}, {Unlisted: "u"}, {Nested: true, Unlisted: "u"}} {
		for i := range 3 * maxKnown {
			rec := record(t, fmt.Sprintf("a.l%d:x a.b:y", i))
			out := appended(t, e, rec)
			if i%100 == 0 {
				require.Len(t, leaves(t, out), 2)
			}
		}
		assert.LessOrEqual(t, len(e.known), maxKnown+1)
		assert.LessOrEqual(t, len(e.tree.paths[0])+len(e.tree.paths[1]), 2*maxKnown)
		for _, p := range e.later[:cap(e.later)] {
			assert.Nil(t, p.v.Bytes)
		}
		for _, paths := range e.tree.paths {
			for _, n := range paths {
				assert.Nil(t, n.value.Bytes)
			}
		}
		// Long labels are forgotten earlier.
		for range 8 {
			appended(t, e, record(t, strings.Repeat("x", maxKnownBytes/2)+fmt.Sprint(len(e.known))+":1"))
			assert.LessOrEqual(t, e.bytes, 2*maxKnownBytes)
		}
	}
}
