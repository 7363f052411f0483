package bulk_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/internal/searchtest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
)

// cluster returns a fake Kafka with topics "in", of three partitions, and "dead".
func cluster(t testing.TB) *kafkatest.Cluster {
	c := kafkatest.Start(t)
	c.Topic("in", 3)
	c.Topic("dead", 1)
	return c
}

type kafka interface {
	Client(...kgo.Opt) *kgo.Client
	Committed(group, topic string) map[int32]int64
	CaughtUp(group, topic string) bool
}

// member returns a client of group "g" that reads topic "in" without delay.
func member(k kafka, opts ...kgo.Opt) *kgo.Client {
	return k.Client(append(append(kafkaio.GroupOpts("g", "in"),
		kgo.FetchMinBytes(1), kgo.FetchMaxWait(20*time.Millisecond),
		kgo.RebalanceTimeout(3*time.Second), kgo.SessionTimeout(4*time.Second)), opts...)...)
}

func value(p int32, i int) string {
	return fmt.Sprintf(`{"@timestamp":"2026-11-24T10:30:00.000Z","p":%d,"i":%d}`, p, i)
}

// records returns n records of "in" for each of its partitions.
func records(n int) (rs []*kgo.Record) {
	for i := range n {
		for p := range int32(3) {
			rs = append(rs, &kgo.Record{Topic: "in", Partition: p, Value: []byte(value(p, i))})
		}
	}
	return rs
}

// indexer returns one that is quick to try again.
func indexer(nodes ...string) *bulk.Indexer {
	return &bulk.Indexer{
		Target:     bulk.Target{Nodes: nodes},
		Index:      bulk.Fixed("access"),
		DeadLetter: "dead",
		Retry:      bulk.Retry{Min: time.Millisecond, Max: 20 * time.Millisecond},
	}
}

// start has ix run in the background.
func start(t *testing.T, ix *bulk.Indexer, cl *kgo.Client) *kafkatest.Job {
	t.Helper()
	return kafkatest.Begin(t, func(ctx context.Context) error { return ix.Run(ctx, cl) })
}

// land runs ix until all of "in" is committed.
func land(t *testing.T, k kafka, ix *bulk.Indexer) *watcher {
	t.Helper()
	w := &watcher{t: t}
	if ix.Observer == nil {
		ix.Observer = w
	}
	cl := member(k)
	defer cl.CloseAllowingRebalance()
	j := start(t, ix, cl)
	kafkatest.Until(t, "all is committed", func() bool {
		select {
		case <-j.Done():
			require.FailNow(t, "Run ended", "%v", j.Wait())
		default:
		}
		return k.CaughtUp("g", "in")
	})
	require.NoError(t, j.Stop())
	return w
}

// requireLanded checks that the fake has n documents of each partition, each by
// its id and as it was sent, and nothing else, but for some.
func requireLanded(t *testing.T, f *searchtest.Fake, n int, but ...string) {
	t.Helper()
	docs := f.Documents("*")
	missing := map[string]bool{}
	for _, id := range but {
		missing[id] = true
		assert.NotContains(t, docs, id)
	}
	for p := range int32(3) {
		for i := range n {
			id := "in+" + strconv.Itoa(int(p)) + "+" + strconv.Itoa(i)
			if !missing[id] {
				require.Equal(t, value(p, i), string(docs[id]), id)
			}
		}
	}
	require.Len(t, docs, 3*n-len(but))
}

// A watcher is an Observer that keeps what it is told, and checks that it adds up.
type watcher struct {
	t        testing.TB
	mu       sync.Mutex
	sum      bulk.Settlement
	refused  []error // commits
	survived []error
}

func (w *watcher) Settled(s *bulk.Settlement) {
	w.mu.Lock()
	defer w.mu.Unlock()
	assert.Equal(w.t, s.Read, s.Indexed+s.Duplicates+s.Skipped+s.DeadLettered)
	n := 0
	for _, p := range s.Partitions {
		n += int(p.Last - p.First + 1)
	}
	assert.Equal(w.t, s.Read, n, "a log without gaps")
	if !s.Committed {
		w.refused = append(w.refused, s.CommitErr)
	}
	w.sum.Read += s.Read
	w.sum.Indexed += s.Indexed
	w.sum.FailureStore += s.FailureStore
	w.sum.Duplicates += s.Duplicates
	w.sum.Skipped += s.Skipped
	w.sum.DeadLettered += s.DeadLettered
	w.sum.Requests += s.Requests
	w.sum.Retried += s.Retried
	w.sum.BytesIn += s.BytesIn
	w.sum.BytesOut += s.BytesOut
	w.sum.Land += s.Land
	w.sum.Slowest = max(w.sum.Slowest, s.Slowest)
}

func (w *watcher) Survived(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.survived = append(w.survived, err)
}

func (w *watcher) errors() []error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]error(nil), w.survived...)
}

func (w *watcher) refusals() []error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]error(nil), w.refused...)
}

func (w *watcher) total() bulk.Settlement {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sum
}
