package main

import (
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/ltsvpipe/ltsvpipe"

// TestOutside builds and runs a module that is not this one: what a team does that has a
// checkout, without a network, with every package that is there for others.
func TestOutside(t *testing.T) {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	dir := t.TempDir()
	source, err := os.ReadFile("testdata/outside/main.go")
	require.NoError(t, err)
	sums, err := os.ReadFile("../../go.sum")
	require.NoError(t, err)
	// Our own requirements are its too, as go mod tidy would write them: without a
	// network Go could not look for others.
	ours, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	mod := strings.Replace(string(ours), "module "+module+"\n", "module example.com/outside\n", 1) +
		"\nrequire " + module + " v0.0.0\n\nreplace " + module + " => " + root + "\n"
	for name, text := range map[string][]byte{"main.go": source, "go.sum": sums, "go.mod": []byte(mod)} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	run := func(dir string, env []string, args ...string) string {
		t.Helper()
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), env...)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		require.NoError(t, err, stderr.String())
		return string(out)
	}
	var public []string
	for path := range strings.FieldsSeq(run(root, nil, "list", "./...")) {
		if !strings.Contains(path, "/internal/") && !strings.Contains(path, "/examples/") {
			public = append(public, path)
		}
	}
	run(root, nil, append([]string{"list", "-deps"}, public...)...) // what they need is in the cache then

	assert.Equal(t, strings.Join([]string{
		"ltsv: 3 fields; cookie: 42",
		"signed: true",
		`jsonrec: {"host":"203.0.113.7","status":200}`,
		"avroschema: 9003",
		"kafkaio refuses a client without a group: true",
		"archive: true bulk: access",
		"",
	}, "\n"), run(dir, []string{"GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off"}, "run", "."))

	// All that others may import is in it.
	var imported []string
	file, err := parser.ParseFile(token.NewFileSet(), "main.go", source, parser.ImportsOnly)
	require.NoError(t, err)
	for _, spec := range file.Imports {
		if path := strings.Trim(spec.Path.Value, `"`); strings.HasPrefix(path, module+"/") {
			imported = append(imported, path)
		}
	}
	assert.ElementsMatch(t, public, imported)
}
