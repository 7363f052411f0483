//go:build amd64 && !purego

package ltsv

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// eachIndexer runs f with the assembly and without.
func eachIndexer(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	t.Run("generic", func(t *testing.T) {
		defer func(was bool) { hasAVX2 = was }(hasAVX2)
		hasAVX2 = false
		f(t)
	})
	if hasAVX2 {
		t.Run("avx2", f)
	}
}

func requireAVX2(t testing.TB) {
	if !hasAVX2 {
		t.Skip("this processor has no AVX2, so there is no assembly to compare")
	}
}

// sameIndex compares the assembly with its twin on a line that lies at an offset
// in memory, with bytes around it that would be noticed if they were looked at.
func sameIndex(t testing.TB, line []byte, align int, around byte, limit int) {
	mem := make([]byte, align+len(line)+192)
	for i := range mem {
		mem[i] = around
	}
	placed := mem[64+align : 64+align+len(line)]
	copy(placed, line)
	want, wantOK := indexGeneric(placed, nil, limit)
	got, gotOK := indexAVX2(placed, nil, limit)
	if wantOK != gotOK {
		require.Equal(t, wantOK, gotOK, "line %q, alignment %d", line, align)
	}
	if !wantOK {
		return
	}
	if len(want) != len(got) {
		require.Equal(t, want, got, "line %q, alignment %d", line, align)
	}
	for i := range want {
		if want[i] != got[i] {
			require.Equal(t, want, got, "line %q, alignment %d", line, align)
		}
	}
}

func TestAssemblyEqualsGeneric(t *testing.T) {
	requireAVX2(t)
	rnd := rand.New(rand.NewPCG(3, 4))
	for n := 0; n <= 600; n++ {
		for align := range 64 {
			sameIndex(t, randomLine(rnd, n), align, "\t:x"[rnd.IntN(3)], DefaultMaxFields)
		}
	}
}

// TestAssemblyOnLongLines goes over the bounds of chunks and of the room for spans.
func TestAssemblyOnLongLines(t *testing.T) {
	requireAVX2(t)
	rnd := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		n := chunkSize*rnd.IntN(4) + rnd.IntN(140) - 70
		sameIndex(t, randomLine(rnd, max(n, 0)), rnd.IntN(64), '\t', 1<<20)
	}
	for fields := range 700 {
		var line []byte
		for range fields {
			line = append(line, "a:\t"...)
		}
		sameIndex(t, append(line, "z:"...), 0, ':', 1<<20)
	}
}

// TestAssemblyKeepsToItsRoom: what lies behind the room for spans stays as it was.
func TestAssemblyKeepsToItsRoom(t *testing.T) {
	requireAVX2(t)
	line := make([]byte, 0, 4*chunkSize)
	for len(line) < 2*chunkSize {
		line = append(line, "a:\t"...)
	}
	for room := minRoom; room < minRoom+300; room++ {
		spans := make([]span, room+64)
		for i := range spans {
			spans[i] = span{0xdeadbeef, 0xdeadbeef}
		}
		done, colons, ends, _ := indexBlocks(&line[0], chunkSize, 0, &spans[0], room, stateStart)
		assert.Positive(t, done)
		assert.LessOrEqual(t, max(colons, ends), room)
		for _, s := range spans[room:] {
			require.Equal(t, span{0xdeadbeef, 0xdeadbeef}, s, "room %d", room)
		}
	}
}

func FuzzAssembly(f *testing.F) {
	requireAVX2(f)
	for _, e := range edges {
		f.Add([]byte(e.line), uint8(0), uint8('\t'))
	}
	f.Fuzz(func(t *testing.T, line []byte, align, around uint8) {
		sameIndex(t, line, int(align)%64, around, DefaultMaxFields)
	})
}

// eachIndexerBench runs f with the assembly and without.
func eachIndexerBench(f func(suffix string)) {
	if hasAVX2 {
		f("/avx2")
	}
	defer func(was bool) { hasAVX2 = was }(hasAVX2)
	hasAVX2 = false
	f("/purego")
}
