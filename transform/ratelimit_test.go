package transform

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A testClock stands still until it is moved.
type testClock struct{ now time.Time }

func (c *testClock) Now() time.Time { return c.now }

func TestRateLimit(t *testing.T) {
	clock := &testClock{time.Unix(1795363249, 0)}
	c := mustChain(t, NullTokens([]string{"-"}), RateLimit{Key: "host", PerSecond: 2, Burst: 3, Now: clock.Now})
	w := c.NewWorker(LTSV{})
	let := func(line string, times int) int {
		n := 0
		for range times {
			if _, err := w.Process([]byte(line)); err == nil {
				n++
			} else {
				require.Equal(t, ErrSkip, err)
			}
		}
		return n
	}
	assert.Equal(t, 3, let("host:a", 10), "a full bucket")
	assert.Equal(t, 3, let("host:b", 10), "each key has its own")
	assert.Equal(t, 2, let("x:1", 2))
	assert.Equal(t, 1, let("host:-", 10), "no key and null are one")
	assert.Equal(t, 3, let("host:", 10), "empty is a key")
	clock.now = clock.now.Add(time.Second)
	assert.Equal(t, 2, let("host:a", 10), "two came back")
	clock.now = clock.now.Add(time.Hour)
	assert.Equal(t, 3, let("host:a", 10), "no more than the bucket holds")
	clock.now = clock.now.Add(-time.Hour)
	assert.Equal(t, 0, let("host:a", 10), "a clock set back gives nothing")
	clock.now = clock.now.Add(time.Hour + 400*time.Millisecond)
	assert.Equal(t, 0, let("host:a", 10))
	clock.now = clock.now.Add(100 * time.Millisecond)
	assert.Equal(t, 1, let("host:a", 10))
	other := c.NewWorker(LTSV{})
	_, err := other.Process([]byte("host:a"))
	assert.NoError(t, err, "each worker has its own buckets")
	assert.Equal(t, w.Stats().In, w.Stats().Out+w.Stats().Skipped)
}

func TestRateLimitDefaults(t *testing.T) {
	lines := repeat(10, func(i int) string { return fmt.Sprint("host:", i) })
	assert.Equal(t, 1, count(kept(t, mustChain(t, RateLimit{PerSecond: 0.001}), lines...)), "one bucket for all")
	assert.Equal(t, 10, count(kept(t, mustChain(t, RateLimit{Key: "host", PerSecond: 0.001}), lines...)))
	assert.Equal(t, "RateLimit{Key: \"host\", PerSecond: 0.5}", stageName(RateLimit{Key: "host", PerSecond: 0.5}))
	assert.Equal(t, "RateLimit{Key: \"host\", PerSecond: 5, Burst: 9, MaxKeys: 100}", stageName(RateLimit{Key: "host", PerSecond: 5, Burst: 9, MaxKeys: 100, Now: time.Now}))
	refused(t, RateLimit{}, RateLimit{PerSecond: -1}, RateLimit{PerSecond: math.NaN()}, RateLimit{PerSecond: math.Inf(1)},
		RateLimit{PerSecond: 1, Burst: -1}, RateLimit{Key: "a", PerSecond: 1, MaxKeys: -1}, RateLimit{Key: "a", PerSecond: 1, MaxKeys: maxKeys + 1})
}

// TestRateLimitIsBounded: a flood of keys takes no memory; what is forgotten begins
// with a full bucket.
func TestRateLimitIsBounded(t *testing.T) {
	clock := &testClock{time.Unix(0, 0)}
	c := mustChain(t, RateLimit{Key: "k", PerSecond: 1, MaxKeys: keyWays, Now: clock.Now})
	lines := repeat(1000, func(i int) string { return fmt.Sprint("k:", i) })
	assert.Equal(t, 1000, count(kept(t, c, lines...)))
	assert.Equal(t, []bool{true, false}, kept(t, c, "k:a", "k:a"))
	allocatesNothing(t, lines, RateLimit{Key: "k", PerSecond: 1, MaxKeys: 64})
}

// TestBucket: over any stretch of time no more comes through than bucket and rate give.
func TestBucket(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		rate, full := 10*rnd.Float64(), float64(1+rnd.IntN(20))
		var b bucket
		now, let := 0.0, 0
		for range 500 {
			now += rnd.ExpFloat64() / (rate + 1)
			if b.take(now, rate, full) {
				let++
			}
		}
		require.LessOrEqual(t, float64(let), full+now*rate+1e-6)
		require.GreaterOrEqual(t, float64(let), full)
	}
}
