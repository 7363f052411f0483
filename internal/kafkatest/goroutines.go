package kafkatest

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// NoGoroutines fails the test if, after a moment, a goroutine still runs that
// was started by or is in a function whose name begins with prefix, for
// instance "github.com/ltsvpipe/ltsvpipe/kafkaio.(". Tests that run alongside others
// which may have such goroutines say with alone whether none of these runs.
func NoGoroutines(t testing.TB, prefix string, alone ...func() bool) {
	t.Helper()
	var left []string
	for range 50 {
		left = goroutines(prefix)
		for _, a := range alone { // afterwards: what was found may be of one that began meanwhile
			if !a() {
				return
			}
		}
		if len(left) == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("kafkatest: %d goroutines of %s are left, the first:\n%s", len(left), prefix, left[0])
}

func goroutines(prefix string) (found []string) {
	buf := make([]byte, 1<<20)
	buf = buf[:runtime.Stack(buf, true)]
	for _, g := range strings.Split(string(buf), "\n\n") {
		if strings.Contains(g, "\n"+prefix) || strings.Contains(g, "created by "+prefix) {
			found = append(found, g)
		}
	}
	return found
}
