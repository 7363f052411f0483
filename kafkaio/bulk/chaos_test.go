//go:build unix

package bulk_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/crewtest"
	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/internal/searchtest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
)

var kills = flag.Int("kills", 0, "how many times TestChaos and TestRealChaos kill a worker with -9, with 2,000 records for each; 0 is a short one")

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
//	go test ./kafkaio/bulk -run TestChaos -kills=100 -v
//	LTSVPIPE_REAL=1 go test ./kafkaio/bulk -run TestChaos/Kafka -kills=100 -v
func TestChaos(t *testing.T) {
	if *kills == 0 {
		t.Parallel()
	}
	kafkatest.Each(t, 1, func(t *testing.T, k *kafkatest.Kafka) {
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
		n := storm(t, k, urls)
		requireAll(t, k, n, nodes[0].Documents("*"))
		perIndex := 0
		for _, k := range nodes[0].Indices() {
			perIndex += k
		}
		assert.Equal(t, len(nodes[0].Documents("*")), perIndex, "each in one index, once")
		assert.Equal(t, perIndex, nodes[0].Writes()+nodes[1].Writes(), "never written again")
	})
}

// TestRealChaos has workers killed that land a topic of a real Kafka in real nodes,
// has all of it read again, and compares each document with its record:
//
//	LTSVPIPE_REAL=1 go test ./kafkaio/bulk -run TestRealChaos -kills=100 -v
func TestRealChaos(t *testing.T) {
	searchtest.Each(t, func(t *testing.T, o *searchtest.Node) {
		k := kafkatest.StartReal(t, 1).Wiped(t)
		n := storm(t, k, []string{o.URL})
		there := requireFound(t, k, n, o)

		require.NoError(t, kafkaio.ReplayAt(t.Context(), k.Client(), "g", map[string]map[int32]int64{"in": {0: 0, 1: 0, 2: 0}}))
		ix := indexer(o.URL)
		ix.Index = bulk.ByTimestamp("access-", "@timestamp")
		w := land(t, k, ix)
		assert.Equal(t, there, w.total().Duplicates)
		requireFound(t, k, n, o)
		t.Logf("%s: %d documents sent again in %.1f s, all of them duplicates", o.Name, there, w.total().Land.Seconds())
	})
}

// requireFound checks what a real node has, and that none of it was written again.
func requireFound(t *testing.T, k *kafkatest.Kafka, n int, o *searchtest.Node) (there int) {
	t.Helper()
	docs := make(map[string]json.RawMessage)
	for id, d := range o.Documents("access-*") {
		require.Equal(t, 1, d.Version, id)
		docs[id] = d.Source
	}
	return requireAll(t, k, n, docs)
}

// requireAll checks that what storm has produced, n records of each partition, is
// there or a dead letter, and nothing else. It returns how many are there.
func requireAll(t *testing.T, k *kafkatest.Kafka, n int, docs map[string]json.RawMessage) (there int) {
	t.Helper()
	dead := map[string]bool{}
	for _, rec := range k.Read("dead") {
		h := headers(rec)
		dead["in+"+h[kafkaio.HeaderPartition]+"+"+h[kafkaio.HeaderOffset]] = true
	}
	lost := 0
	for p := range int32(3) {
		for i := range n {
			id, v := fmt.Sprintf("in+%d+%d", p, i), chaosValue(p, i)
			switch {
			case v[0] == '{' && string(docs[id]) == v:
				there++
			case v[0] == '{' || !dead[id]:
				lost++
			}
		}
	}
	assert.Zero(t, lost, "lost, or not as it was")
	assert.Len(t, docs, there, "of nobody's sending")
	assert.Len(t, dead, 3*n-there, "of nobody's sending")
	t.Logf("%d records over two days: %d lost, %d documents, %d dead letters", 3*n, lost, there, len(dead))
	return there
}

// storm has two workers land records while they come, and kills one again and
// again. It returns how many records each of the three partitions has.
func storm(t *testing.T, c *kafkatest.Kafka, urls []string) (n int) {
	began := time.Now()
	n, most := 2_000, 8
	if *kills > 0 {
		most = *kills
		n = most * 2000 / 3
	}
	c.Topic("in", 3)
	c.Topic("dead", 1)
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
	evict := time.Now().Add(kafkatest.Patience / 8)
	kafkatest.Until(t, "all is committed", func() bool {
		if time.Now().After(evict) {
			c.Evict("g")
			evict = time.Now().Add(kafkatest.Patience / 8)
		}
		return c.CaughtUp("g", "in")
	})
	workers.Stop()
	killed, failures := workers.Kills()
	assert.Zero(t, failures, "workers that ended by themselves")
	t.Logf("%s: %d records, %d workers killed, in %.1f s", c.Kind, 3*n, killed, time.Since(began).Seconds())
	return n
}

// chaosValue is a record of one of two days, or poison, one in a hundred.
func chaosValue(p int32, i int) string {
	if i%100 == 50 {
		return fmt.Sprintf(`poison %d %d`, p, i)
	}
	return fmt.Sprintf(`{"@timestamp":"2026-11-%dT10:30:00.000Z","p":%d,"i":%d}`, 24+i%2, p, i)
}
