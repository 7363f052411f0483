// Package realtest is what tests share that need more than Go: programs and libraries
// of Maven, npm and PyPI, fetched once into a cache of the user, and processes that end
// with the test. Such tests are skipped unless LTSVPIPE_REAL=1; where it is set, a thing
// that is missing is a failure that says what.
package realtest

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
)

// On reports whether LTSVPIPE_REAL is 1.
func On() bool { return os.Getenv("LTSVPIPE_REAL") == "1" }

// Need skips the test unless LTSVPIPE_REAL=1. The message names what it would ask.
func Need(t testing.TB, what string) {
	t.Helper()
	if !On() {
		t.Skip("set LTSVPIPE_REAL=1 for " + what)
	}
}

// Output runs cmd, which ends with this process, with stdin, and returns what it prints.
// The test fails with the program's own words if that fails.
func Output(t testing.TB, cmd *exec.Cmd, stdin []byte) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(stdin), &stdout, &stderr
	DieWithParent(cmd)
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd.Args, err, Tail(stderr.Bytes()))
	}
	return stdout.Bytes()
}

// Tail returns the last lines of a program's output.
func Tail(out []byte) []byte {
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	return bytes.Join(lines[max(len(lines)-15, 0):], []byte("\n"))
}
