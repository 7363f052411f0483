package avroschema_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/internal/avrotest"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// A column is a field with values of a kind.
type column struct {
	kind
	nullable bool
	array    bool // of all values of the kind
}

// described returns a schema with a required and a nullable field of every kind that a
// Spec can say, and extras.
func described(t *testing.T) (*Schema, []column) {
	t.Helper()
	s := Spec{Name: "Every", Namespace: "test.interop", Extras: "extras"}
	var columns []column
	for _, k := range kinds {
		if k.field.Type == TypeString && k.name != "string" {
			continue
		}
		k.field.Name, k.field.Required = k.name, true
		s.Fields, columns = append(s.Fields, k.field), append(columns, column{kind: k})
		k.name += "_or_null"
		k.field.Name, k.field.Required = k.name, false
		if k.field.Record != nil {
			other := *k.field.Record
			other.Name += "OrNull"
			k.field.Record = &other
		}
		s.Fields, columns = append(s.Fields, k.field), append(columns, column{kind: k, nullable: true})
	}
	schema, err := s.Schema()
	require.NoError(t, err)
	return schema, columns
}

// parsed returns a schema with all kinds, also in unions with null before or behind, and
// in arrays.
func parsed(t *testing.T) (*Schema, []column) {
	t.Helper()
	var fields []string
	var columns []column
	for _, k := range kinds {
		for i, form := range []string{`%s`, `["null",%s],"default":null`, `[%s,"null"]`, `{"type":"array","items":%s}`} {
			c := column{kind: k, nullable: i == 1 || i == 2, array: i == 3}
			c.name = fmt.Sprint(k.name, i)
			typ := strings.ReplaceAll(k.schema, "%", fmt.Sprint(i))
			fields = append(fields, fmt.Sprintf(`{"name":%q,"type":`+form+`}`, c.name, typ))
			columns = append(columns, c)
		}
	}
	schema, err := Parse(`{"type":"record","name":"Every","namespace":"test.interop","fields":[` + strings.Join(fields, ",") + `]}`)
	require.NoError(t, err)
	return schema, columns
}

// rows returns n records with values for columns, and what is to be read.
func rows(columns []column, extras bool, n int) (records []*transform.Record, want []any) {
	for i := range n {
		rec, row := new(transform.Record), members{}
		for j, c := range columns {
			is := c.samples[(i+j)%len(c.samples)]
			switch {
			case c.array:
				is = c.all()
			case c.nullable && (i+j)%5 == 0:
				is = sample{transform.Value{Kind: transform.KindNull, Bytes: []byte("null")}, nil}
			case c.nullable && (i+j)%5 == 1:
				row[c.name] = nil // there is no such label
				continue
			}
			rec.Set(c.name, is.value)
			row[c.name] = is.want
		}
		if extras {
			if row["extras"] = (members{}); i%2 == 1 {
				rec.Set("some-label", text("\xff"))
				row["extras"] = members{"some-label": "\uFFFD"}
			}
		}
		records, want = append(records, rec), append(want, row)
	}
	return records, want
}

// all returns an array of all values that JSON can hold.
func (c column) all() sample {
	var texts []string
	want := []any{}
	for _, s := range c.samples {
		in := s.value.Bytes
		if !utf8.Valid(in) {
			continue
		}
		if s.value.Kind == transform.KindString {
			in, _ = json.Marshal(string(in))
		}
		texts, want = append(texts, string(in)), append(want, s.want)
	}
	return sample{nested("[" + strings.Join(texts, ",") + "]"), want}
}

// TestInterop: whoever reads Avro reads our files of every codec, and our bare records,
// and finds in every field what was put in.
func TestInterop(t *testing.T) {
	dir := t.TempDir()
	type file struct {
		avrotest.File
		codec string
		want  []any
	}
	var files []file
	for _, codec := range []Codec{CodecNull, CodecDeflate, CodecSnappy, CodecZstandard} {
		add := func(name string, s *Schema, records []*transform.Record, want []any) {
			path := filepath.Join(dir, name+"-"+codec.String()+".avro")
			writeFile(t, path, s, FileOptions{Codec: codec, BlockBytes: 1 << 10}, records)
			files = append(files, file{avrotest.File{Path: path}, codec.String(), want})
		}
		s, columns := described(t)
		records, want := rows(columns, true, 200)
		add("described", s, records, want)
		add("empty", s, nil, nil)
		s, columns = parsed(t)
		records, want = rows(columns, false, 30)
		add("parsed", s, records, want)
	}
	for name, of := range map[string]func(*testing.T) (*Schema, []column){"described": described, "parsed": parsed} {
		s, columns := of(t)
		records, want := rows(columns, name == "described", 100)
		plan, err := Compile(s)
		require.NoError(t, err)
		e := plan.NewEncoder()
		var bare []byte
		for _, rec := range records {
			bare, err = e.Append(bare, rec)
			require.NoError(t, err)
		}
		path := filepath.Join(dir, name+".bin")
		require.NoError(t, os.WriteFile(path, bare, 0o644))
		files = append(files, file{avrotest.File{Path: path, Writer: s.JSON()}, "", want})
	}
	for _, r := range avrotest.Readers {
		t.Run(r.Name, func(t *testing.T) {
			var read []avrotest.File
			var wanted []file
			for _, f := range files {
				if f.codec == "" || slices.Contains(r.Codecs, f.codec) {
					read, wanted = append(read, f.File), append(wanted, f)
				}
			}
			got := r.Read(t, read...)
			for i, f := range wanted {
				requireRows(t, f.want, got[i], filepath.Base(f.Path))
			}
		})
	}
}

// writeFile writes a container file of many blocks.
func writeFile(t *testing.T, path string, s *Schema, o FileOptions, records []*transform.Record) {
	t.Helper()
	f, err := os.Create(path)
	require.NoError(t, err)
	w, err := NewFileWriter(f, s, o)
	require.NoError(t, err)
	for _, rec := range records {
		require.NoError(t, w.Write(rec))
	}
	require.NoError(t, w.Close())
	require.NoError(t, f.Close())
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, bytes.Count(data, data[len(data)-16:]), len(records)/2, "blocks")
}

// requireRows compares field by field.
func requireRows(t *testing.T, want, got []any, msg string) {
	t.Helper()
	require.Len(t, got, len(want), msg)
	for i := range want {
		w, g := want[i].(map[string]any), got[i].(map[string]any)
		require.Len(t, g, len(w), msg)
		for name := range w {
			require.Equal(t, w[name], g[name], "%s, record %d, field %s", msg, i, name)
		}
	}
}
