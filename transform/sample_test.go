package transform

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSampleRandom(t *testing.T) {
	lines := repeat(20000, func(int) string { return "a:1" })
	assert.Zero(t, count(kept(t, mustChain(t, SampleRandom(0, 1)), lines...)))
	assert.Len(t, lines, count(kept(t, mustChain(t, SampleRandom(1, 1)), lines...)))
	c := mustChain(t, SampleRandom(0.1, 42))
	first, second := kept(t, c, lines...), kept(t, c, lines...)
	assert.InDelta(t, 2000, count(first), 200)
	assert.NotEqual(t, first, second, "each worker has its own stream")
	again := mustChain(t, SampleRandom(0.1, 42))
	assert.Equal(t, first, kept(t, again, lines...), "the same seed, the same sample")
	assert.Equal(t, second, kept(t, again, lines...))
	assert.NotEqual(t, first, kept(t, mustChain(t, SampleRandom(0.1, 43)), lines...))
	assert.Equal(t, "SampleRandom(0.1, 42)", stageName(SampleRandom(0.1, 42)))
	refused(t, SampleRandom(-0.1, 1), SampleRandom(1.1, 1), SampleRandom(math.NaN(), 1), SampleRandom(math.Inf(1), 1))
}

func TestSampleByKey(t *testing.T) {
	for _, n := range []int{1, 2, 3, 10, 64, 100} {
		c := mustChain(t, SampleByKey("uid", n))
		lines := repeat(50000, func(i int) string { return fmt.Sprint("uid:", 100000+i) })
		got := kept(t, c, lines...)
		assert.InDelta(t, float64(len(lines))/float64(n), count(got), 5*math.Sqrt(float64(len(lines))/float64(n)), "1 in %d", n)
		assert.Equal(t, got, kept(t, mustChain(t, SampleByKey("uid", n)), lines...), "the same in every chain")
		want := 0
		for i := range lines {
			if SampleHash(fmt.Append(nil, 100000+i))%uint64(n) == 0 {
				want++
			}
		}
		assert.Equal(t, want, count(got))
	}
	assert.Equal(t, []bool{false, false, true}, kept(t, mustChain(t, NullTokens([]string{"-"}), SampleByKey("uid", 1)), "a:1", "uid:-", "uid:"))
	assert.Equal(t, []bool{true}, kept(t, mustChain(t, If(Exists("uid"), SampleByKey("uid", 2))), "a:1"))
	assert.Equal(t, `SampleByKey("uid", 10)`, stageName(SampleByKey("uid", 10)))
	refused(t, SampleByKey("", 2), SampleByKey("uid", 0), SampleByKey("uid", -1))
}

// TestSampleHash: values that other programs must find too, computed in Python by the
// formula of the doc comment.
func TestSampleHash(t *testing.T) {
	for key, want := range map[string]uint64{"": 0xefd01f60ba992926, "a": 0x82a2a958a9bece5b, "4840603": 0xdfc8aaf7f873f670, "203.0.113.77": 0x7fbecd15a3c5aa7a, "b67cf41b30f2d5a51e4052c8f895336f": 0x322db150ece261fd} {
		assert.Equal(t, want, SampleHash([]byte(key)), "%q", key)
	}
}

func FuzzSampleHash(f *testing.F) {
	f.Add([]byte("4840603"))
	f.Fuzz(func(t *testing.T, key []byte) {
		std := fnv.New64a()
		_, _ = std.Write(key)
		h := std.Sum64()
		h ^= h >> 33
		h *= 0xff51afd7ed558ccd
		h ^= h >> 33
		h *= 0xc4ceb9fe1a85ec53
		h ^= h >> 33
		if got := SampleHash(key); got != h {
			t.Fatalf("%q: %x, want %x", key, got, h)
		}
	})
}

func TestSamplePerGroup(t *testing.T) {
	c := mustChain(t, NullTokens([]string{"-"}), SamplePerGroup("status", 3, 100))
	lines := []string{"status:200", "status:500", "status:200", "status:200", "status:200", "a:1", "status:-", "a:1", "a:1", "status:", "status:500", "status:500", "status:500"}
	want := []bool{true, true, false, false, true, true, false, false, true, true, false, false, true}
	assert.Equal(t, want, kept(t, c, lines...))
	assert.Equal(t, want, kept(t, c, lines...), "each worker counts for itself")
	assert.Equal(t, len(lines), count(kept(t, mustChain(t, SamplePerGroup("status", 1, 1)), lines...)))
	assert.Equal(t, `SamplePerGroup("status", 3, 100)`, stageName(SamplePerGroup("status", 3, 100)))
	refused(t, SamplePerGroup("", 3, 1), SamplePerGroup("a", 0, 1), SamplePerGroup("a", 3, 0), SamplePerGroup("a", 3, maxKeys+1))
}

// TestSamplePerGroupAgainstMap: with room for twice as many groups as there are, what a
// map would do; with too little, never less than that, and no more memory.
func TestSamplePerGroupAgainstMap(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	lines := repeat(20000, func(int) string { return fmt.Sprint("g:", rnd.IntN(500)) })
	want, counts := 0, map[string]int{}
	for _, line := range lines {
		if counts[line]%10 == 0 {
			want++
		}
		counts[line]++
	}
	assert.InDelta(t, want, count(kept(t, mustChain(t, SamplePerGroup("g", 10, 8000)), lines...)), 5)
	assert.Greater(t, count(kept(t, mustChain(t, SamplePerGroup("g", 10, 8)), lines...)), want)
}

func TestKeyTable(t *testing.T) {
	table := newKeyTable[int](1)
	require.Len(t, table.sets, 1)
	for i := range keyWays {
		*table.of(str(fmt.Sprint(i)), true) = i + 1
	}
	*table.of(Null, true) = 99
	assert.Equal(t, 99, *table.of(Value{}, false), "no key has a place of its own")
	assert.Equal(t, 1, *table.of(str("0"), true)) // asked for again: now 1 is the oldest
	assert.Equal(t, 0, *table.of(str("new"), true))
	assert.Equal(t, 1, *table.of(str("0"), true))
	for i := 2; i < keyWays; i++ {
		assert.Equal(t, i+1, *table.of(str(fmt.Sprint(i)), true))
	}
	assert.Equal(t, 0, *table.of(str("1"), true), "it was forgotten")
	assert.Equal(t, 99, *table.of(Value{}, false))
}

func TestSamplesDoNotAllocate(t *testing.T) {
	allocatesNothing(t, append(repeat(100, func(i int) string { return fmt.Sprint("uid:", i) }), "a:1"),
		SampleRandom(0.9, 1), SamplePerGroup("uid", 2, 10), SampleByKey("uid", 2))
}
