package avroschema_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/hamba/avro/v2/ocf"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/ltsvpipe/ltsvpipe/avroschema"
)

// documented has what other writers leave out of a file's schema.
const documented = `{"type":"record","name":"R","namespace":"a.b","doc":"a line","aliases":["S"],"fields":[` +
	`{"name":"n","doc":"a number","type":"int","default":7,"aliases":["m"],"ltsv.label":"N","x":{"own":1}}]}`

func TestFileHeader(t *testing.T) {
	schema, err := Parse(documented)
	require.NoError(t, err)
	for _, codec := range []Codec{CodecNull, CodecDeflate, CodecSnappy, CodecZstandard} {
		var out bytes.Buffer
		file, err := NewFileWriter(&out, schema, FileOptions{Codec: codec, Metadata: map[string]string{"made.by": "größe", "writer.proleptic": "false"}})
		require.NoError(t, err)
		assert.Zero(t, out.Len(), "nothing is written yet")
		require.NoError(t, file.Close(), "without records")
		require.NoError(t, file.Close())
		assert.Equal(t, ErrClosed, file.Write(object(t, `{"N":1}`)))
		assert.Equal(t, ErrClosed, file.WriteEncoded([]byte{2}))
		assert.Equal(t, ErrClosed, file.Flush())
		assert.EqualValues(t, out.Len(), file.Written())

		d, err := ocf.NewDecoder(bytes.NewReader(out.Bytes()))
		require.NoError(t, err)
		assert.False(t, d.HasNext())
		require.NoError(t, d.Error())
		meta := map[string]string{}
		for key, value := range d.Metadata() {
			meta[key] = string(value)
		}
		assert.Equal(t, map[string]string{
			"avro.schema": schema.JSON(), "avro.codec": codec.String(),
			"writer.time.zone": "UTC", "writer.proleptic": "false", "made.by": "größe",
		}, meta)
		for _, kept := range []string{`"doc":"a line"`, `"doc":"a number"`, `"default":7`, `"aliases":["m"]`, `"ltsv.label":"N"`, `"x":{"own":1}`} {
			assert.Contains(t, meta["avro.schema"], kept)
		}
	}
}

// TestFileOptions that cannot be are told before anything is written.
func TestFileOptions(t *testing.T) {
	schema, err := Parse(numbered)
	require.NoError(t, err)
	for name, o := range map[string]FileOptions{
		"small blocks":         {BlockBytes: 1<<10 - 1},
		"large blocks":         {BlockBytes: 64<<20 + 1},
		"codec":                {Codec: CodecZstandard + 1},
		"level of deflate":     {Level: 10},
		"negative level":       {Level: -1},
		"level of zstandard":   {Codec: CodecZstandard, Level: 23},
		"Avro's metadata":      {Metadata: map[string]string{"avro.codec": "null"}},
		"encoder of another":   {Encoder: encoder(t, documented)},
		"a reserved namespace": {Metadata: map[string]string{"avro.x": ""}},
	} {
		var out bytes.Buffer
		_, err := NewFileWriter(&out, schema, o)
		require.ErrorIs(t, err, ErrFileOption, name)
		assert.Zero(t, out.Len(), name)
	}
	_, err = NewFileWriter(io.Discard, schema, FileOptions{Level: 40})
	require.EqualError(t, err, "avroschema: file option: deflate has no such Level: not in 1 to 9")
	own := encoder(t, numbered)
	file, err := NewFileWriter(io.Discard, schema, FileOptions{Encoder: own})
	require.NoError(t, err)
	require.NoError(t, file.Write(object(t, `{"n":1}`)))
	assert.EqualValues(t, 1, own.Stats().Records)
}

// TestNoSchema: what is not there is told, not a panic.
func TestNoSchema(t *testing.T) {
	schema, err := Parse(numbered)
	require.NoError(t, err)
	_, err = NewFileWriter(nil, schema, FileOptions{})
	require.EqualError(t, err, "avroschema: the io.Writer is nil")
	for _, none := range []*Schema{nil, {}} {
		_, err = NewFileWriter(io.Discard, none, FileOptions{})
		require.EqualError(t, err, "avroschema: no schema")
		_, err = Compile(none)
		require.EqualError(t, err, "avroschema: no schema")
		_, err = HiveDDL(none, HiveTable{Name: "t"})
		require.EqualError(t, err, "avroschema: no schema")
	}
	_, err = Parse(numbered, nil)
	require.EqualError(t, err, "avroschema: no schema")
	_, err = schema.JSONWith(nil)
	require.EqualError(t, err, "avroschema: no schema")
}

