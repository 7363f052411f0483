package bulk_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/searchtest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
)

// TestPassing: each way to fail, ten times and over, costs time only.
func TestPassing(t *testing.T) {
	for name, p := range passing {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cluster(t)
			f := searchtest.StartFake(t)
			var faults atomic.Int64
			f.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
				if faults.Add(1) > 10 {
					return false
				}
				p.fault(w, r, body, f)
				return true
			}
			c.Produce(records(30)...)
			ix := indexer(f.URL)
			ix.Limits = bulk.Limits{Items: 25, InFlight: 2, Timeout: time.Minute}
			slow := strings.HasPrefix(name, "slow")
			if slow {
				ix.Limits.Timeout = 300 * time.Millisecond
			}
			w := land(t, c, ix)
			requireLanded(t, f, 30)
			sum := w.total()
			assert.Equal(t, 90, f.Writes(), "nothing twice")
			assert.Equal(t, 90, sum.Indexed+sum.Duplicates)
			assert.GreaterOrEqual(t, len(w.errors()), 10)
			if !slow { // where others may be slow too
				assert.Len(t, w.errors(), 10)
			}
			retried := 0
			for _, err := range w.errors() {
				var failed *bulk.RequestError
				require.ErrorAs(t, err, &failed)
				assert.True(t, p.check(failed), "%#v: %v", failed, err)
				assert.Equal(t, f.URL, failed.Node)
				assert.NotContains(t, err.Error(), "secret")
				retried += failed.Items
			}
			assert.Equal(t, retried, sum.Retried)
			assert.Empty(t, c.Read("dead"))
		})
	}
}

// TestItems: of a request, only what failed is sent again.
func TestItems(t *testing.T) {
	for _, st := range []struct {
		code int
		kind string
	}{
		{429, "rejected_execution_exception"}, {503, "unavailable_shards_exception"}, {500, ""},
		{403, "cluster_block_exception"}, {400, "validation_exception"}, {409, "version_conflict_engine_exception"},
	} {
		t.Run(fmt.Sprint(st.code), func(t *testing.T) {
			t.Parallel()
			c := cluster(t)
			f := searchtest.StartFake(t)
			var mu sync.Mutex
			tries := map[string]int{}
			f.Item = func(d searchtest.Document) (int, string) { // one in ten, twice
				mu.Lock()
				defer mu.Unlock()
				tries[d.ID]++
				if strings.HasSuffix(d.ID, "7") && tries[d.ID] < 3 {
					return st.code, st.kind
				}
				return 0, ""
			}
			c.Produce(records(100)...)
			ix := indexer(f.URL)
			if st.code == 409 { // another writer's, while with Create the document is there
				ix.Op = bulk.Index
			}
			w := land(t, c, ix)
			requireLanded(t, f, 100)
			assert.Equal(t, 60, w.total().Retried)
			assert.Equal(t, 300, w.total().Indexed)
			for id, n := range tries {
				want := 1
				if strings.HasSuffix(id, "7") {
					want = 3
				}
				assert.Equal(t, want, n, id)
			}
			var item *bulk.ItemError
			require.ErrorAs(t, w.errors()[0], &item)
			assert.Equal(t, bulk.ItemError{Status: st.code, Type: st.kind}, *item)
		})
	}
}

// TestRefusedItems become dead letters, with status and type and no more.
func TestRefusedItems(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	f := searchtest.StartFake(t)
	f.Item = func(d searchtest.Document) (int, string) {
		switch {
		case strings.HasSuffix(d.ID, "+3"):
			return 400, "mapper_parsing_exception"
		case strings.HasSuffix(d.ID, "+4"):
			return 400, "value: secret"
		case strings.HasSuffix(d.ID, "+5"):
			return 413, ""
		}
		return 0, ""
	}
	c.Produce(records(10)...)
	w := land(t, c, indexer(f.URL))
	assert.Equal(t, 9, w.total().DeadLettered)
	assert.Len(t, f.Documents("*"), 21)
	messages := map[string]int{}
	for _, rec := range c.Read("dead") {
		h := headers(rec)
		messages[h[kafkaio.HeaderMessage]]++
		assert.Equal(t, "*bulk.ItemError", h[kafkaio.HeaderException])
	}
	assert.Equal(t, map[string]int{
		"bulk: document refused: status 400, mapper_parsing_exception": 3,
		"bulk: document refused: status 400":                           3,
		"bulk: document refused: status 413":                           3,
	}, messages)
}

// TestTooLargeForTheServer: requests are split, and then made smaller.
func TestTooLargeForTheServer(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	f := searchtest.StartFake(t)
	var refused atomic.Int64
	f.Intercept = func(w http.ResponseWriter, _ *http.Request, body []byte) bool {
		if len(body) <= 4<<10 {
			return false
		}
		refused.Add(1)
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return true
	}
	rs := records(100)
	long := *rs[31]
	long.Value = []byte(`{"s":"` + strings.Repeat("x", 5<<10) + `"}`)
	rs[31] = &long
	c.Produce(rs...)
	ix := indexer(f.URL)
	ix.Limits.InFlight = 1
	ix.MaxRecords = 100
	w := land(t, c, ix)
	requireLanded(t, f, 100, "in+1+10")
	assert.Equal(t, 1, w.total().DeadLettered)
	assert.Less(t, refused.Load(), int64(20), "requests become smaller")
	assert.Zero(t, w.total().Retried, "the halves are no repetition")
	assert.Equal(t, "bulk: document refused: status 413", headers(c.Read("dead")[0])[kafkaio.HeaderMessage])
}

