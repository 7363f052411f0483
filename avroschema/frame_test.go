package avroschema_test

import (
	"testing"

	"github.com/linkedin/goavro/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/ltsvpipe/ltsvpipe/avroschema"
)

func TestConfluent(t *testing.T) {
	framed := append(AppendConfluent([]byte("kept"), 0x01020304), "data"...)
	assert.Equal(t, "kept\x00\x01\x02\x03\x04data", string(framed))
	id, encoding, err := CutConfluent(framed[4:])
	require.NoError(t, err)
	assert.Equal(t, uint32(0x01020304), id)
	assert.Equal(t, "data", string(encoding))
	assert.Equal(t, len(encoding), cap(encoding))
	id, encoding, err = CutConfluent([]byte{0, 0xff, 0xff, 0xff, 0xff})
	require.NoError(t, err)
	assert.Equal(t, uint32(1<<32-1), id)
	assert.Empty(t, encoding)
	for _, bad := range []string{"", "\x00", "\x00\x00\x00\x01", "\x01\x00\x00\x00\x01", "Obj\x01 and more"} {
		_, encoding, err = CutConfluent([]byte(bad))
		assert.Equal(t, ErrFrame, err, "%q", bad)
		assert.Nil(t, encoding)
	}
}

func TestSingleObject(t *testing.T) {
	schema := `{"type":"record","name":"R","fields":[{"name":"a","type":"string"}]}`
	s, err := Parse(schema)
	require.NoError(t, err)
	e := encoder(t, schema)
	framed, err := e.Append(AppendSingleObject(nil, s), object(t, `{"a":"x"}`))
	require.NoError(t, err)

	codec, err := goavro.NewCodec(schema)
	require.NoError(t, err)
	theirs, rest, err := codec.NativeFromSingle(framed)
	require.NoError(t, err)
	assert.Empty(t, rest)
	assert.Equal(t, map[string]any{"a": "x"}, theirs)

	sum, encoding, err := CutSingleObject(framed)
	require.NoError(t, err)
	assert.Equal(t, s.FingerprintCRC64(), sum)
	assert.Equal(t, "\x02x", string(encoding))
	assert.Equal(t, len(encoding), cap(encoding))
	for _, bad := range []string{"", "\xc3\x01", "\xc3\x01\x00\x00\x00\x00\x00\x00\x00", "\xc3\x02\x00\x00\x00\x00\x00\x00\x00\x00", "\x00\x00\x00\x00\x01abcdefgh"} {
		_, _, err = CutSingleObject([]byte(bad))
		assert.Equal(t, ErrFrame, err, "%q", bad)
	}
}

func TestFramesAllocs(t *testing.T) {
	s, err := Parse(`"string"`)
	require.NoError(t, err)
	buf := make([]byte, 0, 64)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		_, _, _ = CutConfluent(AppendConfluent(buf, 7))
		_, _, _ = CutSingleObject(AppendSingleObject(buf, s))
	}))
}
