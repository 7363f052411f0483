package avroschema

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wide uses what a schema may hold.
const wide = `{
	"type": "record", "name": "Wide", "namespace": "a.b", "doc": "d", "aliases": ["Old", "c.Older"], "owner": {"team": ["x", 1.0]},
	"fields": [
		{"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"], "default": "A", "doc": "e"}, "default": "B"},
		{"name": "again", "type": ["null", "Kind"], "default": null, "order": "ignore"},
		{"name": "sum", "type": {"type": "fixed", "name": "x.Sum", "size": 4}, "default": "\u0000\u00ff\u0001a"},
		{"name": "price", "type": {"type": "fixed", "name": "Price", "size": 8, "logicalType": "decimal", "precision": 18, "scale": 4}},
		{"name": "span", "type": {"type": "fixed", "name": "Span", "size": 12, "logicalType": "duration"}},
		{"name": "id", "type": {"type": "string", "logicalType": "uuid"}, "order": "descending"},
		{"name": "day", "type": {"type": "int", "logicalType": "date"}},
		{"name": "odd", "type": {"type": "bytes", "logicalType": "decimal", "precision": 2, "scale": 4}},
		{"name": "nanos", "type": {"type": "long", "logicalType": "timestamp-nanos"}},
		{"name": "big", "type": "long", "default": 9223372036854775807, "order": "ascending"},
		{"name": "all", "type": {"type": "array", "items": {"type": "map", "values": ["long", "Wide"]}}, "default": [{"a": 1}]},
		{"name": "inner", "type": {"type": "record", "name": "Inner", "fields": [{"name": "n", "type": "int", "default": 1}]}, "default": {}}
	]}`

const wideJSON = `{"type":"record","name":"Wide","namespace":"a.b","doc":"d","aliases":["a.b.Old","c.Older"],"fields":[` +
	`{"name":"kind","type":{"type":"enum","name":"Kind","doc":"e","symbols":["A","B"],"default":"A"},"default":"B"},` +
	`{"name":"again","type":["null","Kind"],"default":null,"order":"ignore"},` +
	`{"name":"sum","type":{"type":"fixed","name":"Sum","namespace":"x","size":4},"default":"\u0000\u00ff\u0001a"},` +
	`{"name":"price","type":{"type":"fixed","name":"Price","size":8,"logicalType":"decimal","precision":18,"scale":4}},` +
	`{"name":"span","type":{"type":"fixed","name":"Span","size":12,"logicalType":"duration"}},` +
	`{"name":"id","type":{"type":"string","logicalType":"uuid"},"order":"descending"},` +
	`{"name":"day","type":{"type":"int","logicalType":"date"}},` +
	`{"name":"odd","type":{"type":"bytes","logicalType":"decimal","precision":2,"scale":4}},` +
	`{"name":"nanos","type":{"type":"long","logicalType":"timestamp-nanos"}},` +
	`{"name":"big","type":"long","default":9223372036854775807},` +
	`{"name":"all","type":{"type":"array","items":{"type":"map","values":["long","Wide"]}},"default":[{"a":1}]},` +
	`{"name":"inner","type":{"type":"record","name":"Inner","fields":[{"name":"n","type":"int","default":1}]},"default":{}}],` +
	`"owner":{"team":["x",1.0]}}`

func TestParseWide(t *testing.T) {
	s, err := Parse(wide)
	require.NoError(t, err)
	assert.Equal(t, wideJSON, s.JSON())
	assert.Equal(t, "a.b.Wide", s.Name())

	again, err := Parse(s.JSON())
	require.NoError(t, err)
	assert.Equal(t, s.JSON(), again.JSON())
	assert.Equal(t, s.Canonical(), again.Canonical())

	odd := s.root.fields[7].typ
	assert.Equal(t, logicalNone, odd.logical, "a scale above the precision is no decimal")
	assert.Len(t, odd.props, 3)
	price := s.root.fields[3].typ
	assert.Equal(t, []int{18, 4}, []int{price.precision, price.scale})
	assert.Same(t, s.root, s.root.fields[10].typ.items.items.branches[1], "a name is the type itself")
}

// Some programs write null for an attribute that is not there.
func TestParseNullAttributes(t *testing.T) {
	s, err := Parse(`{"type":"record","name":"R","namespace":null,"doc":null,"aliases":null,"fields":[
		{"name":"a","type":"int","doc":null,"order":null,"aliases":null}]}`)
	require.NoError(t, err)
	assert.Equal(t, `{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}`, s.JSON())
}

func record(fields string) string { return `{"type":"record","name":"R","fields":[` + fields + `]}` }