// TestOneSpoilsAll: a document for which a node refuses its whole request is
// found and becomes a dead letter.
func TestOneSpoilsAll(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	f := searchtest.StartFake(t)
	f.Intercept = func(w http.ResponseWriter, _ *http.Request, body []byte) bool {
		if !bytes.Contains(body, []byte(`"in+1+17"`)) {
			return false
		}
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, refusal)
		return true
	}
	c.Produce(records(30)...)
	w := land(t, c, indexer(f.URL))
	requireLanded(t, f, 30, "in+1+17")
	assert.Equal(t, 1, w.total().DeadLettered)
	assert.Equal(t, 89, f.Writes())
}

// TestFatal: what another request would meet too ends Run, and nothing is lost.
func TestFatal(t *testing.T) {
	for name, p := range map[string]struct {
		fault fault
		want  error
		code  int
	}{
		"401":                   {status(401, refusal), bulk.ErrForbidden, 401},
		"403":                   {status(403, refusal), bulk.ErrForbidden, 403},
		"404":                   {status(404, ""), bulk.ErrIndexMissing, 404},
		"405":                   {status(405, refusal), nil, 405},
		"400 of something else": {status(400, "<html>secret</html>"), nil, 400},
		"400, no such URL":      {status(400, `{"error":"no handler found for uri [/secret/x/_bulk] and method [POST]"}`), nil, 400},
		"202":                   {status(202, `{"items":[]}`), nil, 202},
		"204":                   {status(204, ""), nil, 204},
		"301":                   {redirect(301), nil, 301},
		"307":                   {redirect(307), nil, 307},
		"307 to nowhere":        {raw("HTTP/1.1 307 Temporary Redirect\r\nLocation: http://[secret\r\nContent-Length: 0\r\n\r\n"), nil, 307},
		"308":                   {redirect(308), nil, 308},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cluster(t)
			f := searchtest.StartFake(t)
			var broken atomic.Bool
			broken.Store(true)
			f.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
				if !broken.Load() {
					return false
				}
				p.fault(w, r, body, f)
				return true
			}
			c.Produce(records(5)...)
			cl := member(c)
			ix := indexer(f.URL)
			ix.Target.Auth = bulk.Basic("user", "secret")
			err := start(t, ix, cl).Wait()
			var failed *bulk.RequestError
			require.ErrorAs(t, err, &failed)
			assert.Equal(t, p.code, failed.Status)
			if p.want != nil {
				require.ErrorIs(t, err, p.want)
			}
			assert.NotContains(t, err.Error(), "secret")
			assert.Empty(t, c.Committed("g", "in"))
			broken.Store(false)
			j := start(t, indexer(f.URL), cl) // the same client goes on where it was
			c.AwaitCommitted(t, "g", "in")
			require.NoError(t, j.Stop())
			requireLanded(t, f, 5)
		})
	}
}

func TestGiveUp(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	c.Produce(records(5)...)
	f := searchtest.StartFake(t)
	f.Item = func(searchtest.Document) (int, string) { return 429, "" }
	ix := indexer(f.URL)
	ix.Retry.GiveUp = 500 * time.Millisecond
	began := time.Now()
	err := start(t, ix, member(c)).Wait()
	require.ErrorIs(t, err, bulk.ErrGaveUp)
	var item *bulk.ItemError
	require.ErrorAs(t, err, &item)
	assert.Equal(t, 429, item.Status)
	assert.GreaterOrEqual(t, time.Since(began), ix.Retry.GiveUp)
	assert.Greater(t, f.Requests(), 1)
	assert.Empty(t, c.Committed("g", "in"))
}

// TestRetryAfter is waited for.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	f := searchtest.StartFake(t)
	var first atomic.Pointer[time.Time]
	var waited atomic.Int64
	f.Intercept = func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
		now := time.Now()
		if first.CompareAndSwap(nil, &now) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		}
		waited.CompareAndSwap(0, int64(now.Sub(*first.Load())))
		return false
	}
	c.Produce(records(1)...)
	land(t, c, indexer(f.URL))
	assert.GreaterOrEqual(t, time.Duration(waited.Load()), time.Second)
}

// TestNodes: with a node away and another broken, the third has all of it.
func TestNodes(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	away, broken, f := searchtest.StartFake(t), searchtest.StartFake(t), searchtest.StartFake(t)
	away.Close()
	broken.Intercept = func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}
	c.Produce(records(300)...)
	ix := indexer(away.URL, broken.URL, f.URL)
	ix.Limits.Items = 10
	w := land(t, c, ix)
	requireLanded(t, f, 300)
	assert.LessOrEqual(t, len(w.errors()), 2*4, "each is asked once by those in flight, and left alone")
}

// TestStorm: everything at once, over several batches.
func TestStorm(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	f := searchtest.StartFake(t)
	var all []fault
	for name, p := range passing {
		if !strings.HasPrefix(name, "slow") {
			all = append(all, p.fault)
		}
	}
	f.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
		if rand.IntN(3) > 0 {
			return false
		}
		all[rand.IntN(len(all))](w, r, body, f)
		return true
	}
	f.Item = func(d searchtest.Document) (int, string) {
		switch rand.IntN(10) {
		case 0:
			return 429, "rejected_execution_exception"
		case 1:
			return 503, ""
		}
		return 0, ""
	}
	f.Lose = func(int) bool { return rand.IntN(10) == 0 }
	const n = 2000
	c.Produce(records(n)...)
	ix := indexer(f.URL)
	ix.MaxRecords = 1000
	ix.Limits.Items = 100
	ix.Target.Gzip = true
	w := land(t, c, ix)
	requireLanded(t, f, n)
	assert.Equal(t, 3*n, f.Writes(), "nothing twice")
	assert.Equal(t, 3*n, w.total().Indexed+w.total().Duplicates)
	assert.Positive(t, w.total().Duplicates)
	assert.Empty(t, c.Read("dead"))
}
