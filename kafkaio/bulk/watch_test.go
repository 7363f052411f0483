package bulk_test

import (
	"bytes"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/ltsvpipe/ltsvpipe/internal/searchtest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
)

// inFlight is how many requests are with a fake, and were at most.
type inFlight struct{ now, worst atomic.Int64 }

func (f *inFlight) most() int { return int(f.worst.Load()) }

// watchRequests checks that requests keep ix's limits.
func watchRequests(t testing.TB, f *searchtest.Fake, ix *bulk.Indexer) *inFlight {
	in := &inFlight{}
	limits, gzip := ix.Limits, ix.Target.Gzip
	f.Intercept = func(_ http.ResponseWriter, r *http.Request, body []byte) bool {
		n := in.now.Add(1)
		defer in.now.Add(-1)
		for worst := in.worst.Load(); n > worst && !in.worst.CompareAndSwap(worst, n); worst = in.worst.Load() {
		}
		if limits.Bytes > 0 {
			assert.LessOrEqual(t, len(body), limits.Bytes)
		}
		if limits.Items > 0 {
			assert.LessOrEqual(t, bytes.Count(body, []byte("\n")), 2*limits.Items)
		}
		assert.Equal(t, gzip, r.Header.Get("Content-Encoding") == "gzip")
		return false
	}
	return in
}
