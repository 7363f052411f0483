package bulk_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/internal/searchtest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
)

// endless answers with chunk for ever, and counts what the client took.
func endless(begin, chunk string, taken *atomic.Int64) fault {
	block := []byte(strings.Repeat(chunk, 64<<10/len(chunk)))
	return func(w http.ResponseWriter, _ *http.Request, _ []byte, _ *searchtest.Fake) {
		n, err := w.Write([]byte(begin))
		for err == nil {
			taken.Add(int64(n))
			n, err = w.Write(block)
		}
	}
}

// TestAnswersWithoutEnd cost a bounded part of memory and time, and no record.
func TestAnswersWithoutEnd(t *testing.T) {
	var taken atomic.Int64
	for name, f := range map[string]fault{
		"spaces":    endless("", " ", &taken),
		"items":     endless(`{"items":[{"create":{"status":201}}`, `,{"create":{"status":201}}`, &taken),
		"a reason":  endless(`{"items":[{"create":{"status":400,"error":{"type":"`, `x`, &taken),
		"depth":     endless(`{"items":`, `[`, &taken),
		"gzip bomb": zipped(32, false),
	} {
		t.Run(name, func(t *testing.T) {
			c := cluster(t)
			node := searchtest.StartFake(t)
			var faults atomic.Int64
			node.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
				if faults.Add(1) > 5 {
					return false
				}
				f(w, r, body, node)
				return true
			}
			taken.Store(0)
			c.Produce(records(50)...)
			ix := indexer(node.URL)
			ix.Limits.InFlight = 1
			w := land(t, c, ix)
			requireLanded(t, node, 50)
			require.Len(t, w.errors(), 5)
			assert.Contains(t, w.errors()[0].Error(), "answer is too long")
			// What the connections' buffers hold is taken by nobody.
			assert.Less(t, taken.Load(), int64(5*8<<20))
		})
	}
}

// TestAllNodesAway: refused connections for a while, and then all goes on.
func TestAllNodesAway(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	f := searchtest.StartFake(t)
	var urls, addrs []string
	for range 3 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		addrs = append(addrs, l.Addr().String())
		urls = append(urls, "http://"+l.Addr().String())
		require.NoError(t, l.Close())
	}
	c.Produce(records(100)...)
	w := &watcher{t: t}
	ix := indexer(urls...)
	ix.Observer = w
	j := start(t, ix, member(c))
	kafkatest.Until(t, "each is asked more than once", func() bool { return len(w.errors()) > 20 })
	assert.Empty(t, c.Committed("g", "in"))
	for _, addr := range addrs {
		l, err := net.Listen("tcp", addr)
		require.NoError(t, err)
		s := &httptest.Server{Listener: l, Config: &http.Server{Handler: f}}
		s.Start()
		defer s.Close()
	}
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	requireLanded(t, f, 100)
	assert.Equal(t, 300, f.Writes())
}

// TestOneNodeFails: what one does to its requests does not hold up the others'.
func TestOneNodeFails(t *testing.T) {
	for name, fault := range map[string]fault{
		"hangs": hang,
		"wants to be asked in an hour": func(w http.ResponseWriter, _ *http.Request, _ []byte, _ *searchtest.Fake) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusServiceUnavailable)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cluster(t)
			ill, well := searchtest.StartFake(t), searchtest.StartFake(t)
			ill.Intercept = func(w http.ResponseWriter, r *http.Request, body []byte) bool {
				fault(w, r, body, ill)
				return true
			}
			c.Produce(records(500)...)
			ix := indexer(ill.URL, well.URL)
			ix.MaxRecords = 10
			ix.Limits.Timeout = 2 * time.Second
			began := time.Now()
			w := land(t, c, ix)
			requireLanded(t, well, 500)
			assert.LessOrEqual(t, ill.Requests(), 4, "by those in flight, once")
			assert.LessOrEqual(t, len(w.errors()), 4)
			assert.Less(t, time.Since(began), 12*time.Second)
		})
	}
}

