//go:build linux

package load

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/bits"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
)

// A watcher reads committed records of a topic, independent of any group, and
// ticks off the number that each has for a key.
type watcher struct {
	cl      *kgo.Client
	cancel  context.CancelFunc
	done    chan struct{}
	unique  atomic.Int64
	numbers []uint64 // a bit a number
	took    []time.Duration

	// To be read after stop.
	count, repeated, strange int
}

// watch reads topic, of n records; of the first timed it keeps how long each
// took since it was produced.
func watch(t *testing.T, k *kafkatest.Kafka, topic string, n, timed int) *watcher {
	ctx, cancel := context.WithCancel(context.Background())
	w := &watcher{
		cl:      k.Client(kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.FetchMaxWait(250*time.Millisecond)),
		cancel:  cancel,
		done:    make(chan struct{}),
		numbers: make([]uint64, (n+63)/64),
		took:    make([]time.Duration, timed),
	}
	t.Cleanup(cancel)
	go func() {
		defer close(w.done)
		for ctx.Err() == nil {
			w.take(w.cl.PollFetches(ctx), n)
		}
	}()
	return w
}

func (w *watcher) take(fetches kgo.Fetches, n int) {
	now, unique := time.Now(), int64(0)
	fetches.EachRecord(func(r *kgo.Record) {
		w.count++
		if len(r.Key) != 8 || binary.BigEndian.Uint64(r.Key) >= uint64(n) {
			w.strange++
			return
		}
		number := binary.BigEndian.Uint64(r.Key)
		bit := uint64(1) << (number % 64)
		if w.numbers[number/64]&bit != 0 {
			w.repeated++
			return
		}
		w.numbers[number/64] |= bit
		unique++
		if number < uint64(len(w.took)) {
			w.took[number] = now.Sub(r.Timestamp)
		}
	})
	w.unique.Add(unique)
}

// seen is how many of the numbers have been.
func (w *watcher) seen() int { return int(w.unique.Load()) }

// stop ends the reading, a while after the pipeline has ended: what came twice
// would come then at the latest.
func (w *watcher) stop() {
	time.Sleep(time.Second)
	w.cancel()
	<-w.done
}

func (w *watcher) lost(n int) int {
	for _, some := range w.numbers {
		n -= bits.OnesCount64(some)
	}
	return n
}

// latencies are those of records that all have been seen.
func (w *watcher) latencies(from, to int) latencies { return latencies(w.took[from:to]) }

func (w *watcher) String() string {
	return fmt.Sprintf("%d read committed, %d of them repeated", w.count, w.repeated)
}
