//go:build unix

package bulk_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/internal/searchtest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
)

// BenchmarkLandReal is BenchmarkLand into a real OpenSearch, which maps nothing, so
// that it is as fast as it can be:
//
//	LTSVPIPE_REAL=1 go test ./kafkaio/bulk -run '^$' -bench LandReal -benchtime 100000x -count 3
func BenchmarkLandReal(b *testing.B) {
	const warm = 20_000
	value := benchValue()
	for _, mode := range []string{"bodies", "Run", "Run+gzip"} {
		b.Run(mode, func(b *testing.B) {
			o := searchtest.OpenSearch(b)
			text, err := bulk.Template{
				Patterns: []string{"access-*"}, OpenSearch: true, Fields: []bulk.Field{{Name: "@timestamp", Type: "date"}},
				Settings: map[string]any{"number_of_replicas": 0, "refresh_interval": -1},
			}.JSON()
			require.NoError(b, err)
			o.Must(nil, "PUT", "/_index_template/access", string(text))
			if b.N > 1 { // the first run is of one
				compiled.Do(func() { postAll(b, o.URL, readyBodies(300_000, value)) })
			}
			o.Do("DELETE", "/_all", "")
			b.SetBytes(int64(len(value)))
			if mode == "bodies" {
				bodies := readyBodies(b.N+warm, value)
				first := warm / bodyItems
				kafkatest.Measure(b, func(ready func()) {
					postAll(b, o.URL, bodies[:first])
					ready()
					postAll(b, o.URL, bodies[first:])
				})
			} else {
				c := kafkatest.Start(b)
				c.Topic("in", 4)
				produce(b, c.Kafka, value, b.N+warm)
				cl := c.Client(kafkaio.GroupOpts("g", "in")...)
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				kafkatest.Measure(b, func(ready func()) {
					m := &meter{total: b.N + warm, warm: warm, ready: ready, done: cancel}
					ix := &bulk.Indexer{
						Target: bulk.Target{Nodes: []string{o.URL}, Gzip: mode == "Run+gzip"},
						Index:  bulk.ByTimestamp("access-", "@timestamp"), Observer: m,
					}
					require.NoError(b, ix.Run(ctx, cl))
				})
			}
			require.GreaterOrEqual(b, o.Count("access-*"), b.N)
		})
	}
}

// compiled is when the node has compiled what it runs: it is twice as fast then.
var compiled sync.Once

// readyBodies are requests of n documents.
func readyBodies(n int, value []byte) (bodies [][]byte) {
	for i := 0; i < n; i += bodyItems {
		var body []byte
		for at := i; at < min(i+bodyItems, n); at++ {
			body = appendBare(body, 0, int64(at), value)
		}
		bodies = append(bodies, body)
	}
	return bodies
}

// postAll posts bodies, four at a time.
func postAll(b *testing.B, url string, bodies [][]byte) {
	next := make(chan []byte)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for body := range next {
				post(b, url, body)
			}
		})
	}
	for _, body := range bodies {
		next <- body
	}
	close(next)
	all.Wait()
}
