package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/internal/searchtest"
)

// A node is a fake of OpenSearch that takes the template, too.
type node struct {
	*searchtest.Fake
	away     atomic.Bool
	template atomic.Pointer[string]
	auth     atomic.Pointer[string]
}

func startNode(t *testing.T) *node {
	n := &node{Fake: searchtest.StartFake(t)}
	n.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
		auth, text := r.Header.Get("Authorization"), string(body)
		n.auth.Store(&auth)
		switch {
		case n.away.Load():
			w.WriteHeader(http.StatusServiceUnavailable)
		case r.Method == "GET" && r.URL.Path == "/":
			_, _ = io.WriteString(w, `{"version":{"distribution":"opensearch"}}`)
		case r.Method == "PUT" && r.URL.Path == "/_index_template/access":
			n.template.Store(&text)
			_, _ = io.WriteString(w, `{"acknowledged":true}`)
		case n.template.Load() == nil:
			t.Error("a document comes before the template")
			return false
		default:
			return false
		}
		return true
	}
	return n
}

// TestElastic lands the JSON in a fake that refuses some of it.
func TestElastic(t *testing.T) {
	t.Setenv("ELASTIC_USER", "shipper")
	t.Setenv("ELASTIC_PASSWORD", "geheim")
	cluster := kafkatest.Start(t, kfake.NumBrokers(3))
	one, two := startNode(t), startNode(t)
	two.Share(one.Fake)
	two.template.Store(new(string))
	refuse := func(d searchtest.Document) (int, string) {
		if bytes.Contains(d.Source, []byte(`"status":500`)) {
			return http.StatusBadRequest, "mapper_parsing_exception"
		}
		return 0, ""
	}
	one.Item, two.Item = refuse, refuse
	out, errs, sum, status := start(t, t.Context(), "", "-n", "6000", "-brokers", strings.Join(cluster.ListenAddrs(), ","), "-run", "agent,json,elastic",
		"-elastic", one.URL, "-elastic", two.URL+"/")
	require.Zero(t, status, errs)
	refused := 0
	for _, rec := range cluster.Read("access.json") {
		var m struct{ Status int }
		require.NoError(t, json.Unmarshal(rec.Value, &m))
		if m.Status == 500 {
			refused++
		}
	}
	require.Positive(t, refused)
	assert.Equal(t, counts{Read: 6000, Written: 6000 - int64(refused), Rejected: int64(refused), DeadLettered: int64(refused)}, sum.Jobs["elastic"])
	assert.Equal(t, map[string]int{"access-2026.11.22": 6000 - refused}, one.Indices())
	dead := cluster.Read("access.dlq")
	assert.Len(t, dead, refused)
	assert.True(t, json.Valid([]byte(*one.template.Load())))
	assert.Contains(t, *one.template.Load(), "flat_object", "it has asked who it speaks to")
	assert.True(t, strings.HasPrefix(*two.auth.Load(), "Basic "))
	assert.NotContains(t, strings.Join(out, "\n")+errs, "geheim")
}

// TestElasticReal lands the JSON in a real node, whose template has to be there first
// and of its kind: all fields have their types.
func TestElasticReal(t *testing.T) {
	searchtest.Each(t, func(t *testing.T, o *searchtest.Node) {
		cluster := kafkatest.Start(t)
		_, errs, sum, status := start(t, t.Context(), "", "-n", "3000", "-brokers", strings.Join(cluster.ListenAddrs(), ","), "-run", "agent,json,elastic", "-elastic", o.URL)
		require.Zero(t, status, errs)
		assert.Equal(t, counts{Read: 3000, Written: 3000}, sum.Jobs["elastic"])
		assert.Equal(t, 3000, o.Count("access-2026.11.22"))
		_, mapping := o.Do("GET", "/access-2026.11.22/_mapping/field/labels,host,status,@timestamp", "")
		for _, kind := range []string{o.Flattened, "ip", "long", "date"} {
			assert.Contains(t, string(mapping), `"type":"`+kind+`"`)
		}
	})
}

// TestElasticIsAway: what lands there waits, and says so, while the others go on.
func TestElasticIsAway(t *testing.T) {
	cluster := kafkatest.Start(t)
	n := startNode(t)
	n.away.Store(true)
	p := startProgram(t, "-brokers", strings.Join(cluster.ListenAddrs(), ","), "-run", "agent,json,elastic,dash", "-elastic", n.URL, "-http", "127.0.0.1:0", "-n", "500", "-ill-after", "300ms")
	require.Eventually(t, func() bool {
		status, body := p.get("/healthz")
		return status == http.StatusServiceUnavailable && strings.Contains(body, `"elastic":"bulk: request to `+n.URL+`: status 503"`)
	}, 20*time.Second, 20*time.Millisecond)
	require.Eventually(t, func() bool { return p.metrics("accesslog_read_records_total")["json"] == 500 }, 20*time.Second, 20*time.Millisecond)
	assert.Empty(t, n.Documents("*"))
	n.away.Store(false)
	select {
	case status := <-p.status:
		assert.Zero(t, status, p.errs.String())
	case <-time.After(30 * time.Second):
		require.Fail(t, "does not go on")
	}
	assert.Len(t, n.Documents("access-*"), 500)
}

// TestElasticRefuses: what would be refused the next time, too, ends the run.
func TestElasticRefuses(t *testing.T) {
	n := startNode(t)
	n.Intercept = func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	_, errs, _, status := start(t, t.Context(), "", "-quiet", "-n", "10", "-elastic", n.URL)
	assert.Equal(t, 1, status)
	assert.Contains(t, errs, "elastic: template: bulk: request to "+n.URL+": status 401")

	for url, want := range map[string]string{
		"http://me:geheim@es:9200": "no user in the URL",
		"es:9200":                  "not http://HOST:PORT",
		"http://es:9200,":          "not http://HOST:PORT",
	} {
		_, errs, _, status := start(t, t.Context(), "", "-elastic", url)
		assert.Equal(t, 2, status)
		assert.Contains(t, errs, want)
		assert.NotContains(t, errs, "geheim")
	}
	_, errs, _, status = start(t, t.Context(), "", "-run", "elastic")
	assert.Equal(t, 2, status)
	assert.Contains(t, errs, "-run elastic needs -elastic")
}
