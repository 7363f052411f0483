package kafkaio_test

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// alongside has t run beside others: what waits, for the most part. Not with
// real brokers, which are shared, nor in a chaos that is measured.
func alongside(t *testing.T) {
	if !kafkatest.Real() && *chaosFor == 0 {
		t.Parallel()
	}
}

// A broker is what pipelines need of a cluster, of either kind.
type broker interface {
	Opts() []kgo.Opt
	Client(...kgo.Opt) *kgo.Client
	Committed(group, topic string) map[int32]int64
	End(topic string) map[int32]int64
	CaughtUp(group, topic string) bool
	AwaitCommitted(t testing.TB, group, topic string)
}

// quick are options for reading without delay.
func quick() []kgo.Opt {
	return []kgo.Opt{
		kgo.FetchMinBytes(1),
		kgo.FetchMaxWait(20 * time.Millisecond),
		kgo.RebalanceTimeout(3 * time.Second),
		kgo.SessionTimeout(4 * time.Second),
	}
}

// member returns a client of group "g" that reads topic "in" without delay.
func member(c broker, opts ...kgo.Opt) *kgo.Client {
	return c.Client(append(append(kafkaio.GroupOpts("g", "in"), quick()...), opts...)...)
}

// start has p run in the background.
func start(t *testing.T, p *kafkaio.Pipeline, cl *kgo.Client) *kafkatest.Job {
	t.Helper()
	return kafkatest.Begin(t, func(ctx context.Context) error { return p.Run(ctx, cl) })
}

// records returns n records of "in" in partition p, with values "p/0", "p/1", …
func records(p int32, n int) (rs []*kgo.Record) {
	for i := range n {
		rs = append(rs, &kgo.Record{Topic: "in", Partition: p, Value: []byte(fmt.Sprintf("%d/%d", p, i))})
	}
	return rs
}

// copying emits every record to "out". It overwrites the memory that it is
// given first: a record that the client still sends would show it.
func copying() kafkaio.Handler {
	return func(_ context.Context, in *kgo.Record, out *kafkaio.Batch) error {
		buf := out.Buf()
		poison := buf[:min(cap(buf), 2000)]
		for i := range poison {
			poison[i] = 0xDB
		}
		out.Emit("out", in, append(buf, in.Value...))
		return nil
	}
}

// plainCopy emits every record to "out".
func plainCopy() kafkaio.Handler {
	return func(_ context.Context, in *kgo.Record, out *kafkaio.Batch) error {
		out.Emit("out", in, append(out.Buf(), in.Value...))
		return nil
	}
}

// values returns the values of records, in order.
func values(rs []*kgo.Record) (vs []string) {
	for _, r := range rs {
		vs = append(vs, string(r.Value))
	}
	return vs
}

// requireDelivered checks that "p/0" to "p/(n-1)" of every partition are
// among rs, and if once that each is there once and they are in order.
func requireDelivered(t *testing.T, rs []*kgo.Record, partitions int32, n int, once bool) {
	t.Helper()
	seen := make(map[string]int)
	last := make(map[string]int)
	for _, r := range rs {
		v := string(r.Value)
		p, i, ok := strings.Cut(v, "/")
		at, err := strconv.Atoi(i)
		require.True(t, ok && err == nil, "not a value that was sent: %q", v)
		if once {
			if before, ok := last[p]; ok {
				require.Equal(t, before+1, at, "partition %s out of order", p)
			}
		}
		last[p] = at
		seen[v]++
	}
	for p := range partitions {
		for i := range n {
			v := fmt.Sprintf("%d/%d", p, i)
			require.NotZero(t, seen[v], "%s is lost", v)
		}
	}
	if once {
		require.Equal(t, int(partitions)*n, len(rs), "nothing comes twice")
	}
}

// A watcher is an Observer that keeps what it is told.
type watcher struct {
	mu       sync.Mutex
	settled  []kafkaio.Settlement
	survived []error
}

func (w *watcher) Settled(s *kafkaio.Settlement) {
	w.mu.Lock()
	defer w.mu.Unlock()
	kept := *s
	kept.Partitions = append([]kafkaio.PartitionProgress(nil), s.Partitions...)
	w.settled = append(w.settled, kept)
}

func (w *watcher) Survived(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.survived = append(w.survived, err)
}

func (w *watcher) batches() []kafkaio.Settlement {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]kafkaio.Settlement(nil), w.settled...)
}

func (w *watcher) errors() []error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]error(nil), w.survived...)
}

// total adds up what was settled and checks that it adds up.
func (w *watcher) total(t *testing.T) (sum kafkaio.Settlement) {
	t.Helper()
	for _, s := range w.batches() {
		sum.Read += s.Read
		sum.Emitted += s.Emitted
		sum.Dropped += s.Dropped
		sum.Skipped += s.Skipped
		sum.DeadLettered += s.DeadLettered
		sum.BytesIn += s.BytesIn
		sum.BytesOut += s.BytesOut
		n := 0
		for _, p := range s.Partitions {
			n += int(p.Last - p.First + 1)
			assert.GreaterOrEqual(t, p.HighWatermark, p.Last+1)
		}
		assert.Equal(t, s.Read, n, "a log without gaps")
	}
	return sum
}

// fill produces n records to "in".
func fill(t testing.TB, k broker, n int) {
	cl := k.Client(kgo.RecordPartitioner(kgo.RoundRobinPartitioner()), kgo.ProducerLinger(5*time.Millisecond), kgo.MaxBufferedRecords(50_000))
	defer cl.Close()
	value := bytes.Repeat([]byte("field:value\t"), 53)
	for i := range n {
		cl.Produce(t.Context(), &kgo.Record{Topic: "in", Key: fmt.Append(nil, i), Value: value}, func(_ *kgo.Record, err error) {
			if err != nil {
				t.Error(err)
			}
		})
	}
	require.NoError(t, cl.Flush(t.Context()))
}
