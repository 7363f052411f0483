package kafkaio

import "slices"

// keepChunks bounds what an arena holds on to between two batches.
const keepChunks = 64

// An arena is append-only memory in chunks of equal length. What it handed
// out never moves: a full chunk is left where it is and the next one begun,
// because records on their way to the broker point into it. A zero arena is
// ready for use.
type arena[T any] struct {
	chunks [][]T // length 0; everything before chunks[cur] is in use
	cur    int
	off    int // how much of chunks[cur] is in use
}

// An arenaMark is a place to go back to.
type arenaMark struct{ cur, off int }

func (a *arena[T]) mark() arenaMark { return arenaMark{a.cur, a.off} }

// room returns an empty slice with space for need elements at least, in place:
// the memory is in use only once advance says so. A chunk has chunk elements,
// or need if that is more.
func (a *arena[T]) room(need, chunk int) []T {
	for a.cur < len(a.chunks) {
		c := a.chunks[a.cur]
		if cap(c)-a.off >= need {
			return c[a.off:a.off]
		}
		if a.off == 0 {
			break // unused, but too small: a larger chunk goes before it
		}
		a.cur++
		a.off = 0
	}
	c := make([]T, 0, max(need, chunk))
	a.chunks = slices.Insert(a.chunks, a.cur, c)
	return c
}

// peek returns the free rest of the current chunk, or nil.
func (a *arena[T]) peek() []T {
	if a.cur >= len(a.chunks) {
		return nil
	}
	return a.chunks[a.cur][a.off:a.off]
}

func (a *arena[T]) advance(n int) { a.off += n }

// take returns n elements, clipped, as the last user left them.
func (a *arena[T]) take(n, chunk int) []T {
	s := a.room(n, chunk)[:n:n]
	a.advance(n)
	return s
}

// back gives up everything since m.
func (a *arena[T]) back(m arenaMark) { a.cur, a.off = m.cur, m.off }

// wipe zeroes everything since m, so that it keeps nothing else alive.
func (a *arena[T]) wipe(m arenaMark) {
	for i := m.cur; i <= a.cur && i < len(a.chunks); i++ {
		from, to := 0, cap(a.chunks[i])
		if i == m.cur {
			from = m.off
		}
		if i == a.cur {
			to = a.off
		}
		clear(a.chunks[i][from:to])
	}
}

// reset makes the arena empty. It keeps up to keepChunks chunks of the usual
// length and lets the others go.
func (a *arena[T]) reset(chunk int) {
	a.chunks = slices.DeleteFunc(a.chunks, func(c []T) bool { return cap(c) != chunk })
	if len(a.chunks) > keepChunks {
		clear(a.chunks[keepChunks:])
		a.chunks = a.chunks[:keepChunks]
	}
	a.cur, a.off = 0, 0
}