// TestFileIsNotAppendedTo: two containers in one file are read by nobody.
func TestFileIsNotAppendedTo(t *testing.T) {
	schema, err := Parse(numbered)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "a.avro")
	for round := range 2 {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		require.NoError(t, err)
		defer f.Close()
		file, err := NewFileWriter(f, schema, FileOptions{})
		if round == 1 {
			require.ErrorIs(t, err, ErrNotEmpty)
			break
		}
		require.NoError(t, err)
		require.NoError(t, file.Write(object(t, `{"n":1}`)))
		require.NoError(t, file.Close())
		require.NoError(t, f.Close())
	}
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, []int{1}, numbers(t, data), "as it was")

	_, err = NewFileWriter(closed(t), schema, FileOptions{})
	require.ErrorIs(t, err, os.ErrClosed)
	r, w, err := os.Pipe() // has no size
	require.NoError(t, err)
	defer r.Close()
	defer w.Close()
	_, err = NewFileWriter(w, schema, FileOptions{})
	require.NoError(t, err)
}

func closed(t *testing.T) *os.File {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), "closed"))
	require.NoError(t, err)
	require.NoError(t, f.Close())
	return f
}

// TestFileBlocks are as large as they are to be, whether records are given or their
// encodings; Flush ends one before.
func TestFileBlocks(t *testing.T) {
	schema, err := Parse(`{"type":"record","name":"R","fields":[{"name":"s","type":"string"}]}`)
	require.NoError(t, err)
	const block, record = 1 << 10, 102 // 100 bytes and their length
	text := `{"s":"` + string(bytes.Repeat([]byte("x"), 100)) + `"}`
	encoded, err := encoder(t, schema.JSON()).Append(nil, object(t, text))
	require.NoError(t, err)
	require.Len(t, encoded, record)
	var out bytes.Buffer
	file, err := NewFileWriter(&out, schema, FileOptions{Codec: CodecNull, BlockBytes: block})
	require.NoError(t, err)
	fits, written := (block+record-1)/record, int64(0)
	for i := 1; i <= 5*fits; i++ {
		if i%2 == 0 {
			require.NoError(t, file.Write(object(t, text)))
		} else {
			require.NoError(t, file.WriteEncoded(encoded))
		}
		require.Equal(t, i%fits*record, file.Buffered())
		require.Equal(t, i%fits == 0, file.Written() > written, "record %d", i)
		require.EqualValues(t, out.Len(), file.Written())
		written = file.Written()
	}
	require.NoError(t, file.Flush())
	assert.Equal(t, written, file.Written(), "there was nothing")
	require.NoError(t, file.WriteEncoded(encoded))
	require.NoError(t, file.Flush())
	assert.Greater(t, file.Written(), written)
	require.NoError(t, file.Close())
	assert.EqualValues(t, 5*fits+1, file.Records())
	data := out.Bytes()
	assert.Equal(t, 1+5+1, bytes.Count(data, data[len(data)-16:]), "markers of the header and of each block")

	d, err := ocf.NewDecoder(bytes.NewReader(data))
	require.NoError(t, err)
	n := 0
	for ; d.HasNext(); n++ {
		var rec struct {
			S string `avro:"s"`
		}
		require.NoError(t, d.Decode(&rec))
		require.Len(t, rec.S, 100)
	}
	require.NoError(t, d.Error())
	assert.Equal(t, 5*fits+1, n)
}

// full takes so many bytes.
type full struct{ left int }

var errFull = errors.New("no space")

func (f *full) Write(p []byte) (int, error) {
	if len(p) > f.left {
		n := f.left
		f.left = 0
		return n, errFull
	}
	f.left -= len(p)
	return len(p), nil
}

// short takes half of what it is given and says nothing.
type short struct{}

func (short) Write(p []byte) (int, error) { return len(p) / 2, nil }

// TestFileIsTorn: what the writer below does not take is told by every call since.
func TestFileIsTorn(t *testing.T) {
	schema, err := Parse(numbered)
	require.NoError(t, err)
	for want, w := range map[error]io.Writer{errFull: &full{left: 100}, io.ErrShortWrite: short{}} {
		file, err := NewFileWriter(w, schema, FileOptions{})
		require.NoError(t, err)
		require.NoError(t, file.WriteEncoded([]byte{2}), "it is in memory")
		require.ErrorIs(t, file.Flush(), want)
		require.ErrorIs(t, file.Write(object(t, `{"n":1}`)), want)
		require.ErrorIs(t, file.WriteEncoded([]byte{2}), want)
		require.ErrorIs(t, file.Close(), want)
		require.ErrorIs(t, file.Close(), want, "it is still torn")
	}
}