func TestParseRefuses(t *testing.T) {
	deep := strings.Repeat(`{"type":"array","items":`, 65) + `"int"` + strings.Repeat("}", 65)
	for _, test := range []struct {
		schema, path string
		err          error
	}{
		{``, "", ErrSyntax},
		{`{"type":"int"`, "", ErrSyntax},
		{`{"type":"int"}{}`, "", ErrSyntax},
		{`"\xff"`, "", ErrSyntax},
		{deep, "", ErrSyntax},
		{`"` + strings.Repeat(" ", MaxSchemaBytes) + `"`, "", ErrTooLarge},
		{`1`, "", ErrType},
		{`null`, "", ErrType},
		{`"Unknown"`, "", ErrType},
		{`{}`, "", ErrType},
		{`{"type":1}`, "", ErrType},
		{`{"type":"what"}`, "", ErrType},
		{`{"type":"array"}`, "", ErrType},
		{`{"type":"map","items":"int"}`, "", ErrType},
		{`{"type":"array","items":"x"}`, "[]", ErrType},
		{`["null",["int"]]`, "|1", ErrType},
		{`["int","string","int"]`, "|2", ErrDuplicate},
		{`["long",{"type":"long","logicalType":"timestamp-millis"}]`, "|1", ErrDuplicate},
		{`{"type":"enum","name":"E"}`, "", ErrType},
		{`{"type":"enum","name":"E","symbols":[]}`, "", ErrType},
		{`{"type":"enum","name":"E","symbols":["a-b"]}`, "", ErrName},
		{`{"type":"enum","name":"E","symbols":["a","a"]}`, "", ErrDuplicate},
		{`{"type":"enum","name":"E","symbols":["a"],"default":"b"}`, "", ErrDefault},
		{`{"type":"fixed","name":"F"}`, "", ErrType},
		{`{"type":"fixed","name":"F","size":-1}`, "", ErrType},
		{`{"type":"fixed","name":"F","size":1.5}`, "", ErrType},
		{`{"type":"fixed","name":"F","size":99999999}`, "", ErrType},
		{`{"type":"fixed","size":1}`, "", ErrName},
		{`{"type":"fixed","name":"int","size":1}`, "", ErrName},
		{`{"type":"fixed","name":"a..b","size":1}`, "", ErrName},
		{`{"type":"fixed","name":"F","size":1,"aliases":["a b"]}`, "", ErrName},
		{`{"type":"fixed","name":"F","size":1,"aliases":"a"}`, "", ErrType},
		{`{"type":"record","name":"R"}`, "", ErrType},
		{`{"type":"record","name":"R","fields":{}}`, "", ErrType},
		{`{"type":"record","name":"R","fields":null}`, "", ErrType},
		{record(`1`), "", ErrType},
		{record(`{}`), "", ErrName},
		{record(`{"name":"1a","type":"int"}`), "", ErrName},
		{record(`{"name":"a"}`), "a", ErrType},
		{record(`{"name":"a","type":"int","order":"up"}`), "a", ErrType},
		{record(`{"name":"a","type":"int","aliases":["é"]}`), "a", ErrName},
		{record(`{"name":"a","type":"int"},{"name":"a","type":"int"}`), "a", ErrDuplicate},
		{record(`{"name":"a","type":{"type":"record","name":"R","fields":[]}}`), "a", ErrDuplicate},
		{record(`{"name":"a","type":{"type":"array","items":["null",{"type":"map","values":"x"}]}}`), "a[]|1{}", ErrType},

		{record(`{"name":"a","type":"int","default":1.0}`), "a", ErrDefault},
		{record(`{"name":"a","type":"int","default":2147483648}`), "a", ErrDefault},
		{record(`{"name":"a","type":"long","default":9223372036854775808}`), "a", ErrDefault},
		{record(`{"name":"a","type":"double","default":"NaN"}`), "a", ErrDefault},
		{record(`{"name":"a","type":"double","default":1e999}`), "a", ErrDefault},
		{record(`{"name":"a","type":"boolean","default":null}`), "a", ErrDefault},
		{record(`{"name":"a","type":"string","default":1}`), "a", ErrDefault},
		{record(`{"name":"a","type":"bytes","default":"\u0100"}`), "a", ErrDefault},
		{record(`{"name":"a","type":{"type":"fixed","name":"F","size":2},"default":"abc"}`), "a", ErrDefault},
		{record(`{"name":"a","type":{"type":"enum","name":"E","symbols":["A"]},"default":"B"}`), "a", ErrDefault},
		{record(`{"name":"a","type":{"type":"array","items":"int"},"default":["x"]}`), "a", ErrDefault},
		{record(`{"name":"a","type":{"type":"map","values":"int"},"default":{"x":null}}`), "a", ErrDefault},
		{record(`{"name":"a","type":["null","int"],"default":1}`), "a", ErrDefault},
		{record(`{"name":"a","type":[],"default":1}`), "a", ErrDefault},
		{record(`{"name":"a","type":{"type":"record","name":"I","fields":[{"name":"n","type":"int"}]},"default":{}}`), "a", ErrDefault},
		{record(`{"name":"a","type":"R","default":{}}`), "a", ErrDefault},

		{record(`{"name":"a","type":"int","ltsv.label":1}`), "a", ErrProperty},
		{record(`{"name":"a","type":"int","ltsv.label":"b"},{"name":"b","type":"int"}`), "b", ErrDuplicate},
		{record(`{"name":"a","type":"int","ltsv.layouts":["epoch"]}`), "a", ErrProperty},
		{record(`{"name":"a","type":{"type":"int","logicalType":"date"},"ltsv.layouts":"epoch"}`), "a", ErrProperty},
		{record(`{"name":"a","type":"int","ltsv.nulls":null}`), "a", ErrProperty},
		{record(`{"name":"a","type":"int","ltsv.onerror":"null"}`), "a", ErrPolicy},
		{record(`{"name":"a","type":"int","ltsv.onerror":"default"}`), "a", ErrPolicy},
		{record(`{"name":"a","type":"int","ltsv.onerror":"auto"}`), "a", ErrPolicy},
		{record(`{"name":"a","type":["null","int"],"ltsv.onerror":"extras"}`), "a", ErrPolicy},
		{record(`{"name":"a","type":"int","ltsv.extras":true}`), "a", ErrProperty},
		{record(`{"name":"a","type":{"type":"map","values":"string"},"ltsv.extras":1}`), "a", ErrProperty},
	} {
		_, err := Parse(test.schema)
		var at *SchemaError
		if assert.ErrorIs(t, err, test.err, "%.200s", test.schema) && assert.ErrorAs(t, err, &at) {
			assert.Equal(t, test.path, at.Path, "%.200s", test.schema)
		}
	}
}

