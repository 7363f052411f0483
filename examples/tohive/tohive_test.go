package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEmbedded(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), []string{"-dir", dir, "-n", "5000"}, &out))
	files, err := filepath.Glob(filepath.Join(dir, "dt=*", "hour=*", "access-json+*.ndjson.gz"))
	require.NoError(t, err)
	folders, rows := make(map[string]bool), 0
	for _, file := range files {
		folders[filepath.Dir(file)] = true
		f, err := os.Open(file)
		require.NoError(t, err)
		defer f.Close()
		z, err := gzip.NewReader(f)
		require.NoError(t, err)
		text, err := io.ReadAll(z)
		require.NoError(t, err)
		rows += bytes.Count(text, []byte("\n"))
	}
	assert.Equal(t, 5000, rows)
	statements := strings.Split(strings.TrimSpace(out.String()), "\n")
	assert.Len(t, statements, len(folders))
	assert.Regexp(t, `^ALTER TABLE access ADD IF NOT EXISTS PARTITION \(dt='\d{4}-\d\d-\d\d', hour='\d\d'\) LOCATION '/.*/dt=.*/hour=\d\d';$`, statements[0])
}

func TestMistakes(t *testing.T) {
	assert.ErrorContains(t, run(t.Context(), []string{"-hdfs", "127.0.0.1:1"}, io.Discard), "-dir")
	assert.ErrorIs(t, run(t.Context(), []string{"-dir", filepath.Join(t.TempDir(), "none"), "-n", "1"}, io.Discard), fs.ErrNotExist)
}
