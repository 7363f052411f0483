package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFailures: one clear line for each mistake, and nothing on standard output.
func TestFailures(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{
		"list": `"long"`, "torn": `{"type":`, "big": strings.Repeat(" ", 1<<20) + `"long"`,
		"duration": `{"type":"record","name":"R","fields":[{"name":"d","type":{"type":"fixed","name":"D","size":12,"logicalType":"duration"}}]}`,
	} {
		require.NoError(t, os.WriteFile(path(name), []byte(text), 0o600))
	}
	schema := func(name string) []string { return []string{"-to", "avro", "-schema", path(name)} }
	for _, tt := range []struct {
		args   []string
		stdin  io.Reader
		status int
		want   string
	}{
		{[]string{"-x"}, nil, 2, "flag provided but not defined: -x; convert -h tells of all flags"},
		{[]string{"-to", "xml"}, nil, 2, `-to "xml": must be json, ltsv or avro`},
		{[]string{"-from", "csv"}, nil, 2, `-from "csv": must be ltsv or json`},
		{[]string{"-from", "avro"}, nil, 2, `-from "avro": must be ltsv or json`},
		{[]string{"-job", "x"}, nil, 2, `-job "x": must be raw, json or avro`},
		{[]string{"-escape", "iis"}, nil, 2, `-escape "iis": must be none, nginx, apache, json or haproxy`},
		{[]string{"-to", "avro", "-codec", "bzip2"}, nil, 2, `-codec "bzip2": must be null, deflate, snappy or zstandard`},

		{[]string{"-from", "json", "-job", "json"}, nil, 2, "-from json: -job json, -escape, -missing and -strict are for LTSV"},
		{[]string{"-from", "json", "-missing"}, nil, 2, "are for LTSV"},
		{[]string{"-from", "json", "-strict"}, nil, 2, "are for LTSV"},
		{[]string{"-from", "json", "-escape", "nginx"}, nil, 2, "are for LTSV"},
		{[]string{"-job", "avro"}, nil, 2, "-job avro: it writes by a schema of its own, with -to avro"},
		{[]string{"-job", "avro", "-to", "json"}, nil, 2, "-job avro: it writes"},
		{[]string{"-job", "avro", "-infer"}, nil, 2, "-job avro: it writes"},
		{[]string{"-job", "avro", "-to", "avro", "-schema", "s"}, nil, 2, "-job avro: it writes"},
		{[]string{"-job", "json", "-to", "ltsv"}, nil, 2, "-job json: LTSV has no such label as @timestamp"},
		{[]string{"-infer", "-to", "avro"}, nil, 2, "-infer prints a schema and does nothing else"},
		{[]string{"-infer", "-schema", "s"}, nil, 2, "-infer prints a schema and does nothing else"},
		{[]string{"-infer", "-codec", "null"}, nil, 2, "-infer prints a schema and does nothing else"},
		{[]string{"-schema", "s"}, nil, 2, "-schema and -codec are for -to avro"},
		{[]string{"-to", "ltsv", "-codec", "null"}, nil, 2, "-schema and -codec are for -to avro"},
		{[]string{"-to", "avro", "-o", "x.avro.gz"}, nil, 2, "-o x.avro.gz: an Avro file compresses its blocks itself, by -codec"},
		{[]string{"-o", "x", "-rejects", "x"}, nil, 2, "-o and -rejects are the same file"},

		{[]string{path("none")}, nil, 1, "read " + path("none") + ": no such file or directory"},
		{[]string{"-to", "avro", path("none")}, nil, 1, "read " + path("none") + ": no such file or directory"},
		{[]string{dir}, nil, 1, "read " + dir + ": is a directory"},
		{[]string{"-rejects", dir}, strings.NewReader(""), 1, "create " + dir + ": is a directory"},
		{[]string{"-o", path("none/x")}, strings.NewReader(""), 1, "create " + path("none/x") + ": no such file or directory"},
		{nil, iotest.ErrReader(os.ErrPermission), 1, "read standard input: permission denied"},
		{[]string{"-infer"}, iotest.ErrReader(os.ErrPermission), 1, "read standard input: permission denied"},
		{[]string{"-to", "avro"}, iotest.ErrReader(os.ErrPermission), 1, "read standard input: permission denied"},

		{schema("none"), nil, 1, "read " + path("none") + ": no such file or directory"},
		{schema(""), nil, 1, "read " + dir + ": is a directory"},
		{schema("torn"), nil, 1, "-schema " + path("torn") + ": "},
		{schema("big"), nil, 1, "schema is too large"},
		{schema("list"), nil, 1, "-schema " + path("list") + ": "},
		{schema("duration"), nil, 1, "cannot be encoded from records"},
	} {
		out, errs, status := convertString(t, tt.stdin, tt.args...)
		assert.Equal(t, tt.status, status, tt.args)
		assert.Empty(t, out)
		assert.Contains(t, errs, "convert: ")
		assert.Contains(t, strings.ReplaceAll(errs, "file does not exist", "no such file or directory"), tt.want)
		assert.Equal(t, 1, strings.Count(errs, "\n"), "one clear line: %q", errs)
	}
	assert.NoFileExists(t, "x")
	assert.NoFileExists(t, "x"+unfinished)

	_, errs, status := convertString(t, strings.NewReader(""), "-escape=json")
	assert.Zero(t, status, "nothing in, nothing out")
	assert.Equal(t, summary(0, 0, 0), errs)
}

func TestHelp(t *testing.T) {
	out, errs, status := convertString(t, nil, "-h")
	assert.Equal(t, usage, out)
	assert.Empty(t, errs)
	assert.Zero(t, status)
	for _, flag := range []string{"from", "to", "job", "o", "rejects", "escape", "missing", "strict", "cookie-key", "schema", "codec", "infer"} {
		assert.Contains(t, out, "\n  -"+flag+" ")
	}
}

// TestTerminal: binary data is not for people.
func TestTerminal(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("there is no terminal to be had:", err)
	}
	defer terminal.Close()
	var errs strings.Builder
	assert.Equal(t, 2, run(t.Context(), []string{"-to", "avro"}, strings.NewReader("a:1\n"), terminal, &errs))
	assert.Equal(t, "convert: -to avro is not for terminals: use -o or a pipe\n", errs.String())
}
