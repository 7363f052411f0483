//go:build unix

package bulk_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/crewtest"
	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/internal/searchtest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
)

var kills = flag.Int("kills", 0, "how many times TestChaos kills a worker with -9, with 2,000 records for each; 0 is a short one")

func TestMain(m *testing.M) {
	crewtest.Work(work)
	flag.Parse()
	if err := flag.Set("test.parallel", "8"); err != nil { // tests wait, for the most part
		panic(err)
	}
	os.Exit(searchtest.Main(func() int { return kafkatest.Main(m) }))
}

// A workerJob is what a worker process is told.
type workerJob struct {
	Seeds []string
	Nodes []string
	// Plain has the worker run with what the package gives.
	Plain bool
}

// work is a whole process.
func work(ctx context.Context, job workerJob) error {
	ix := &bulk.Indexer{
		Target:     bulk.Target{Nodes: job.Nodes, Gzip: true},
		Index:      bulk.ByTimestamp("access-", "@timestamp"),
		DeadLetter: "dead",
		MaxRecords: 2000,
		Limits:     bulk.Limits{Items: 200},
		Retry:      bulk.Retry{Min: time.Millisecond, Max: 50 * time.Millisecond},
	}
	opts := []kgo.Opt{kgo.SeedBrokers(job.Seeds...)}
	if job.Plain {
		ix.MaxRecords, ix.Limits, ix.Retry = 0, bulk.Limits{}, bulk.Retry{}
	} else {
		opts = append(opts,
			kgo.MetadataMinAge(50*time.Millisecond), kgo.HeartbeatInterval(100*time.Millisecond),
			kgo.RetryBackoffFn(func(int) time.Duration { return 50 * time.Millisecond }),
			kgo.FetchMinBytes(1), kgo.FetchMaxWait(20*time.Millisecond),
			kgo.RequestTimeoutOverhead(3*time.Second),
			kgo.SessionTimeout(800*time.Millisecond), kgo.RebalanceTimeout(600*time.Millisecond))
	}
	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("g", "in"), opts...)...)
	if err != nil {
		return err
	}
	defer cl.CloseAllowingRebalance()
	return ix.Run(ctx, cl)
}

// hire starts n workers.
func hire(t *testing.T, n int, job workerJob) *crewtest.Crew {
	return crewtest.Hire(t, n, func(int) any { return job })
}

// TestChaos has workers killed with -9 and nodes fail while records come, some
// of them poison, and counts what arrived:
//
//	go test ./kafkaio/bulk -run Chaos -kills=100 -v
func TestChaos(t *testing.T) {
	if *kills == 0 {
		t.Parallel()
	}
	c := cluster(t)
	nodes := []*searchtest.Fake{searchtest.StartFake(t), searchtest.StartFake(t)}
	nodes[1].Share(nodes[0])
	var urls []string
	for _, f := range nodes {
		f.Intercept = func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
			if rand.IntN(20) > 0 {
				return false
			}
			w.WriteHeader([]int{429, 503, 502}[rand.IntN(3)])
			return true
		}
		f.Item = func(searchtest.Document) (int, string) {
			if rand.IntN(50) > 0 {
				return 0, ""
			}
			return 429, "rejected_execution_exception"
		}
		f.Lose = func(int) bool { return rand.IntN(20) == 0 }
		urls = append(urls, f.URL)
	}
	n, most := 2_000, 8 // of each partition; kills
	if *kills > 0 {
		most = *kills
		n = most * 2000 / 3
	}
	began := time.Now()
	storm(t, c, n, most, urls)

	docs, dead := nodes[0].Documents("*"), map[string]int{}
	for _, rec := range c.Read("dead") {
		h := headers(rec)
		dead["in+"+h[kafkaio.HeaderPartition]+"+"+h[kafkaio.HeaderOffset]]++
	}
	lost := 0
	for p := range int32(3) {
		for i := range n {
			id, v := fmt.Sprintf("in+%d+%d", p, i), chaosValue(p, i)
			if v[0] != '{' {
				if dead[id] == 0 {
					lost++
				}
				continue
			}
			if string(docs[id]) != v {
				lost++
			}
			delete(docs, id)
		}
	}
	assert.Zero(t, lost, "lost, or not as it was")
	assert.Empty(t, docs, "of nobody's sending")
	perIndex := 0
	for _, k := range nodes[0].Indices() {
		perIndex += k
	}
	assert.Equal(t, 3*n-len(dead), perIndex, "each in one index, once")
	assert.Equal(t, perIndex, nodes[0].Writes()+nodes[1].Writes(), "never written again")
	t.Logf("%d records over two days, %d workers killed, %d requests: %d lost, %d documents, %d dead letters, in %.1f s", 3*n, most,
		nodes[0].Requests()+nodes[1].Requests(), lost, perIndex, len(dead), time.Since(began).Seconds())
}

// storm has two workers land n records of each partition while they come, and
// kills one most times.
func storm(t *testing.T, c *kafkatest.Cluster, n, most int, urls []string) {
	const pause = 100 * time.Millisecond
	lasts := time.Duration(most) * pause * 3 / 2
	workers := hire(t, 2, workerJob{Seeds: c.Seeds(), Nodes: urls})
	var all sync.WaitGroup
	all.Go(func() {
		const step = 100
		for from := 0; from < n; from += step {
			var rs []*kgo.Record
			for i := from; i < min(from+step, n); i++ {
				for p := range int32(3) {
					rs = append(rs, &kgo.Record{Topic: "in", Partition: p, Value: []byte(chaosValue(p, i))})
				}
			}
			c.Produce(rs...)
			time.Sleep(lasts * step / time.Duration(n))
		}
	})
	for range most {
		time.Sleep(pause + rand.N(pause))
		workers.KillOne()
	}
	all.Wait()
	defer func() {
		if t.Failed() {
			t.Logf("committed %v of %v; %s", c.Committed("g", "in"), c.End("in"), c.Group("g"))
		}
	}()
	evict := time.Now().Add(patience / 8)
	until(t, "all is committed", func() bool {
		if time.Now().After(evict) {
			c.Evict("g")
			evict = time.Now().Add(patience / 8)
		}
		return caughtUp(c)
	})
	workers.Stop()
	_, failures := workers.Kills()
	assert.Zero(t, failures, "workers that ended by themselves")
}

// TestOpenSearchChaos has workers killed that land in a real node.
func TestOpenSearchChaos(t *testing.T) {
	o := searchtest.OpenSearch(t)
	c := cluster(t)
	const n, most = 3_000, 20
	storm(t, c, n, most, []string{o.URL})
	poison := 3 * n / 100
	assert.Equal(t, 3*n-poison, o.Count("access-*"))
	requireFirstVersions(t, o, 3*n-poison)
	t.Logf("%d records, %d workers killed, %d documents", 3*n, most, 3*n-poison)
}

// chaosValue is a record of one of two days, or poison, one in a hundred.
func chaosValue(p int32, i int) string {
	if i%100 == 50 {
		return fmt.Sprintf(`poison %d %d`, p, i)
	}
	return fmt.Sprintf(`{"@timestamp":"2026-11-%dT10:30:00.000Z","p":%d,"i":%d}`, 24+i%2, p, i)
}
