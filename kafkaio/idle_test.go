package kafkaio_test

import (
	"context"
	"flag"
	"reflect"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

var idleFor = flag.Duration("idle", 0, "how long TestIdleRewinds sets a bare client back, and a Source; 0 is a short one of Source alone")

// TestIdle: a client that could fetch and does not, since nobody told it to, is
// told by the Source that waits for it.
func TestIdle(t *testing.T) {
	t.Parallel()
	c := kafkatest.Start(t, kfake.NumBrokers(2))
	c.Topic("in", 1)
	c.Topic("other", 1)
	require.NoError(t, c.MoveTopicPartition("in", 0, 0))
	require.NoError(t, c.MoveTopicPartition("other", 0, 1))
	c.Produce(records(0, 1)...)
	cl := member(c, kgo.ConsumeTopics("in", "other"))
	s, err := kafkaio.NewSource(cl, kafkaio.SourceOptions{})
	require.NoError(t, err)
	poll := func(wait time.Duration) int {
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		defer cancel()
		in, err := s.Poll(ctx)
		require.NoError(t, err)
		s.Keep()
		return len(in)
	}
	require.Equal(t, 1, poll(kafkatest.Patience))
	forget(cl)
	c.Produce(records(0, 1)...)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	require.Zero(t, cl.PollRecords(ctx, 10).NumRecords(), "a client alone waits for ever")
	cl.AllowRebalance()
	assert.Equal(t, 1, poll(kafkatest.Patience))

	// Another broker that has records all the time does not hide it.
	forget(cl)
	c.Produce(records(0, 1)...)
	for began := time.Now(); c.Committed("g", "in")[0] < 3; {
		require.Less(t, time.Since(began), kafkatest.Patience)
		c.Produce(&kgo.Record{Topic: "other"})
		_, err := s.Poll(t.Context())
		require.NoError(t, err)
		require.NoError(t, s.Commit(t.Context()))
	}
}

// forget has cl not fetch "in", and not because it is paused. ResumeFetchTopics
// would call the goroutine that fetches; so what is paused is put back behind
// the client's back.
func forget(cl *kgo.Client) {
	field := reflect.ValueOf(cl).Elem().FieldByName("consumer").FieldByName("paused")
	paused := (*atomic.Value)(unsafe.Pointer(field.UnsafeAddr()))
	before := paused.Load()
	cl.PauseFetchTopics("in")
	time.Sleep(200 * time.Millisecond) // for the fetch on its way
	paused.Store(before)
}

// TestIdleRewinds has clients set back twice in a row, as fast as they can. A
// bare one may then forget to fetch, on a machine with more to do than it can: in
// five processes at once, at a load of 17, 5 times in 366,294. A Source is woken.
// To look for both:
//
//	GOMAXPROCS=12 go test ./kafkaio -run IdleRewinds -idle=60s -v
func TestIdleRewinds(t *testing.T) {
	lasts := *idleFor
	if lasts == 0 {
		lasts = 500 * time.Millisecond
		alongside(t)
	}
	c := kafkatest.Start(t)
	c.Topic("in", 1)
	c.Produce(records(0, 100)...)
	if *idleFor > 0 {
		rounds, stalls := rewinds(c, lasts, func(cl *kgo.Client) poller {
			return func(ctx context.Context) int {
				defer cl.AllowRebalance()
				return cl.PollRecords(ctx, 1).NumRecords()
			}
		})
		t.Logf("a bare client: set back %d times, %d times without records", rounds, stalls)
	}
	rounds, stalls := rewinds(c, lasts, func(cl *kgo.Client) poller {
		s, err := kafkaio.NewSource(cl, kafkaio.SourceOptions{MaxRecords: 1})
		require.NoError(t, err)
		return func(ctx context.Context) int {
			defer s.Keep()
			in, err := s.Poll(ctx)
			assert.NoError(t, err)
			return len(in)
		}
	})
	t.Logf("Source: set back %d times, %d times without records", rounds, stalls)
	assert.Positive(t, rounds)
	assert.Zero(t, stalls)
}

type poller func(context.Context) int

// rewinds has six clients poll and be set back, and counts how often they were
// and how often nothing came within 10 s.
func rewinds(c *kafkatest.Cluster, lasts time.Duration, with func(*kgo.Client) poller) (rounds, stalls int64) {
	back := map[string]map[int32]kgo.EpochOffset{"in": {0: {Epoch: -1}}}
	end := time.Now().Add(lasts)
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			cl := member(c, kgo.ConsumerGroup(strconv.Itoa(i)))
			defer cl.CloseAllowingRebalance() // the next one of the group needs its partition
			poll := with(cl)
			for time.Now().Before(end) {
				ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
				if atomic.AddInt64(&rounds, 1); poll(ctx) == 0 {
					atomic.AddInt64(&stalls, 1)
					cl.ResumeFetchTopics()
				}
				cancel()
				cl.SetOffsets(back)
				cl.SetOffsets(back)
			}
		})
	}
	all.Wait()
	return rounds, stalls
}
