package avroschema_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/internal/avrotest"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// TestEvolution: of a schema in three versions, each reads what the others wrote as far
// as Check says that it can, by the rules of implementations that are not ours: fields
// that are new have their defaults, fields that were renamed are found by their aliases,
// fields that are gone are skipped, and numbers widen.
func TestEvolution(t *testing.T) {
	spec := Spec{Name: "AccessLog", Namespace: "com.example.logs", Fields: []Field{
		{Label: "status", Type: TypeInt, Required: true},
		{Label: "ua"},
	}}
	v1, err := spec.Schema()
	require.NoError(t, err)
	spec.Fields = append(spec.Fields,
		Field{Label: "size", Type: TypeLong}, Field{Label: "scheme", Required: true, Default: "http"},
		Field{Label: "hits", Type: TypeFloat, Required: true, Default: 0.5}, Field{Label: "bot", Type: TypeBool, Required: true, Default: true},
		Field{Label: "tags", Type: TypeArray, Required: true, Default: []string{"a", "ß"}})
	v2, err := spec.Schema()
	require.NoError(t, err)
	spec.Fields = append(spec.Fields[:1:1], spec.Fields[2:]...) // without ua
	spec.Fields[0].Type = TypeLong
	spec.Fields[3].Type = TypeDouble // hits
	spec.Fields = append(spec.Fields, Field{Label: "agent", Aliases: []string{"ua"}},
		Field{Label: "price", Type: TypeDecimal, Precision: 5, Scale: 2, Required: true, Default: "-1.5"},
		Field{Label: "at", Type: TypeTimestampMillis, Required: true, Default: int64(1795363249567)},
		Field{Label: "more", Type: TypeMap, Required: true, Default: map[string]string{"k": "v"}})
	v3, err := spec.Schema()
	require.NoError(t, err)

	assert.NoError(t, Check(FullTransitive, v2, v1).Err())
	for _, c := range Check(BackwardTransitive, v3, v1, v2) {
		assert.True(t, !c.Breaks || c.Rule == RuleHive && c.Path == "price", "%s", c) // Hive alone lacks a decimal's default
	}
	assert.Error(t, Check(Forward, v3, v1, v2).Err(), "a long is no int")

	dir := t.TempDir()
	path := func(version int) string { return filepath.Join(dir, fmt.Sprintf("v%d.avro", version)) }
	for version, in := range map[int]struct {
		s    *Schema
		json string
	}{
		1: {v1, `{"status":404,"ua":"größe"}`},
		2: {v2, `{"status":200,"size":1099511627776,"scheme":"https","hits":0.1,"tags":[]}`},
		3: {v3, `{"status":500,"agent":"x","bot":"no","price":"7","at":0,"more":{}}`},
	} {
		writeFile(t, path(version), in.s, FileOptions{}, []*transform.Record{object(t, in.json)})
	}
	tags := []any{"a", "ß"}
	of1in2 := members{"status": "404", "ua": "größe", "size": nil, "scheme": "http", "hits": double(0.5), "bot": true, "tags": tags}
	of1in3 := members{
		"status": "404", "agent": "größe", "size": nil, "scheme": "http", "hits": double(0.5), "bot": true, "tags": tags,
		"price": "-1.50", "at": "2026-11-22T16:00:49.567000Z", "more": members{"k": "v"},
	}
	of2in1 := members{"status": "200", "ua": nil}
	of2in3 := members{
		"status": "200", "agent": nil, "size": "1099511627776", "scheme": "https", "hits": double(float64(float32(0.1))), "bot": true, "tags": []any{},
		"price": "-1.50", "at": "2026-11-22T16:00:49.567000Z", "more": members{"k": "v"},
	}
	of3in3 := members{
		"status": "500", "agent": "x", "size": nil, "scheme": "http", "hits": double(0.5), "bot": false, "tags": tags,
		"price": "7.00", "at": "1970-01-01T00:00:00.000000Z", "more": members{},
	}
	for _, r := range avrotest.Readers {
		if !r.Resolves {
			continue
		}
		t.Run(r.Name, func(t *testing.T) {
			assert.Equal(t, [][]any{{of1in2}, {of1in3}, {of2in1}, {of2in3}, {of3in3}}, r.Read(t,
				avrotest.File{Path: path(1), Reader: v2.JSON()},
				avrotest.File{Path: path(1), Reader: v3.JSON()},
				avrotest.File{Path: path(2), Reader: v1.JSON()},
				avrotest.File{Path: path(2), Reader: v3.JSON()},
				avrotest.File{Path: path(3), Reader: v3.JSON()},
			))
		})
	}
}
