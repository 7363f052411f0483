package kafkaio

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestArenaKeepsWhatItHandedOut(t *testing.T) {
	var a arena[byte]
	var kept [][]byte
	for i := range 100 {
		s := a.take(i, 64)
		for j := range s {
			s[j] = byte(i)
		}
		kept = append(kept, s)
	}
	for i, s := range kept {
		assert.Len(t, s, i)
		assert.Equal(t, i, cap(s), "what is handed out is clipped")
		for _, b := range s {
			assert.Equal(t, byte(i), b)
		}
	}
}

func TestArenaGoesBack(t *testing.T) {
	var a arena[byte]
	a.take(40, 64)
	m := a.mark()
	first := a.take(10, 64)
	a.take(1000, 64)
	a.take(60, 64)
	a.back(m)
	again := a.take(10, 64)
	assert.Same(t, &first[0], &again[0])
}

func TestArenaWipesWhatItGivesUp(t *testing.T) {
	var a arena[*int]
	n := new(int)
	fill := func(s []*int) []*int {
		for i := range s {
			s[i] = n
		}
		return s
	}
	before := fill(a.take(3, 4))
	m := a.mark()
	after := [][]*int{fill(a.take(1, 4)), fill(a.take(4, 4)), fill(a.take(9, 4)), fill(a.take(2, 4))}
	a.wipe(m)
	for _, s := range after {
		for _, p := range s {
			assert.Nil(t, p)
		}
	}
	for _, p := range before {
		assert.Same(t, n, p)
	}
}

func TestArenaResetBoundsWhatIsKept(t *testing.T) {
	var a arena[byte]
	a.take(100, 64) // longer than a chunk: not kept
	for range 2 * keepChunks {
		a.take(64, 64)
	}
	a.reset(64)
	assert.Len(t, a.chunks, keepChunks)
	for _, c := range a.chunks {
		assert.Equal(t, 64, cap(c))
	}
	assert.Equal(t, arenaMark{}, a.mark())
	assert.Zero(t, testing.AllocsPerRun(10, func() {
		for range keepChunks {
			a.take(64, 64)
		}
		a.reset(64)
	}))
}
