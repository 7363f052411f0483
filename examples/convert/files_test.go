package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
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

// TestManyCompressedFiles are decompressed at once, and come out one behind the other, up
// to what cannot be read.
func TestManyCompressedFiles(t *testing.T) {
	dir := t.TempDir()
	var files []string
	var want []byte
	for i := range 9 {
		log := bytes.Repeat(fmt.Appendf(nil, "file:%d\tpad:%s\n", i, strings.Repeat("x", i*50)), 20_000)
		name := filepath.Join(dir, fmt.Sprint(i)+[]string{".gz", ".zst", ""}[i%3])
		out, errs, status := convertString(t, bytes.NewReader(log), "-to", "ltsv", "-o", name)
		require.Zero(t, status, out+errs)
		files, want = append(files, name), append(want, log...)
	}
	out, errs, status := convertString(t, strings.NewReader(""), append([]string{"-to", "ltsv"}, files...)...)
	require.Zero(t, status, errs)
	require.True(t, string(want) == out)
	assert.Equal(t, "read=180000 written=180000 skipped=0 rejected=0\n", errs)

	packed, err := os.ReadFile(files[3])
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(files[3], packed[:len(packed)-10], 0o600))
	require.NoError(t, os.Remove(files[6]))
	out, errs, status = convertString(t, strings.NewReader(""), append([]string{"-to", "ltsv"}, files...)...)
	assert.Equal(t, 1, status)
	assert.Equal(t, "convert: read "+files[3]+": unexpected EOF\n", errs)
	assert.True(t, strings.HasPrefix(string(want), out))
	assert.Contains(t, out, "file:2\t")
	assert.NotContains(t, out, "file:4\t")

	_, errs, _ = convertString(t, strings.NewReader(""), files[6], files[0])
	assert.Equal(t, "convert: read "+files[6]+": no such file or directory\n", errs)
}

func TestFromJSONRejects(t *testing.T) {
	in := "{\"a\":1}\nno json\n{\"a\":{\"b\":2}}\n{\"a\":\"x\\ty\"}\n"
	out, errs, status := convertString(t, strings.NewReader(in), "-from", "json", "-to", "ltsv")
	require.Zero(t, status)
	assert.Equal(t, "a:1\na:{\"b\":2}\n", out)
	assert.Contains(t, errs, "read=4 written=2 skipped=0 rejected=2")
}

// TestPackedInParts: what the workers compress apart is one text for every reader.
func TestPackedInParts(t *testing.T) {
	var input, want bytes.Buffer
	for i := range 120_000 {
		fmt.Fprintf(&input, "n:%d\tpad:%s\n", i, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"[:i%48])
		fmt.Fprintf(&want, "{\"n\":\"%d\",\"pad\":\"%s\"}\n", i, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"[:i%48])
		if i%1000 == 0 {
			input.WriteString("bad\n")
		}
	}
	require.Greater(t, input.Len(), 3*blockText)
	for end, unpack := range map[string]func(*testing.T, string) []byte{".gz": gunzip, ".zst": unzstd} {
		out, rejects := filepath.Join(t.TempDir(), "out"+end), filepath.Join(t.TempDir(), "rejects"+end)
		_, errs, status := convertString(t, bytes.NewReader(input.Bytes()), "-o", out, "-rejects", rejects)
		require.Zero(t, status, errs)
		require.Equal(t, summary(120_120, 120_000, 120), errs)
		require.True(t, bytes.Equal(want.Bytes(), unpack(t, out)))
		require.Len(t, objects(t, string(unpack(t, rejects))), 120)

		// And for this program.
		_, errs, status = convertString(t, nil, "-from", "json", "-o", filepath.Join(t.TempDir(), "again"+end), out)
		require.Zero(t, status, errs)
		require.Equal(t, summary(120_000, 120_000, 0), errs)

		// Nothing, and a schema, are compressed too.
		_, errs, status = convertString(t, strings.NewReader(""), "-o", out, "-rejects", rejects)
		require.Zero(t, status, errs)
		require.Empty(t, unpack(t, out))
		require.Empty(t, unpack(t, rejects))
		_, errs, status = convertString(t, strings.NewReader("a:1"), "-infer", "-o", out)
		require.Zero(t, status, errs)
		require.True(t, json.Valid(unpack(t, out)))
	}
}

func gunzip(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	text, err := io.ReadAll(z)
	require.NoError(t, err)
	return text
}

func unzstd(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	z, err := zstd.NewReader(f)
	require.NoError(t, err)
	defer z.Close()
	text, err := io.ReadAll(z)
	require.NoError(t, err)
	return text
}

// TestAvroOfCompressedFiles: a file that must be read twice, and is compressed.
func TestAvroOfCompressedFiles(t *testing.T) {
	log := logtest.Log(logtest.Apache)
	packed := filepath.Join(t.TempDir(), "log.zst")
	_, errs, status := convertString(t, bytes.NewReader(log), "-to", "ltsv", "-o", packed)
	require.Zero(t, status, errs)
	of := func(name string) []map[string]any {
		out := filepath.Join(t.TempDir(), "out.avro")
		_, errs, status := convertString(t, nil, "-to", "avro", "-o", out, name)
		require.Zero(t, status, errs)
		require.Equal(t, summary(1000, 1000, 0), errs)
		_, records := readContainer(t, read1(t, out))
		return records
	}
	require.Equal(t, of(file(t, "log", log)), of(packed))
}

// TestJSONThroughLTSV: LTSV holds every value but those with a TAB, a line end or a NUL, as text.
func TestJSONThroughLTSV(t *testing.T) {
	for name, escape := range escapes {
		text, errs, status := convertString(t, bytes.NewReader(logtest.Log(name)), "-missing", "-escape", escape)
		require.Zero(t, status, errs)
		lines, errs, status := convertString(t, strings.NewReader(text), "-from", "json", "-to", "ltsv")
		require.Zero(t, status, errs)
		total := lastLine(t, errs)
		back, errs, status := convertString(t, strings.NewReader(lines))
		require.Zero(t, status, errs)
		got := objects(t, back)
		require.EqualValues(t, total.written, len(got))
		rejected := 0
		for line := range strings.Lines(text) {
			var want map[string]any
			require.NoError(t, json.Unmarshal([]byte(line), &want))
			broken := false
			for label, v := range want {
				if v == nil {
					want[label] = ""
				}
				broken = broken || strings.ContainsAny(fmt.Sprint(v), "\t\n\r\x00")
			}
			if broken {
				rejected++
				continue
			}
			require.Equal(t, want, got[0])
			got = got[1:]
		}
		assert.EqualValues(t, total.rejected, rejected)
	}
	text := `{"a":1,"b":true,"c":null,"d":{"x":[1,"y"]},"e":1.50,"f":""}` + "\n"
	lines, errs, status := convertString(t, strings.NewReader(text), "-from", "json", "-to", "ltsv")
	require.Zero(t, status, errs)
	back, _, _ := convertString(t, strings.NewReader(lines))
	assert.Equal(t, `{"a":"1","b":"true","c":"","d":"{\"x\":[1,\"y\"]}","e":"1.50","f":""}`+"\n", back)
}
