package avroschema_test

import (
	"testing"

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