// TestDrainInBackoff: a long wait ends with the drain.
func TestDrainInBackoff(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	f := searchtest.StartFake(t)
	f.Intercept = func(w http.ResponseWriter, _ *http.Request, _ []byte) bool {
		w.Header().Set("Retry-After", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	}
	c.Produce(records(1)...)
	ix := indexer(f.URL)
	ix.DrainTimeout = 50 * time.Millisecond
	w := &watcher{t: t}
	ix.Observer = w
	j := start(t, ix, member(c))
	kafkatest.Until(t, "it is told", func() bool { return len(w.errors()) > 0 })
	began := time.Now()
	require.ErrorIs(t, j.Stop(), kafkaio.ErrDrainTimeout)
	assert.Less(t, time.Since(began), 5*time.Second)
	assert.Empty(t, c.Committed("g", "in"))
}

// TestRebalanceInMidRequest: partitions go to another member while a request is
// with a node that does not answer. Its records are landed there, and here as
// duplicates, and nobody commits what is not his.
func TestRebalanceInMidRequest(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	f := searchtest.StartFake(t)
	answer, asked := make(chan struct{}), make(chan struct{}, 100)
	var stuck atomic.Bool
	stuck.Store(true)
	f.Intercept = func(_ http.ResponseWriter, _ *http.Request, _ []byte) bool {
		if stuck.Load() {
			asked <- struct{}{}
			<-answer
		}
		return false
	}
	c.Produce(records(100)...)
	slow := &watcher{t: t}
	one := indexer(f.URL)
	one.Observer = slow
	j := start(t, one, member(c))
	<-asked
	stuck.Store(false)
	other := start(t, indexer(f.URL), member(c)) // joins; the first is thrown out in time
	kafkatest.Until(t, "the other lands what is its now", func() bool { return f.Writes() > 0 })
	close(answer)
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	require.NoError(t, other.Stop())
	requireLanded(t, f, 100)
	assert.Equal(t, 300, f.Writes(), "nothing twice")
	assert.Positive(t, slow.total().Duplicates)
}

// TestDeadLettersFail: without its dead letter a record is not settled.
func TestDeadLettersFail(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	f := searchtest.StartFake(t)
	c.Produce(records(3)...)
	c.Produce(&kgo.Record{Topic: "in", Partition: 1, Value: []byte("poison")})
	fault := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "dead", Err: kerr.TopicAuthorizationFailed, Count: -1})
	cl := member(c)
	err := start(t, indexer(f.URL), cl).Wait()
	cl.CloseAllowingRebalance()
	var failed *kafkaio.ProduceError
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, err, kerr.TopicAuthorizationFailed)
	assert.Empty(t, c.Committed("g", "in"))
	fault.Remove()
	w := land(t, c, indexer(f.URL))
	requireLanded(t, f, 3)
	assert.Equal(t, 9, w.total().Duplicates)
	require.Len(t, c.Read("dead"), 1)
}

// TestOnErrorMisbehaves: a panic stops, and so does an action of no meaning.
func TestOnErrorMisbehaves(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	f := searchtest.StartFake(t)
	c.Produce(&kgo.Record{Topic: "in", Value: []byte("poison")})
	ix := indexer(f.URL)
	ix.OnError = func(*kgo.Record, error) kafkaio.Action { panic("mine") }
	cl := member(c)
	var panicked *kafkaio.PanicError
	require.ErrorAs(t, start(t, ix, cl).Wait(), &panicked)
	assert.Equal(t, "mine", panicked.Value)
	ix.OnError = func(*kgo.Record, error) kafkaio.Action { return 99 }
	var rec *kafkaio.RecordError
	require.ErrorAs(t, start(t, ix, cl).Wait(), &rec)
	assert.Empty(t, c.Committed("g", "in"))
	ix.OnError = nil
	cl.CloseAllowingRebalance()
	assert.Equal(t, 1, land(t, c, ix).total().DeadLettered)
}

