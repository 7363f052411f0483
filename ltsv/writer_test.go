package ltsv

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
)

func TestAppendField(t *testing.T) {
	line, err := AppendField(nil, "a", []byte("1"))
	require.NoError(t, err)
	line, err = AppendField(line, "b", nil)
	require.NoError(t, err)
	assert.Equal(t, "a:1\tb:", string(line))
	line, err = AppendField(append(line, '\n'), "c", []byte("x:y \xff\x01"))
	require.NoError(t, err)
	assert.Equal(t, "a:1\tb:\nc:x:y \xff\x01", string(line))

	for _, bad := range []struct {
		label, value string
		err          error
	}{
		{"", "1", ErrEmptyLabel},
		{"a b", "1", ErrInvalidLabel},
		{"a:b", "1", ErrInvalidLabel},
		{"a\t", "1", ErrInvalidLabel},
		{"あ", "1", ErrInvalidLabel},
		{"a", "x\ty", ErrInvalidByte},
		{"a", "x\n", ErrInvalidByte},
		{"a", "\rx", ErrInvalidByte},
		{"a", "x\x00y", ErrInvalidByte},
	} {
		got, err := AppendField(line[:len(line):len(line)], bad.label, []byte(bad.value))
		require.ErrorIs(t, err, bad.err)
		assert.Equal(t, string(line), string(got), "dst comes back as it was")
		assert.NotContains(t, err.Error(), "x")
	}
}

func TestWriterCopiesALog(t *testing.T) {
	for _, name := range logtest.Names {
		log := logtest.Log(name)
		var out bytes.Buffer
		w := NewWriter(&out)
		for rec, err := range Scan(log) {
			require.NoError(t, err)
			require.NoError(t, w.Write(rec))
		}
		require.NoError(t, w.Flush())
		assert.Equal(t, string(log), out.String())
	}
}

func TestWriter(t *testing.T) {
	var out strings.Builder
	w := NewWriter(&out)
	require.NoError(t, w.Field("a", []byte("1")))
	require.ErrorIs(t, w.Field("b", []byte("\t")), ErrInvalidByte)
	require.NoError(t, w.Field("c", []byte("3")))
	require.NoError(t, w.End())
	require.NoError(t, w.End(), "a record without fields")
	require.NoError(t, w.Field("gone", nil))
	w.Discard()
	require.NoError(t, w.Field("d", []byte("4")))
	require.NoError(t, w.Flush(), "what has not ended stays")
	assert.Equal(t, "a:1\tc:3\n", out.String())

	var r Record
	require.NoError(t, r.Parse([]byte("x:1\ty y:2")))
	require.ErrorIs(t, w.Write(&r), ErrInvalidLabel)
	require.NoError(t, r.Parse([]byte("x:1\ty:2")))
	require.NoError(t, w.Write(&r))
	require.NoError(t, w.Flush())
	assert.Equal(t, "a:1\tc:3\nd:4\nx:1\ty:2\n", out.String(), "a refused record leaves nothing")
}

func TestWriterEscapes(t *testing.T) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for _, e := range []Escaping{EscapeNginx, EscapeApache, EscapeJSON, EscapeHAProxy} {
		var out bytes.Buffer
		w := NewWriter(&out)
		w.Escaping = e
		require.NoError(t, w.Field("a", all))
		require.NoError(t, w.End())
		require.NoError(t, w.Flush())
		rec, err := NewReader(&out).Read()
		require.NoError(t, err)
		assert.Equal(t, all, AppendUnescape(nil, rec.Value(0), e), e.String())
	}
}

func TestWriterErrorsStay(t *testing.T) {
	full := errors.New("disk full")
	w := NewWriter(failing{full})
	require.NoError(t, w.Field("a", nil))
	require.NoError(t, w.End())
	assert.Equal(t, full, w.Flush())
	assert.Equal(t, full, w.Field("a", nil))
	assert.Equal(t, full, w.End())
	assert.Equal(t, full, w.Flush())
	assert.Equal(t, full, w.Write(new(Record)))

	w = NewWriter(failing{})
	require.NoError(t, w.Field("a", nil))
	require.NoError(t, w.End())
	assert.Equal(t, io.ErrShortWrite, w.Flush())

	w = NewWriter(failing{full})
	value := make1(1000)
	var err error
	for n := 0; err == nil && n < 1000; n++ {
		require.NoError(t, w.Field("a", value))
		err = w.End()
	}
	assert.Equal(t, full, err, "the buffer does not grow without bound")
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }
