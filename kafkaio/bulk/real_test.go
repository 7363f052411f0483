package bulk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/internal/searchtest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
)

// jobLine is a record of job 1 with all its members.
const jobLine = `{"host":"192.0.2.0","client":"2001:db8:1::","method":"GET","path":"/a b","protocol":"HTTP/1.1","query":"q=1","status":200,"size":512,"reqsize":91,` +
	`"reqtime":0.000,"runtime":0.012,"apptime":1.5,"taken":1234,"ua":"Mozilla/5.0 (\"x\")","referer":"https://example.org/?a","vhost":"example.com","server":"web-1","scheme":"https","cache":"HIT","reqid":"abc",` +
	`"labels":{"upstream":"10.0.0.1:80","deep":{"er":"x"}},"unlisted":"kept","@timestamp":"2026-11-%02dT10:30:00.%03dZ","referer_host":"example.org","bot":false,` +
	`"cookie.uid":7,"cookie.own.seg":"a","cookie.own.rank":"3","cookie.own.src":"mail","cookie.sess.uid":"u-1","cookie.sess.lang":"de","cookie.sess.t":1764000000,"cookie.sid":"s","cookie.theme":"dark"}`

// nullLine is one in which nothing had a value.
const nullLine = `{"host":null,"client":null,"method":null,"path":null,"protocol":null,"query":null,"status":0,"size":null,"reqtime":null,"referer_host":null,"@timestamp":"2026-11-%02dT10:30:00.%03dZ","bot":true}`

// poisonLine is one that the mapping refuses.
const poisonLine = `{"host":"personal data","@timestamp":"2026-11-%02dT10:30:00.%03dZ"}`

func jobRecords(n int) (rs []*kgo.Record, poison int) {
	for i := range n {
		format := jobLine
		switch i % 10 {
		case 3:
			format = nullLine
		case 7:
			format = poisonLine
			poison++
		}
		rs = append(rs, &kgo.Record{Topic: "in", Partition: int32(i % 3), Value: fmt.Appendf(nil, format, 24+i%2, i%1000)})
	}
	return rs, poison
}

// TestReal lands the records of job 1 in real nodes: the template is taken and
// means what it says, all of the input is there once, and what is read again
// changes nothing.
func TestReal(t *testing.T) {
	searchtest.Each(t, func(t *testing.T, o *searchtest.Node) { testReal(t, o, false) })
}

// TestRealDataStream does so in a data stream, which the Elasticsearch of Maven has
// no part for.
func TestRealDataStream(t *testing.T) { testReal(t, searchtest.OpenSearch(t), true) }

func testReal(t *testing.T, o *searchtest.Node, dataStream bool) {
	text, err := bulk.Template{
		Patterns: []string{"access*"}, OpenSearch: o.Name == "OpenSearch", DataStream: dataStream,
		Settings: map[string]any{"number_of_shards": 2, "number_of_replicas": 0},
	}.JSON()
	require.NoError(t, err)
	o.Must(nil, "PUT", "/_index_template/access", string(text))
	c := cluster(t)
	const n = 3000
	rs, poison := jobRecords(n)
	c.Produce(rs...)
	ix := indexer(o.URL)
	ix.Target.Gzip = true
	ix.Limits.Items = 200
	ix.Index = bulk.ByTimestamp("access-", "@timestamp")
	if dataStream {
		ix.Index = bulk.Fixed("access")
	}
	land(t, c, ix)
	require.Equal(t, n-poison, o.Count("access*"))
	dead := c.Read("dead")
	require.Len(t, dead, poison)
	for _, rec := range dead {
		h := headers(rec)
		assert.Regexp(t, "status 400, (mapper|document)_parsing_exception", h[kafkaio.HeaderMessage])
		assert.NotContains(t, strings.Join(mapValues(h), " "), "personal")
	}
	if !dataStream {
		requireIndices(t, o, n)
	}
	requireMapping(t, o, bulk.AccessLog(), false)

	require.NoError(t, kafkaio.ReplayAt(context.Background(), c.Client(), "g", map[string]map[int32]int64{"in": {0: 0, 1: 0, 2: 0}}))
	ix.Observer = nil
	w := land(t, c, ix)
	assert.Equal(t, n-poison, w.total().Duplicates)
	assert.Equal(t, n-poison, o.Count("access*"), "a replay changes nothing")
	requireFirstVersions(t, o, n-poison)
}

// requireFirstVersions checks that there are n documents, none written again.
func requireFirstVersions(t *testing.T, o *searchtest.Node, n int) {
	t.Helper()
	docs := o.Documents("access*")
	require.Len(t, docs, n)
	for id, d := range docs {
		require.Equal(t, 1, d.Version, id)
	}
}

// requireIndices checks that each document is in the index of its day, as sent.
func requireIndices(t *testing.T, o *searchtest.Node, n int) {
	t.Helper()
	for day := 24; day <= 25; day++ {
		count := o.Count(fmt.Sprintf("access-2026.11.%d", day))
		assert.InDelta(t, n*9/20, count, float64(n)/10)
	}
	var doc struct {
		Source  json.RawMessage `json:"_source"`
		Version int             `json:"_version"`
	}
	o.Must(&doc, "GET", "/access-2026.11.24/_doc/in+0+0", "") // the first record
	assert.Equal(t, 1, doc.Version)
	assert.JSONEq(t, fmt.Sprintf(jobLine, 24, 0), string(doc.Source))
}

// requireMapping checks each field's type, that nothing else is mapped, and
// that what was not listed can be found.
func requireMapping(t *testing.T, o *searchtest.Node, fields []bulk.Field, ecs bool) {
	t.Helper()
	var mappings map[string]struct {
		Mappings struct {
			Dynamic    string
			Properties map[string]any
		}
	}
	o.Must(&mappings, "GET", "/access*/_mapping", "")
	require.NotEmpty(t, mappings)
	for index, m := range mappings {
		types := map[string]string{}
		flatten(types, "", m.Mappings.Properties)
		want := map[string]string{"labels": o.Flattened}
		for _, f := range fields {
			name := f.Name
			if ecs && f.ECS != "" {
				name = f.ECS
			}
			want[name] = f.Type
		}
		assert.Equal(t, want, types, index)
		assert.Equal(t, "false", m.Mappings.Dynamic)
	}
	if ecs {
		return
	}
	for query, hits := range map[string]bool{
		`{"term":{"labels.upstream":"10.0.0.1:80"}}`: true,
		`{"term":{"labels.deep.er":"x"}}`:            true,
		`{"term":{"host":"192.0.2.0/24"}}`:           true,
		`{"range":{"reqtime":{"gte":0,"lt":0.001}}}`: true,
		`{"term":{"cookie.own.seg":"a"}}`:            true,
		`{"term":{"cookie.sess.t":"1764000000"}}`:    true,
		`{"term":{"unlisted":"kept"}}`:               false,
	} {
		var answer struct {
			Hits struct{ Total struct{ Value int } }
		}
		o.Must(&answer, "POST", "/access*/_search?size=0", `{"query":`+query+`}`)
		assert.Equal(t, hits, answer.Hits.Total.Value > 0, query)
	}
}

func flatten(types map[string]string, prefix string, properties map[string]any) {
	for name, p := range properties {
		m := p.(map[string]any)
		if inner, ok := m["properties"].(map[string]any); ok {
			flatten(types, prefix+name+".", inner)
			continue
		}
		types[prefix+name] = m["type"].(string)
	}
}

// TestRealECS: the names of the schema, by a component template.
func TestRealECS(t *testing.T) { searchtest.Each(t, testRealECS) }

func testRealECS(t *testing.T, o *searchtest.Node) {
	component, err := bulk.Template{Component: true, ECS: true, OpenSearch: o.Name == "OpenSearch"}.JSON()
	require.NoError(t, err)
	o.Must(nil, "PUT", "/_component_template/access-fields", string(component))
	o.Must(nil, "PUT", "/_index_template/access", `{"index_patterns":["access-*"],"priority":300,"composed_of":["access-fields"]}`)
	c := cluster(t)
	c.Produce(&kgo.Record{Topic: "in", Value: []byte(`{"@timestamp":"2026-11-24T10:30:00.000Z","source.ip":"192.0.2.0","http.response.status_code":200,"user_agent.original":"x","accesslog.cookie.own.seg":"a"}`)})
	ix := indexer(o.URL)
	ix.Index = bulk.ByTimestamp("access-", "@timestamp")
	land(t, c, ix)
	require.Equal(t, 1, o.Count("access-2026.11.24"))
	requireMapping(t, o, bulk.AccessLog(), true)
	var answer struct {
		Hits struct{ Total struct{ Value int } }
	}
	o.Must(&answer, "POST", "/access-*/_search?size=0", `{"query":{"bool":{"filter":[{"term":{"source.ip":"192.0.2.0/24"}},{"range":{"http.response.status_code":{"lt":300}}}]}}}`)
	assert.Equal(t, 1, answer.Hits.Total.Value)
}

