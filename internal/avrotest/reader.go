package avrotest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/realtest"
)

// A File is one that a [Reader] reads: a container file, or bare records one behind the
// other, whose schema is Writer. Reader, if there is one, is the schema that the data is
// resolved to, for readers that do.
type File struct {
	Path   string `json:"path"`
	Writer string `json:"writer,omitempty"`
	Reader string `json:"reader,omitempty"`
}

// A Reader is an implementation of Avro that is not ours.
type Reader struct {
	Name     string
	Codecs   []string // that it knows, by their names in Avro
	Resolves bool     // to another schema, as the specification says
	read     func(t testing.TB, files []File) [][]any
}

// Readers are those of Go, and those that are asked if LTSVPIPE_REAL=1.
var Readers = []Reader{
	{"hamba", []string{"null", "deflate", "snappy", "zstandard"}, false, readHamba},
	{"goavro", []string{"null", "deflate", "snappy"}, false, readGoavro},
	{"Java", []string{"null", "deflate", "snappy", "zstandard"}, true, readJava},
	// fastavro resolves, but leaves defaults of logical types as JSON has them.
	{"fastavro", []string{"null", "deflate", "snappy", "zstandard"}, false, readFastavro},
	{"avsc", []string{"null", "deflate", "snappy", "zstandard"}, true, readAvsc},
}

// Read returns the records of each file, in a form that is the same for all readers:
//
//   - null, booleans, strings and symbols as they are; arrays, maps and records of these
//   - int and long: the digits; float and double: the bits as a double, in hexadecimal
//   - bytes and fixed: hexadecimal
//   - decimal: 12.50, with as many digits behind the point as its scale has
//   - date: 2026-11-22; times of day: 16:00:49.567000
//   - timestamps: 2026-11-22T16:00:49.567000Z; without the Z if they are local
//   - a union: the value in it
//
// The logical types are what the reader makes of them, not what this package does. The
// test is skipped if the reader is none of Go's, unless LTSVPIPE_REAL=1.
func (r Reader) Read(t testing.TB, files ...File) [][]any {
	t.Helper()
	return r.read(t, files)
}

func readJava(t testing.TB, files []File) [][]any {
	t.Helper()
	return answer(t, files, Java(t, program(t, "Read.java", readInJava), question(t, files)))
}

func readFastavro(t testing.TB, files []File) [][]any {
	t.Helper()
	realtest.Need(t, "fastavro")
	python, err := realtest.PyPI("fastavro==1.12.1", "cramjam==2.11.0", "zstandard==0.25.0")
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), python, program(t, "read.py", readInPython))
	return answer(t, files, realtest.Output(t, cmd, question(t, files)))
}

func readAvsc(t testing.TB, files []File) [][]any {
	t.Helper()
	realtest.Need(t, "avsc")
	modules, err := realtest.NPM("avsc@5.7.9", "snappyjs@0.7.0", "fzstd@0.1.1")
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "node", program(t, "read.js", readInNode))
	cmd.Env = append(cmd.Environ(), "NODE_PATH="+modules)
	return answer(t, files, realtest.Output(t, cmd, question(t, files)))
}

//go:embed readers/Read.java
var readInJava []byte

//go:embed readers/read.py
var readInPython []byte

//go:embed readers/read.js
var readInNode []byte

// program writes the program of a reader to a file.
func program(t testing.TB, name string, source []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, source, 0o644))
	return path
}

func question(t testing.TB, files []File) []byte {
	t.Helper()
	text, err := json.Marshal(files)
	require.NoError(t, err)
	return text
}

// answer reads what a program prints: a line for each record, [index of the file, record].
func answer(t testing.TB, files []File, out []byte) [][]any {
	t.Helper()
	all := make([][]any, len(files))
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var line [2]json.RawMessage
		var file int
		var record any
		require.NoError(t, d.Decode(&line))
		require.NoError(t, json.Unmarshal(line[0], &file))
		require.NoError(t, json.Unmarshal(line[1], &record))
		all[file] = append(all[file], record)
	}
	return all
}
