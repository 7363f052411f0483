//go:build linux

package load

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A stat is what Linux tells of a process.
type stat struct {
	parent int
	cpu    time.Duration
}

// readStat reads the file stat of a process.
func readStat(pid int) (s stat, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return s, err
	}
	// The name, in parentheses, may hold anything.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	const parent, user, system = 1, 11, 12 // after the name
	var ticks time.Duration
	for _, at := range []int{user, system} {
		n, err := strconv.Atoi(fields[at])
		if err != nil {
			return s, err
		}
		ticks += time.Duration(n)
	}
	const tick = 10 * time.Millisecond // USER_HZ, which is 100 to all programs
	s.cpu = ticks * tick
	s.parent, err = strconv.Atoi(fields[parent])
	return s, err
}

// brokersCPU is the processor time of all processes that the test has started but
// for the pipeline: the brokers, if they are real.
func brokersCPU(t *testing.T, pipe *pipeline) (used time.Duration) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*")
	require.NoError(t, err)
	for _, dir := range all {
		pid, err := strconv.Atoi(filepath.Base(dir))
		require.NoError(t, err)
		if s, err := readStat(pid); err == nil && s.parent == os.Getpid() && pid != pipe.cmd.Process.Pid {
			used += s.cpu
		}
	}
	return used
}

// ownCPU is the processor time of the test itself.
func ownCPU(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// processor is what the machine says that it is.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo") // or nothing
	_, rest, _ := strings.Cut(string(text), "model name")
	name, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(strings.TrimLeft(name, "\t :"))
}
