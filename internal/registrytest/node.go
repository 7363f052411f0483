package registrytest

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Node runs the program source with node, where it may require
// @kafkajs/confluent-schema-registry, gives it stdin and args, and returns what it
// prints. The test fails with the program's own words if that fails. It needs node 18 or
// newer in PATH, and npm the first time.
func Node(t testing.TB, source string, stdin []byte, args ...string) []byte {
	t.Helper()
	_, err := exec.LookPath("node")
	require.NoError(t, err, "no client in JavaScript: node (18 or newer) is not in PATH")
	dir, err := modules()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "node", append([]string{source}, args...)...)
	cmd.Env = append(cmd.Environ(), "NODE_PATH="+filepath.Join(dir, "node_modules"))
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), &stdout, &stderr
	require.NoError(t, cmd.Run(), "%s: %s", source, &stderr)
	return stdout.Bytes()
}
