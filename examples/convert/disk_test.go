package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDiskWriter: the bytes are those that were written, whole stretches of them are sent on,
// one behind the other, and the system takes them.
func TestDiskWriter(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	f, err := os.Create(name)
	require.NoError(t, err)
	w := &diskWriter{file: f}
	var want []byte
	for i := range 20 {
		b := bytes.Repeat([]byte{byte(i)}, 1<<20)
		n, err := w.Write(b)
		require.NoError(t, err)
		assert.Equal(t, len(b), n)
		want = append(want, b...)
	}
	assert.EqualValues(t, 20<<20, w.size)
	assert.EqualValues(t, 16<<20, w.sent)
	require.NoError(t, startWriteback(f, w.sent, w.size-w.sent))
	require.NoError(t, f.Close())
	got, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(want, got))

	n, err := w.Write([]byte("x"))
	assert.ErrorIs(t, err, os.ErrClosed)
	assert.Zero(t, n)
}