// TestTopicMadeAgain: its records have the ids of the old ones, which the counts
// say: under Create the old documents stay, under Index they are lost.
func TestTopicMadeAgain(t *testing.T) {
	t.Parallel()
	f := searchtest.StartFake(t)
	first := cluster(t)
	first.Produce(records(5)...)
	land(t, first, indexer(f.URL))
	for _, op := range []bulk.Op{bulk.Create, bulk.Index} {
		again := cluster(t)
		again.Produce(&kgo.Record{Topic: "in", Partition: 1, Value: []byte(`{"new":true}`)})
		ix := indexer(f.URL)
		ix.Op = op
		sum := land(t, again, ix).total()
		if op == bulk.Create {
			assert.Equal(t, 1, sum.Duplicates)
			requireLanded(t, f, 5)
			continue
		}
		assert.Equal(t, 1, sum.Indexed)
		assert.JSONEq(t, `{"new":true}`, string(f.Documents("*")["in+1+0"]))
	}
}

// TestFailureStore: what a data stream's failure store took is settled, and told.
func TestFailureStore(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	f := searchtest.StartFake(t)
	f.Intercept = func(w http.ResponseWriter, _ *http.Request, body []byte) bool {
		docs, err := searchtest.Parse(body)
		assert.NoError(t, err)
		var items []string
		for i, d := range docs {
			item := fmt.Sprintf(`{"create":{"_id":%q,"status":201}}`, d.ID)
			if strings.HasSuffix(d.ID, "+3") {
				item = fmt.Sprintf(`{"create":{"_id":"a-%d","status":201,"failure_store":"used"}}`, i)
			}
			items = append(items, item)
		}
		fmt.Fprintf(w, `{"errors":false,"items":[%s]}`, strings.Join(items, ","))
		return true
	}
	c.Produce(records(10)...)
	w := land(t, c, indexer(f.URL))
	assert.Equal(t, 30, w.total().Indexed)
	assert.Equal(t, 3, w.total().FailureStore)
	assert.Empty(t, w.errors())
}

// TestRequestsGrowAgain: what refused large requests for a while does not make
// them small for ever.
func TestRequestsGrowAgain(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	f := searchtest.StartFake(t)
	var refused, largest atomic.Int64
	f.Intercept = func(w http.ResponseWriter, _ *http.Request, body []byte) bool {
		if refused.Load() < 20 && bytes.Count(body, []byte("\n")) > 4 {
			refused.Add(1)
			w.WriteHeader(http.StatusRequestEntityTooLarge)
			return true
		}
		largest.Store(max(largest.Load(), int64(len(body))))
		return false
	}
	const n = 5000
	c.Produce(records(n)...)
	ix := indexer(f.URL)
	ix.Limits = bulk.Limits{Bytes: 8 << 10, InFlight: 1}
	land(t, c, ix)
	requireLanded(t, f, n)
	assert.EqualValues(t, 20, refused.Load())
	assert.Greater(t, largest.Load(), int64(4<<10))
}

// TestTooLargeToArrive: a server that cuts connections, or takes too long, over
// requests that are too large for it, gets smaller ones, also if it never says so.
func TestTooLargeToArrive(t *testing.T) {
	for name, refuse := range map[string]fault{
		"cut": func(w http.ResponseWriter, _ *http.Request, _ []byte, _ *searchtest.Fake) {
			conn, _, err := http.NewResponseController(w).Hijack()
			assert.NoError(t, err)
			assert.NoError(t, conn.(*net.TCPConn).SetLinger(0))
			conn.Close()
		},
		"late": func(_ http.ResponseWriter, r *http.Request, _ []byte, _ *searchtest.Fake) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cluster(t)
			f := searchtest.StartFake(t)
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.ContentLength > 1<<20 { // before its body is read
					refuse(w, r, nil, f)
					return
				}
				f.ServeHTTP(w, r)
			}))
			defer s.Close()
			long := strings.Repeat("x", 100<<10)
			for i := range 200 {
				c.Produce(&kgo.Record{Topic: "in", Value: fmt.Appendf(nil, `{"i":%d,"s":%q}`, i, long)})
			}
			ix := indexer(s.URL)
			ix.Limits = bulk.Limits{Bytes: 16 << 20, InFlight: 1, Timeout: 700 * time.Millisecond}
			w := land(t, c, ix)
			assert.Len(t, f.Documents("*"), 200)
			assert.Equal(t, 200, w.total().Indexed)
			assert.Less(t, len(w.errors()), 100, "requests become smaller, though they grow again")
			assert.Empty(t, c.Read("dead"))
		})
	}
}
