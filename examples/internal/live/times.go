package live

import "math"

// Response times are counted in 16 buckets of equal width for each doubling, from
// 2⁻¹⁰ s to 2¹⁰ s, which is about 1 ms to 17 minutes. The middle of a bucket is at most
// 1/32 of a value in it away from it. What is shorter is one bucket more, shown as 0;
// what is longer is counted in the last.
const (
	perDoubling  = 16
	shortestTime = 1.0 / 1024 // seconds
	longestTime  = 1024
	timeBuckets  = 1 + 20*perDoubling
)

// mantissaShift leaves of a float64 its exponent and the first four bits behind it.
const mantissaShift = 52 - 4

var firstTime = math.Float64bits(shortestTime) >> mantissaShift

// timeBucket returns the bucket of a time in seconds.
func timeBucket(seconds float64) int {
	if !(seconds >= shortestTime) {
		return 0
	}
	if seconds >= longestTime {
		return timeBuckets - 1
	}
	return 1 + int(math.Float64bits(seconds)>>mantissaShift-firstTime)
}

// bucketTime returns the middle of a bucket, in seconds.
func bucketTime(bucket int) float64 {
	if bucket == 0 {
		return 0
	}
	first := firstTime + uint64(bucket) - 1
	from, to := math.Float64frombits(first<<mantissaShift), math.Float64frombits((first+1)<<mantissaShift)
	return (from + to) / 2
}

// quantile returns the time that q of the n counted times do not exceed, by the
// nearest rank, in seconds. n is not 0.
func quantile(times *[timeBuckets]uint32, n uint32, q float64) float64 {
	left := uint32(math.Ceil(q * float64(n)))
	for bucket, count := range times {
		if count >= left {
			return bucketTime(bucket)
		}
		left -= count
	}
	return bucketTime(timeBuckets - 1)
}
