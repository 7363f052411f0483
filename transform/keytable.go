package transform

import (
	"hash/maphash"
	"math/bits"
)

const (
	keyWays = 8
	maxKeys = 1 << 24
)

// A keyTable remembers something of each key, of a bounded number of keys, for one
// worker. It keeps a hash of a key and not the key, so it never grows and never
// allocates; that two keys have one hash of 64 bits does not happen. The hash is
// seeded by chance: nobody can pick keys that drive out those of others.
//
// A key has keyWays places where it may be. If others have them all, the one that was
// asked for the longest ago is forgotten.
type keyTable[T any] struct {
	seed  maphash.Seed
	sets  [][keyWays]keyEntry[T]
	clock uint64
	none  T // of the records without a key
}

type keyEntry[T any] struct {
	hash  uint64
	asked uint64 // the clock of the last time, 0 if the place is free
	of    T
}

func newKeyTable[T any](keys int) *keyTable[T] {
	return &keyTable[T]{seed: maphash.MakeSeed(), sets: make([][keyWays]keyEntry[T], (keys+keyWays-1)/keyWays)}
}

// of returns what is remembered of the value at a key's label, the zero T if nothing
// is. It is valid until of is called again.
func (t *keyTable[T]) of(v Value, there bool) *T {
	if !there || v.Kind == KindNull {
		return &t.none
	}
	hash := maphash.Bytes(t.seed, v.Bytes)
	at, _ := bits.Mul64(hash, uint64(len(t.sets)))
	set := &t.sets[at]
	t.clock++
	oldest := &set[0]
	for i := range set {
		e := &set[i]
		if e.hash == hash && e.asked > 0 {
			e.asked = t.clock
			return &e.of
		}
		if e.asked < oldest.asked {
			oldest = e
		}
	}
	*oldest = keyEntry[T]{hash: hash, asked: t.clock}
	return &oldest.of
}
