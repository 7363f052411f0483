package avroschema_test

import (
	"strings"
	"testing"

	"github.com/hamba/avro/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// encoder returns one for a schema in JSON.
func encoder(t testing.TB, schema string) *Encoder {
	t.Helper()
	s, err := Parse(schema)
	require.NoError(t, err)
	p, err := Compile(s)
	require.NoError(t, err)
	return p.NewEncoder()
}

// object decodes a JSON object into a record.
func object(t testing.TB, src string) *transform.Record {
	t.Helper()
	rec := new(transform.Record)
	require.NoError(t, jsonrec.Decoder{}.Decode(rec, []byte(src)))
	return rec
}

// back returns what hamba/avro reads of one record, and sees to it that nothing is left.
func back(t testing.TB, schema string, data []byte) map[string]any {
	t.Helper()
	s, err := avro.ParseWithCache(schema, "", new(avro.SchemaCache))
	require.NoError(t, err)
	r := avro.NewReader(nil, 16).Reset(data)
	var v any
	r.ReadVal(s, &v)
	require.NoError(t, r.Error)
	r.Read(make([]byte, 1))
	require.Error(t, r.Error, "bytes are left")
	return v.(map[string]any)
}

func TestFirst(t *testing.T) {
	schema := `{"type":"record","name":"R","fields":[
		{"name":"s","type":"string"},{"name":"i","type":["null","int"],"default":null},
		{"name":"t","type":{"type":"array","items":"string"}},
		{"name":"m","type":{"type":"map","values":["null","long"]}}]}`
	e := encoder(t, schema)
	out, err := e.Append([]byte("kept"), object(t, `{"i":12,"s":"a","t":["x","y"],"m":{"a":1,"b":null}}`))
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(out), "kept"))
	t.Log(back(t, schema, out[4:]))
}
