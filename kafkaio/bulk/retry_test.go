package bulk

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestJitter: full, of an exponential wait, up to the most.
func TestJitter(t *testing.T) {
	for tries, limit := range []time.Duration{100, 200, 400, 800, 1000, 1000} {
		var least, most time.Duration = 1 << 30, 0
		for range 2000 {
			d := jitter(100, 1000, tries)
			least, most = min(least, d), max(most, d)
		}
		assert.LessOrEqual(t, most, limit)
		assert.Greater(t, most, limit*9/10)
		assert.Less(t, least, limit/10)
	}
	for _, tries := range []int{30, 31, 1000} {
		assert.LessOrEqual(t, jitter(time.Hour, 24*time.Hour, tries), 24*time.Hour)
	}
}

func TestRetryAfterHeader(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 0, "0": 0, "7": 7 * time.Second, "-1": 0, "x": 0, "1e9": 0,
		"600":                           maxRetryAfter,
		"99999999999999":                0,
		"Tue, 24 Nov 2015 10:30:00 GMT": 0,
		"Fri, 24 Nov 2995 10:30:00 GMT": maxRetryAfter,
	} {
		assert.Equal(t, want, retryAfter(http.Header{"Retry-After": {text}}), text)
	}
	soon := time.Now().Add(10 * time.Second).UTC().Format(http.TimeFormat)
	assert.InDelta(t, 10, retryAfter(http.Header{"Retry-After": {soon}}).Seconds(), 1.5)
}

func TestPatience(t *testing.T) {
	p := Retry{Min: time.Hour, Max: time.Hour}.fresh()
	assert.False(t, p.over(), "never")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p.wait(ctx, time.Hour) // returns
	p = Retry{Min: time.Hour, Max: time.Hour, GiveUp: time.Millisecond}.fresh()
	p.wait(t.Context(), time.Hour) // no longer than it goes on
	assert.True(t, p.over())
	p = Retry{GiveUp: time.Nanosecond}.fresh()
	time.Sleep(time.Microsecond)
	assert.True(t, p.over())
}

func TestNodesTakeTurns(t *testing.T) {
	n := newNodes(&Target{Nodes: []string{"http://a", "http://b", "http://c"}})
	picks := func(k int) (s string) {
		for range k {
			s += n.pick().name[7:]
		}
		return s
	}
	assert.Equal(t, "abcabc", picks(6))
	a, b, c := n.all[0], n.all[1], n.all[2]
	n.failed(b, 0, 0)
	n.failed(b, 0, 0) // in flight at the same time
	assert.Equal(t, 1, b.failures)
	assert.Equal(t, "acac", picks(4))
	n.failed(a, 0, 0)
	a.until = time.Now().Add(time.Hour)
	n.failed(c, 0, 0)
	c.until = time.Now().Add(2 * time.Hour)
	b.until = time.Now().Add(3 * time.Hour)
	assert.Equal(t, "aaa", picks(3), "the first to come back")
	n.answered(b)
	assert.Equal(t, "bbb", picks(3))
	assert.Zero(t, b.failures)
	a.until, b.until, c.until = time.Time{}, time.Time{}, time.Time{}
	assert.Zero(t, n.failed(a, 0, time.Minute), "the others may be asked")
	assert.Greater(t, time.Until(a.until), 55*time.Second, "as long as Retry-After says")
	assert.Zero(t, n.failed(b, 10*time.Second, 0))
	assert.Greater(t, time.Until(b.until), 45*time.Second, "longer after one that hung")
	assert.InDelta(t, 50, n.failed(c, time.Hour, 0).Seconds(), 5, "until b may be asked")
	assert.InDelta(t, 300, time.Until(c.until).Seconds(), 1)
	n.failed(b, 0, 2*time.Minute) // in flight at the same time
	assert.Greater(t, time.Until(b.until), 115*time.Second)
	for i := range 20 {
		a.until = time.Time{}
		n.failed(a, 0, 0)
		away := time.Until(a.until)
		assert.LessOrEqual(t, away, maxAway)
		if i > 10 {
			assert.Greater(t, away, maxAway/3)
		}
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	for want, a := range map[string]Auth{
		"none": {}, "Basic ***": Basic("user", "secret"), "ApiKey ***": APIKey("secret"), "Bearer ***": Bearer("secret"),
	} {
		ix := Indexer{Target: Target{Nodes: []string{"http://es"}, Auth: a}}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			assert.Equal(t, want, fmt.Sprintf(verb, a))
			text := fmt.Sprintf(verb, ix) + fmt.Sprintf(verb, &ix)
			assert.NotContains(t, text, "secret")
			assert.NotContains(t, text, "dXNlcjpzZWNyZXQ") // user:secret
		}
		assert.Equal(t, want, a.String())
	}
	h := (&Target{Auth: Basic("user", "secret"), Header: http.Header{"X-Tenant": {"7"}}, Gzip: true}).header()
	assert.Equal(t, "Basic dXNlcjpzZWNyZXQ=", h.Get("Authorization"))
	assert.Equal(t, "7", h.Get("X-Tenant"))
	assert.Equal(t, "gzip", h.Get("Content-Encoding"))
	assert.Equal(t, "ApiKey k", (&Target{Auth: APIKey("k")}).header().Get("Authorization"))
	require.Equal(t, "Bearer t", (&Target{Auth: Bearer("t")}).header().Get("Authorization"))
}
