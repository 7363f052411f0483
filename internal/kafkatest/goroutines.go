package kafkatest

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// NoGoroutines fails the test if, after a moment, a goroutine still runs that
// was started by or is in a function whose name begins with prefix, for
// instance "github.com/ltsvpipe/ltsvpipe/kafkaio.(".
func NoGoroutines(t testing.TB, prefix string) {
	t.Helper()
	var left []string
	for range 50 {
		if left = goroutines(prefix); len(left) == 0 {
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
