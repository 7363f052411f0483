package transform

import (
	"net/netip"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
)

// TestStagesAreShared: eight workers of one chain of the stages that have state or
// scratch, on all lines; for the race detector, and for the counts.
func TestStagesAreShared(t *testing.T) {
	chain := mustChain(t,
		SampleRandom(0.9, 1),
		SamplePerGroup("status", 2, 100),
		RateLimit{Key: "vhost", PerSecond: 1e6, MaxKeys: 8},
		Filter(Not(And(Match("uri", "^/health$"), CIDR("host", netip.MustParsePrefix("10.0.0.0/8"))))),
		FirstForwarded("forwardedfor", "client"),
		TruncateIP(24, 48, "host", "client"),
		HashKeyed([]byte("key"), "host", "reqid"),
		Bot("ua", "bot"),
		RefererHost("referer", "referer_host"),
		OnError(OnErrorDropField, MaxSize(600)),
		SampleByKey("host", 2),
	)
	lines := logtest.Lines(logtest.Nginx)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			w := chain.NewWorker(LTSV{})
			for _, line := range lines[:1000] {
				if _, err := w.Process(line); err != nil && err != ErrSkip {
					t.Error(err)
				}
			}
			s := w.Stats()
			assert.EqualValues(t, 1000, s.In)
			assert.Equal(t, s.In, s.Out+s.Skipped+s.Rejected)
			assert.NotZero(t, s.Out)
			var skipped int64
			for _, stage := range s.Stages {
				skipped += stage.Skipped
			}
			assert.Equal(t, s.Skipped, skipped)
		})
	}
	wg.Wait()
}
