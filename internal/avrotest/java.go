// Package avrotest lets tests ask Apache Avro for Java, which is the reference.
package avrotest

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/realtest"
)

// Java runs the program source, a file that is one Java class with a main, with Avro,
// its codecs (deflate, snappy, zstandard) and Jackson in its class path. It gives it
// stdin and args and returns what it prints. The test is skipped unless LTSVPIPE_REAL=1;
// it fails with the program's own words if that fails. It needs a JDK, 17 or newer, in
// PATH, and Maven the first time.
func Java(t testing.TB, source string, stdin []byte, args ...string) []byte {
	t.Helper()
	realtest.Need(t, "Java's Avro")
	jars, err := realtest.Maven(
		"org.apache.avro:avro:1.12.2", "org.xerial.snappy:snappy-java:1.1.10.8",
		"com.github.luben:zstd-jni:1.5.7-6", "org.slf4j:slf4j-nop:2.0.17",
	)
	require.NoError(t, err)
	return realtest.Output(t, exec.CommandContext(t.Context(), "java", append([]string{
		"-Dfile.encoding=UTF-8", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-cp", filepath.Join(jars, "*"), source,
	}, args...)...), stdin)
}
