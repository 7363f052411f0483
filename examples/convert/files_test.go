package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
)

// TestCompressedFiles takes a log from one kind of file to the next, LTSV and JSON in
// turn, and has it back as it was.
func TestCompressedFiles(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	log := logtest.Log(logtest.Nginx)
	require.NoError(t, os.WriteFile(path("a.ltsv"), log, 0o600))
	for _, step := range [][]string{
		{"-to", "json", "-o", path("b.json.gz"), path("a.ltsv")},
		{"-from", "json", "-to", "ltsv", "-o", path("c.ltsv.zst"), path("b.json.gz")},
		{"-to", "json", "-o", path("d.json"), path("c.ltsv.zst")},
		{"-from", "json", "-to", "ltsv", "-o", path("e.ltsv"), path("d.json")},
	} {
		out, errs, status := convertString(t, strings.NewReader(""), step...)
		require.Zero(t, status, errs)
		assert.Empty(t, out)
		assert.Contains(t, errs, "read=3000 written=3000 skipped=0 rejected=0")
	}
	last, err := os.ReadFile(path("e.ltsv"))
	require.NoError(t, err)
	require.Equal(t, string(log), string(last))

	// The compressed ones are what others read.
	packed, err := os.ReadFile(path("b.json.gz"))
	require.NoError(t, err)
	z, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	text, err := io.ReadAll(z)
	require.NoError(t, err)
	plain, err := os.ReadFile(path("d.json"))
	require.NoError(t, err)
	require.True(t, bytes.Equal(plain, text))
	packed, err = os.ReadFile(path("c.ltsv.zst"))
	require.NoError(t, err)
	d, err := zstd.NewReader(nil)
	require.NoError(t, err)
	defer d.Close()
	text, err = d.DecodeAll(packed, nil)
	require.NoError(t, err)
	require.True(t, bytes.Equal(log, text))

	// Cut in the middle, they cost the run, and the error names the file.
	require.NoError(t, os.WriteFile(path("torn.zst"), packed[:len(packed)/2], 0o600))
	_, errs, status := convertString(t, strings.NewReader(""), path("torn.zst"))
	assert.Equal(t, 1, status)
	assert.Contains(t, errs, "torn.zst")
	require.NoError(t, os.WriteFile(path("torn.gz"), []byte("no gzip"), 0o600))
	_, errs, status = convertString(t, strings.NewReader(""), path("torn.gz"))
	assert.Equal(t, 1, status)
	assert.Contains(t, errs, "torn.gz")
}

func TestFromJSONRejects(t *testing.T) {
	in := "{\"a\":1}\nno json\n{\"a\":{\"b\":2}}\n{\"a\":\"x\\ty\"}\n"
	out, errs, status := convertString(t, strings.NewReader(in), "-from", "json", "-to", "ltsv")
	require.Zero(t, status)
	assert.Equal(t, "a:1\na:{\"b\":2}\n", out)
	assert.Contains(t, errs, "read=4 written=2 skipped=0 rejected=2")
	for _, args := range [][]string{{"-job", "json"}, {"-missing"}, {"-strict"}, {"-escape", "nginx"}, {"-o", "x", "-rejects", "x"}} {
		_, _, status := convertString(t, strings.NewReader(in), append([]string{"-from", "json"}, args...)...)
		assert.Equal(t, 2, status, args)
	}
}