// The greatest schemas are read in no time, and greater ones are not.
func TestParseMany(t *testing.T) {
	var fields, branches []string
	for i := range MaxFields + 1 {
		fields = append(fields, fmt.Sprintf(`{"name":"a%d","type":"int","default":1}`, i))
		branches = append(branches, fmt.Sprintf(`{"type":"fixed","name":"a%d","size":1}`, i))
	}
	s := parse(t, record(strings.Join(fields[1:], ",")))
	assert.Len(t, Check(Full, s, parse(t, record(``))), 2*MaxFields)
	assert.Empty(t, HiveIssues(s, HiveTable{SchemaURL: "hdfs:///s"}))
	parse(t, "["+strings.Join(branches[1:], ",")+"]")

	_, err := Parse(record(strings.Join(fields, ",")))
	assert.ErrorIs(t, err, ErrTooLarge)
	_, err = Parse("[" + strings.Join(branches, ",") + "]")
	assert.ErrorIs(t, err, ErrTooLarge)
}

// Defaults that hold each other are found however they do, and at once.
func TestParseDefaultsOfDefaults(t *testing.T) {
	_, err := Parse(record(`{"name":"a","type":{"type":"record","name":"S","fields":[{"name":"r","type":"R","default":{}}]},"default":{}}`))
	assert.ErrorIs(t, err, ErrDefault)

	var doubling strings.Builder
	doubling.WriteString(`{"type":"record","name":"R0","fields":[]}`)
	for i := range 17 {
		inner := doubling.String()
		doubling.Reset()
		name := string(rune('a' + i))
		doubling.WriteString(`{"type":"record","name":"` + name + `","fields":[{"name":"x","type":` + inner +
			`,"default":{}},{"name":"y","type":"` + map[bool]string{true: "R0", false: string(rune('a' + i - 1))}[i == 0] + `","default":{}}]}`)
	}
	_, err = Parse(doubling.String())
	assert.ErrorIs(t, err, ErrDefault)
}

