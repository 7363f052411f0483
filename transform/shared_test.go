package transform

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

// TestStagesAreShared: what a stage remembers of the last line is its worker's own.
func TestDerivedStagesAreShared(t *testing.T) {
	chain := mustChain(t, Missing(ltsv.EscapeNginx), Unescape(ltsv.EscapeNginx),
		Time{To: "@timestamp", From: []string{"msec", "time"}, Required: true}, Request{OnlyMissing: true},
		URL{Params: []Param{{"id", "id"}, {"q", "q"}}}, Path{Patterns: []string{"/up/*"}}, Cookies("cookie", someCookies()))
	lines := logtest.Lines(logtest.Nginx)
	want := make([][]string, len(lines))
	w := chain.NewWorker(LTSV{})
	for i, line := range lines {
		rec, err := w.Process(line)
		require.NoError(t, err)
		want[i] = dump(rec)
	}
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			w := chain.NewWorker(LTSV{})
			for i := g; i < len(lines); i += 5 {
				rec, err := w.Process(lines[i])
				if err != nil || !assert.Equal(t, want[i], dump(rec)) {
					t.Error(i, err)
					return
				}
			}
		})
	}
	wg.Wait()
}
