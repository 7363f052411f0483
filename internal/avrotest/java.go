// Package avrotest lets tests ask Apache Avro for Java, which is the reference.
package avrotest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Real skips a test that needs more than Go unless LTSVPIPE_REAL=1. Where it is set, a
// thing that is missing is a failure.
func Real(t testing.TB) {
	t.Helper()
	if os.Getenv("LTSVPIPE_REAL") != "1" {
		t.Skip("asks Java's Avro: LTSVPIPE_REAL=1 turns it on")
	}
}

// Java runs the program source, a file that is one Java class with a main, with Avro,
// its codecs (deflate, snappy, zstandard) and Jackson in its class path. It gives it
// stdin and args and returns what it prints. The test is skipped unless LTSVPIPE_REAL=1;
// it fails with the program's own words if that fails. It needs a JDK, 17 or newer, in
// PATH, and Maven the first time.
func Java(t testing.TB, source string, stdin []byte, args ...string) []byte {
	t.Helper()
	Real(t)
	_, err := exec.LookPath("java")
	require.NoError(t, err, "no Java Avro: java (a JDK, 17 or newer) is not in PATH")
	jars, err := artifacts()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), "java", append([]string{
		"-Dfile.encoding=UTF-8", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-cp", filepath.Join(jars, "*"), source,
	}, args...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), &stdout, &stderr
	require.NoError(t, cmd.Run(), "%s: %s", source, &stderr)
	return stdout.Bytes()
}
