package avroschema

import (
	"encoding/hex"
	"testing"

	"github.com/hamba/avro/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The fingerprints are those that the Avro project tests its implementations with.
func TestCanonical(t *testing.T) {
	for _, test := range []struct {
		schema, canonical string
		crc               int64
	}{
		{`"null"`, `"null"`, 7195948357588979594},
		{`{"type":"boolean"}`, `"boolean"`, -6970731678124411036},
		{`"int"`, `"int"`, 8247732601305521295},
		{`"long"`, `"long"`, -3434872931120570953},
		{`{"type":"long","logicalType":"timestamp-millis"}`, `"long"`, -3434872931120570953},
		{`"float"`, `"float"`, 5583340709985441680},
		{`"double"`, `"double"`, -8181574048448539266},
		{`"bytes"`, `"bytes"`, 5746618253357095269},
		{`"string"`, `"string"`, -8142146995180207161},
		{`[  ]`, `[]`, -1241056759729112623},
		{`[ "int" , {"type":"boolean"} ]`, `["int","boolean"]`, 5392556393470105090},
		{`{"fields":[],"type":"record","name":"foo","doc":"d","aliases":["bar"]}`, `{"name":"foo","type":"record","fields":[]}`, -4824392279771201922},
		{`{"fields":[],"type":"record","name":"a.b.foo","namespace":"x.y"}`, `{"name":"a.b.foo","type":"record","fields":[]}`, -4616218487480524110},
		{`{"namespace":"x.y.z","type":"enum","name":"foo","doc":"d","symbols":["A1","A2"]}`, `{"name":"x.y.z.foo","type":"enum","symbols":["A1","A2"]}`, -4448647247586288245},
		{`{"namespace":"x.y.z","type":"fixed","name":"foo","doc":"d","size":32}`, `{"name":"x.y.z.foo","type":"fixed","size":32}`, -3064184465700546786},
		{`{"items":{"type":"null"},"type":"array"}`, `{"type":"array","items":"null"}`, -589620603366471059},
		{`{"values":"string","type":"map"}`, `{"type":"map","values":"string"}`, -8732877298790414990},
		{
			`{"name":"PigValue","type":"record","fields":[{"name":"value","type":["null","int","long","PigValue"]}]}`,
			`{"name":"PigValue","type":"record","fields":[{"name":"value","type":["null","int","long","PigValue"]}]}`, -1759257747318642341,
		},
	} {
		s, err := Parse(test.schema)
		require.NoError(t, err, test.schema)
		assert.Equal(t, test.canonical, s.Canonical())
		assert.Equal(t, test.crc, int64(s.FingerprintCRC64()), test.schema)
	}
}

// hamba/avro has the same canonical form where there are no logical types.
func TestCanonicalIsHambas(t *testing.T) {
	const schema = `{"type":"record","name":"a.R","doc":"d","fields":[
		{"name":"e","type":{"type":"enum","name":"E","symbols":["A"]}},{"name":"f","type":{"type":"fixed","name":"b.F","size":3}},
		{"name":"u","type":["null","E","b.F",{"type":"array","items":{"type":"map","values":"R"}}]}]}`
	ours, err := Parse(schema)
	require.NoError(t, err)
	theirs, err := avro.ParseWithCache(schema, "", new(avro.SchemaCache))
	require.NoError(t, err)
	assert.Equal(t, theirs.String(), ours.Canonical())
	for typ, sum := range map[avro.FingerprintType]string{
		avro.CRC64Avro: hex.EncodeToString(bigEndian(ours.FingerprintCRC64())),
		avro.MD5:       md5Hex(ours), avro.SHA256: sha256Hex(ours),
	} {
		want, err := theirs.FingerprintUsing(typ)
		require.NoError(t, err)
		assert.Equal(t, hex.EncodeToString(want), sum, typ)
	}
}

func bigEndian(n uint64) (b []byte) {
	for shift := 56; shift >= 0; shift -= 8 {
		b = append(b, byte(n>>shift))
	}
	return b
}

func md5Hex(s *Schema) string { sum := s.FingerprintMD5(); return hex.EncodeToString(sum[:]) }

func sha256Hex(s *Schema) string { sum := s.FingerprintSHA256(); return hex.EncodeToString(sum[:]) }