// TestRealRefuses: a real node's refusals mean what they are taken for.
func TestRealRefuses(t *testing.T) { searchtest.Each(t, testRealRefuses) }

func testRealRefuses(t *testing.T, o *searchtest.Node) {
	for name, c := range map[string]struct {
		before string // index settings
		change func(*bulk.Indexer)
		value  string
		want   error
	}{
		"an index name":      {change: func(ix *bulk.Indexer) { ix.Index = bulk.Fixed("-Bad*") }, value: `{}`},
		"a name twice":       {value: `{"a":1,"a":2}`},
		"an object for text": {before: `{"mappings":{"properties":{"a":{"type":"long"}}}}`, value: `{"a":{"b":1}}`},
	} {
		t.Run(name, func(t *testing.T) {
			o.Do("DELETE", "/access", "")
			if c.before != "" {
				o.Must(nil, "PUT", "/access", c.before)
			}
			k := cluster(t)
			k.Produce(&kgo.Record{Topic: "in", Value: []byte(c.value)})
			ix := indexer(o.URL)
			if c.change != nil {
				c.change(ix)
			}
			w := land(t, k, ix)
			assert.Equal(t, 1, w.total().DeadLettered)
			assert.Contains(t, headers(k.Read("dead")[0])[kafkaio.HeaderMessage], "status 400")
		})
	}
	t.Run("no such index", func(t *testing.T) {
		o.Must(nil, "PUT", "/_cluster/settings", `{"persistent":{"action.auto_create_index":"false"}}`)
		defer o.Must(nil, "PUT", "/_cluster/settings", `{"persistent":{"action.auto_create_index":null}}`)
		k := cluster(t)
		k.Produce(&kgo.Record{Topic: "in", Value: []byte(`{}`)})
		ix := indexer(o.URL)
		ix.Index = bulk.Fixed("missing")
		require.ErrorIs(t, start(t, ix, member(k)).Wait(), bulk.ErrIndexMissing)
	})
	for name, c := range map[string]struct {
		block, unblock func()
		want           bulk.ItemError
	}{
		"a block that passes": {
			func() { o.Must(nil, "PUT", "/access", `{"settings":{"index.blocks.write":true}}`) },
			func() { o.Must(nil, "PUT", "/access/_settings", `{"index.blocks.write":null}`) },
			bulk.ItemError{Status: 403, Type: "cluster_block_exception"},
		},
		"too many shards": {
			func() { o.Must(nil, "PUT", "/_cluster/settings", `{"persistent":{"cluster.max_shards_per_node":1}}`) },
			func() {
				o.Must(nil, "PUT", "/_cluster/settings", `{"persistent":{"cluster.max_shards_per_node":null}}`)
			},
			bulk.ItemError{Status: 400, Type: "validation_exception"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			o.Do("DELETE", "/access", "")
			o.Must(nil, "PUT", "/other", "") // so that a shard is there
			defer o.Do("DELETE", "/other", "")
			c.block()
			defer c.unblock()
			k := cluster(t)
			k.Produce(&kgo.Record{Topic: "in", Value: []byte(`{}`)})
			ix := indexer(o.URL)
			w := &watcher{t: t}
			ix.Observer = w
			j := start(t, ix, member(k))
			kafkatest.Until(t, "it is told", func() bool { return len(w.errors()) > 2 })
			c.unblock()
			k.AwaitCommitted(t, "g", "in")
			require.NoError(t, j.Stop())
			assert.Equal(t, 1, o.Count("access"))
			var item *bulk.ItemError
			require.ErrorAs(t, w.errors()[0], &item)
			assert.Equal(t, c.want, *item)
		})
	}
	t.Run("no such URL", func(t *testing.T) {
		k := cluster(t)
		k.Produce(&kgo.Record{Topic: "in", Value: []byte(`{}`)})
		var failed *bulk.RequestError
		require.ErrorAs(t, start(t, indexer(o.URL+"/a/b/c"), member(k)).Wait(), &failed)
		assert.Equal(t, 400, failed.Status)
	})
	t.Run("too large for the server", func(t *testing.T) {
		status, _ := o.Do("POST", "/_bulk", strings.Repeat("x", 101<<20))
		assert.Equal(t, 413, status)
	})
}
