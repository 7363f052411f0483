package live

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// near requires a time to be told within the documented error.
func near(t *testing.T, want, got float64) {
	t.Helper()
	if want < shortestTime {
		require.Zero(t, got)
		return
	}
	require.InEpsilon(t, min(want, longestTime), got, 1.0/32+1e-9)
}

func TestTimeBuckets(t *testing.T) {
	previous := 0
	for s := 1e-6; s < 2000; s *= 1.003 {
		b := timeBucket(s)
		require.GreaterOrEqual(t, b, previous)
		previous = b
		if s < longestTime {
			near(t, s, bucketTime(b))
		}
	}
	assert.Equal(t, timeBuckets-1, previous)
	for _, s := range []float64{0, math.Copysign(0, -1), -1, math.NaN(), math.Inf(-1)} {
		assert.Zero(t, timeBucket(s))
	}
	assert.Equal(t, timeBuckets-1, timeBucket(math.Inf(1)))
	assert.Equal(t, 1, timeBucket(shortestTime))
}
