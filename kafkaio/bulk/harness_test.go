package bulk_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
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

const patience = 40 * time.Second

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
	End(topic string) map[int32]int64
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

// A job is a Run in the background.
type job struct {
	t      *testing.T
	cancel context.CancelFunc
	done   chan error
}

func start(t *testing.T, ix *bulk.Indexer, cl *kgo.Client) *job {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	j := &job{t: t, cancel: cancel, done: make(chan error, 1)}
	running.Add(1)
	go func() {
		err := ix.Run(ctx, cl)
		running.Add(-1)
		j.done <- err
	}()
	t.Cleanup(cancel)
	return j
}

// running is how many jobs there are.
var running atomic.Int64

// wait returns Run's error, and fails if the last job left a goroutine.
func (j *job) wait() error {
	j.t.Helper()
	select {
	case err := <-j.done:
		j.cancel()
		kafkatest.NoGoroutines(j.t, "github.com/ltsvpipe/ltsvpipe/kafkaio/bulk.", func() bool { return running.Load() == 0 })
		return err
	case <-time.After(patience):
		require.FailNow(j.t, "Run does not return")
		return nil
	}
}

func (j *job) stop() error {
	j.t.Helper()
	j.cancel()
	return j.wait()
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			require.FailNow(t, "never: "+what)
		}
	}
}

func caughtUp(k kafka) bool {
	at := k.Committed("g", "in")
	for p, end := range k.End("in") {
		if at[p] < end {
			return false
		}
	}
	return true
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
	until(t, "all is committed", func() bool {
		select {
		case err := <-j.done:
			require.FailNow(t, "Run ended", "%v", err)
		default:
		}
		return caughtUp(k)
	})
	require.NoError(t, j.stop())
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
