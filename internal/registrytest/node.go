package registrytest

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/realtest"
)

// Node runs the program source with node, where it may require
// @kafkajs/confluent-schema-registry, gives it stdin and args, and returns what it
// prints. The test is skipped unless LTSVPIPE_REAL=1; it fails with the program's own
// words if that fails. It needs node 18 or newer in PATH, and npm the first time.
func Node(t testing.TB, source string, stdin []byte, args ...string) []byte {
	t.Helper()
	realtest.Need(t, "a client in JavaScript")
	modules, err := realtest.NPM("@kafkajs/confluent-schema-registry@3.9.0")
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "node", append([]string{source}, args...)...)
	cmd.Env = append(cmd.Environ(), "NODE_PATH="+modules)
	return realtest.Output(t, cmd, stdin)
}
