package crewtest

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"testing"
)

// Resident returns how much memory a process has, in MiB. The test fails if it lives no
// more.
func Resident(t testing.TB, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		t.Fatal("crewtest: ", err)
	}
	pages, err := strconv.Atoi(string(bytes.Fields(text)[1]))
	if err != nil {
		t.Fatal("crewtest: ", err)
	}
	return pages * os.Getpagesize() >> 20
}