func TestParseReferences(t *testing.T) {
	kind, err := Parse(`{"type":"enum","name":"com.x.Kind","symbols":["A"]}`)
	require.NoError(t, err)
	inner, err := Parse(`{"type":"record","name":"com.x.Inner","fields":[{"name":"kind","type":"Kind"}]}`, kind)
	require.NoError(t, err)
	const outer = `{"type":"record","name":"com.x.Outer","fields":[{"name":"a","type":"Inner"},{"name":"k","type":"com.x.Kind"}]}`
	s, err := Parse(outer, inner, kind)
	require.NoError(t, err)
	assert.Equal(t, `{"type":"record","name":"Outer","namespace":"com.x","fields":[`+
		`{"name":"a","type":{"type":"record","name":"Inner","fields":[{"name":"kind","type":{"type":"enum","name":"Kind","symbols":["A"]}}]}},`+
		`{"name":"k","type":"Kind"}]}`, s.JSON(), "whole in itself")
	_, err = Parse(s.JSON())
	require.NoError(t, err)

	for _, refs := range [][]*Schema{{}, {kind}, {inner}, {inner, kind}, {kind, inner}} {
		text, err := s.JSONWith(refs...)
		require.NoError(t, err)
		back, err := Parse(text, refs...)
		require.NoError(t, err, text)
		assert.Equal(t, s.JSON(), back.JSON())
		if len(refs) == 2 {
			assert.Equal(t, `{"type":"record","name":"Outer","namespace":"com.x","fields":[{"name":"a","type":"Inner"},{"name":"k","type":"Kind"}]}`, text)
		}
	}
	_, err = s.JSONWith(s)
	require.ErrorIs(t, err, ErrDuplicate, "nothing would be left of it")
	unused, err := kind.JSONWith(inner)
	require.ErrorIs(t, err, ErrDuplicate, "of which it is a part")
	assert.Empty(t, unused)

	rootless, err := Parse(`{"type":"enum","name":"Kind","symbols":["A"]}`)
	require.NoError(t, err)
	within, err := Parse(`{"type":"record","name":"com.x.Outer","fields":[{"name":"k","type":{"type":"enum","name":"Kind","namespace":"","symbols":["A"]}}]}`)
	require.NoError(t, err)
	_, err = within.JSONWith(rootless)
	require.ErrorIs(t, err, ErrType, "Kind would be com.x.Kind")

	_, err = Parse(outer, kind)
	require.ErrorIs(t, err, ErrType, "Inner is not given, though it was parsed before")
	_, err = Parse(`{"type":"record","name":"com.x.Kind","fields":[]}`, kind)
	require.ErrorIs(t, err, ErrDuplicate)

	other, err := Parse(`{"type":"enum","name":"com.x.Kind","symbols":["B"]}`)
	require.NoError(t, err)
	_, err = Parse(outer, inner, other)
	require.ErrorIs(t, err, ErrDuplicate, "two types of one name")
	_, err = s.JSONWith(other)
	require.ErrorIs(t, err, ErrDuplicate, "it has another")
	equal, err := Parse(kind.JSON())
	require.NoError(t, err)
	_, err = Parse(outer, inner, equal)
	require.NoError(t, err, "one type twice")
}

// A schema that hamba/avro panics on is refused by our own rules; the guard is for those
// that nobody thought of.
func TestJudge(t *testing.T) {
	_, err := judge(record(`{"name":"a","type":"R","default":{}}`))
	assert.ErrorIs(t, err, ErrRefused)
	_, err = judge(`{"type":"array"}`)
	assert.ErrorIs(t, err, ErrRefused)
}

func FuzzParse(f *testing.F) {
	f.Add(wide)
	f.Add(accessLogJSON)
	f.Add(`["null",{"type":"map","values":{"type":"array","items":"bytes"}}]`)
	f.Add(record(`{"name":"a","type":["null","R"],"default":null,"ltsv.onerror":"reject"}`))
	f.Add(record(`{"name":"a","type":{"type":"record","name":"S","namespace":"","fields":[]},"default":{}}`))
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			var at *SchemaError
			require.ErrorAs(t, err, &at)
			// hamba/avro takes a property aLiaSes for aliases. That apart, our rules are the
			// stricter ones.
			if text == strings.ToLower(text) {
				require.NotErrorIs(t, err, ErrRefused)
			}
			return
		}
		again, err := Parse(s.JSON())
		require.NoError(t, err)
		require.Equal(t, s.JSON(), again.JSON())
		require.Equal(t, s.Canonical(), again.Canonical())
		canonical, err := Parse(s.Canonical())
		if err == nil { // names without a namespace inside one have no canonical form
			require.Equal(t, s.Canonical(), canonical.Canonical())
		}
		for name, n := range s.types { // each of them may be registered elsewhere
			ref, err := Parse(string(n.json(nil, "", map[*node]bool{})))
			require.NoError(t, err)
			beside, err := s.JSONWith(ref)
			if err != nil {
				require.True(t, errors.Is(err, ErrDuplicate) || errors.Is(err, ErrType), "%s: %v", name, err)
				continue
			}
			whole, err := Parse(beside, ref)
			require.NoError(t, err)
			require.Equal(t, s.JSON(), whole.JSON())
		}
	})
}
