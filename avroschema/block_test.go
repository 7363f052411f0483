package avroschema_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/hamba/avro/v2/ocf"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/ltsvpipe/ltsvpipe/avroschema"
)

const numbered = `{"type":"record","name":"R","fields":[{"name":"n","type":"int"}]}`

// numbers returns what hamba/avro reads of a container of numbered.
func numbers(t *testing.T, file []byte) (list []int) {
	t.Helper()
	d, err := ocf.NewDecoder(bytes.NewReader(file))
	require.NoError(t, err)
	for d.HasNext() {
		var rec map[string]any
		require.NoError(t, d.Decode(&rec))
		list = append(list, rec["n"].(int))
	}
	require.NoError(t, d.Error())
	return list
}

// TestBlocks has four goroutines make blocks, and writes them in order among records that
// the file takes itself.
func TestBlocks(t *testing.T) {
	schema, err := Parse(numbered)
	require.NoError(t, err)
	for _, codec := range []Codec{CodecNull, CodecDeflate, CodecSnappy, CodecZstandard} {
		t.Run(codec.String(), func(t *testing.T) {
			const parts, each = 40, 1000
			var out bytes.Buffer
			file, err := NewFileWriter(&out, schema, FileOptions{Codec: codec, BlockBytes: 1 << 10})
			require.NoError(t, err)
			made := make([]chan []byte, parts)
			for i := range made {
				made[i] = make(chan []byte, 1)
			}
			for w := range 4 {
				go func() {
					block := file.NewBlock()
					for part := w; part < parts; part += 4 {
						out := []byte("kept")
						var err error
						for i := range each {
							assert.NoError(t, block.Write(object(t, fmt.Sprintf(`{"n":%d}`, 1+part*(each+1)+i))))
							if block.Full() {
								out, err = block.AppendTo(out)
								assert.NoError(t, err)
							}
						}
						out, err = block.AppendTo(out)
						assert.NoError(t, err)
						assert.Zero(t, block.Records())
						made[part] <- out
					}
				}()
			}
			for part := range parts {
				require.NoError(t, file.Write(object(t, fmt.Sprintf(`{"n":%d}`, part*(each+1)))))
				blocks, kept := bytes.CutPrefix(<-made[part], []byte("kept"))
				require.True(t, kept)
				require.NoError(t, file.WriteBlocks(blocks))
			}
			require.NoError(t, file.Close())
			got := numbers(t, out.Bytes())
			require.Len(t, got, parts*(each+1))
			for i, n := range got {
				require.Equal(t, i, n)
			}
			assert.EqualValues(t, len(got), file.Records())
			assert.EqualValues(t, out.Len(), file.Written())
			assert.Equal(t, ErrClosed, file.WriteBlocks(nil))
		})
	}
}

func TestWhatIsNoBlock(t *testing.T) {
	schema, err := Parse(numbered)
	require.NoError(t, err)
	var out bytes.Buffer
	file, err := NewFileWriter(&out, schema, FileOptions{})
	require.NoError(t, err)
	other, err := NewFileWriter(&out, schema, FileOptions{})
	require.NoError(t, err)
	appended := func(f *FileWriter) []byte {
		b := f.NewBlock()
		b.WriteEncoded([]byte{2})
		out, err := b.AppendTo(nil)
		require.NoError(t, err)
		return out
	}
	whole := appended(file)
	for i := 1; i < len(whole); i++ {
		require.Equal(t, ErrBlock, file.WriteBlocks(whole[:i]))
		require.Equal(t, ErrBlock, file.WriteBlocks(whole[i:]))
	}
	for _, bad := range [][]byte{appended(other), append(whole[:len(whole):len(whole)], 0), append([]byte{0}, whole[1:]...),
		{2, 0x01}, {2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, bytes.Repeat([]byte{0xff}, 30)} {
		require.Equal(t, ErrBlock, file.WriteBlocks(bad))
	}
	assert.Zero(t, out.Len())
	require.NoError(t, file.WriteBlocks(append(whole, appended(file)...)))
	require.NoError(t, file.Close())
	assert.Equal(t, []int{1, 1}, numbers(t, out.Bytes()))
}

// TestBlockRejects a record, and nothing is left of it.
func TestBlockRejects(t *testing.T) {
	schema, err := Parse(numbered)
	require.NoError(t, err)
	var out bytes.Buffer
	file, err := NewFileWriter(&out, schema, FileOptions{Codec: CodecNull})
	require.NoError(t, err)
	block := file.NewBlock()
	require.NoError(t, block.Write(object(t, `{"n":1}`)))
	var field *FieldError
	require.ErrorAs(t, block.Write(object(t, `{"n":"x"}`)), &field)
	assert.EqualValues(t, 1, block.Records())
	assert.EqualValues(t, 1, block.Encoder().Stats().Rejected)
	rec := object(t, `{"n":2}`)
	blocks, err := block.AppendTo(nil)
	require.NoError(t, err)
	require.NoError(t, file.WriteBlocks(blocks))
	require.NoError(t, file.Close())
	assert.Equal(t, []int{1}, numbers(t, out.Bytes()))
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		err = block.Write(rec)
		blocks, _ = block.AppendTo(blocks[:0])
	}))
	require.NoError(t, err)

	long, err := Parse(`"long"`) // is no record
	require.NoError(t, err)
	file, err = NewFileWriter(&out, long, FileOptions{})
	require.NoError(t, err)
	require.ErrorIs(t, file.NewBlock().Write(rec), ErrUnsupported)
}
