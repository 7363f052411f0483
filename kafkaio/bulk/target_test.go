package bulk_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/internal/searchtest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
)

// TestTarget: headers, credentials and TLS are those of the caller.
func TestTarget(t *testing.T) {
	t.Parallel()
	f := searchtest.StartFake(t)
	var got atomic.Pointer[http.Header]
	f.Intercept = func(_ http.ResponseWriter, r *http.Request, _ []byte) bool {
		h := r.Header.Clone()
		got.Store(&h)
		return false
	}
	secure := httptest.NewTLSServer(f)
	defer secure.Close()

	c := cluster(t)
	c.Produce(records(3)...)
	ix := indexer(secure.URL)
	ix.Target.Client = secure.Client()
	ix.Target.Auth = bulk.Basic("elastic", "secret")
	ix.Target.Header = http.Header{"X-Tenant": {"blue"}, "Content-Type": {"text/plain"}}
	land(t, c, ix)
	requireLanded(t, f, 3)
	assert.Equal(t, "Basic ZWxhc3RpYzpzZWNyZXQ=", got.Load().Get("Authorization"))
	assert.Equal(t, "blue", got.Load().Get("X-Tenant"))
	assert.Len(t, ix.Target.Header, 2, "the caller's header is left alone")

	c.Produce(records(1)...)
	ix = indexer(secure.URL)
	renewed := atomic.Int64{}
	ix.Target.Client = &http.Client{Transport: tripper(func(r *http.Request) (*http.Response, error) {
		r.Header.Set("Authorization", "Bearer "+strings.Repeat("x", int(renewed.Add(1))))
		return secure.Client().Transport.RoundTrip(r)
	})}
	land(t, c, ix)
	assert.Equal(t, "Bearer "+strings.Repeat("x", int(renewed.Load())), got.Load().Get("Authorization"))

	// A certificate that nobody knows: told, and tried again.
	c.Produce(records(1)...)
	ix = indexer(secure.URL)
	w := &watcher{t: t}
	ix.Observer = w
	ix.DrainTimeout = time.Millisecond
	j := start(t, ix, member(c))
	kafkatest.Until(t, "it is told", func() bool { return len(w.errors()) > 1 })
	var failed *bulk.RequestError
	require.ErrorAs(t, w.errors()[0], &failed)
	assert.Contains(t, failed.Error(), "certificate")
	assert.NotContains(t, failed.Error(), "filter_path")
	require.ErrorIs(t, j.Stop(), kafkaio.ErrDrainTimeout)
}

type tripper func(*http.Request) (*http.Response, error)

func (f tripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
