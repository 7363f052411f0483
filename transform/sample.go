package transform

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
)

var (
	errRate    = errors.New("rate is not from 0 to 1")
	errOneOf   = errors.New("one of less than one")
	errMaxKeys = errors.New("number of keys to remember is not from 1 to 16,777,216")
)

// SampleRandom keeps a record with the probability rate, from 0 to 1, and skips the
// others. It holds state in the worker, a generator of random numbers: that of the
// first worker of a chain is made of seed and 0, of the second of seed and 1, and so
// on. So the same lines through one worker give the same sample again; through several
// workers only if each gets the same lines again.
func SampleRandom(rate float64, seed uint64) Stage { return sampleRandom{rate, seed} }

type sampleRandom struct {
	rate float64
	seed uint64
}

func (s sampleRandom) String() string { return fmt.Sprintf("SampleRandom(%v, %d)", s.rate, s.seed) }

func (s sampleRandom) Bind(*Binder) (func() Func, error) {
	if !(0 <= s.rate && s.rate <= 1) { // NaN is neither
		return nil, errRate
	}
	below := uint64(s.rate * (1 << 53))
	var workers atomic.Uint64
	return func() Func {
		random := rand.NewPCG(s.seed, workers.Add(1)-1)
		return func(*Record) error {
			if random.Uint64()>>11 < below {
				return nil
			}
			return ErrSkip
		}
	}, nil
}

// SampleByKey keeps all records of one in n of the keys under label, and skips the
// others: whole visitors, sessions or traces remain. The choice depends on the key
// alone, so it is the same in every process, and chains with the same n keep the same
// keys, whatever the label. A key is kept if [SampleHash] of its text is a multiple of
// n.
//
// A record without the label, or with null there, has no key and is skipped; inside of
// If(Exists(label), …) records without the label are kept. An empty string is a key. The
// stage has no state.
func SampleByKey(label string, n int) Stage { return sampleByKey{label, n} }

type sampleByKey struct {
	label string
	n     int
}

func (s sampleByKey) String() string { return fmt.Sprintf("SampleByKey(%q, %d)", s.label, s.n) }

func (s sampleByKey) Bind(b *Binder) (func() Func, error) {
	switch {
	case s.label == "":
		return nil, errNoLabel
	case s.n < 1:
		return nil, errOneOf
	}
	slot, n := b.Slot(s.label), uint64(s.n)
	f := func(r *Record) error {
		if v, ok := r.Value(slot); ok && v.Kind != KindNull && SampleHash(v.Bytes)%n == 0 {
			return nil
		}
		return ErrSkip
	}
	return func() Func { return f }, nil
}

// SampleHash is the hash by which [SampleByKey] chooses: 64-bit FNV-1a, whose low bits
// alone would choose badly, followed by the finalizer of MurmurHash3. In other
// languages, with unsigned numbers of 64 bits that wrap around:
//
//	h = 0xcbf29ce484222325
//	for each byte c of the key: h = (h XOR c) * 0x100000001b3
//	h = (h XOR (h >> 33)) * 0xff51afd7ed558ccd
//	h = (h XOR (h >> 33)) * 0xc4ceb9fe1a85ec53
//	h = h XOR (h >> 33)
//
// It will not change. It is no protection: anybody can compute it, and so pick keys that
// are kept.
func SampleHash(key []byte) uint64 {
	h := uint64(0xcbf29ce484222325)
	for _, c := range key {
		h = (h ^ uint64(c)) * 0x100000001b3
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// SamplePerGroup keeps, of the records that have the same value at label, the first and
// then every nth, and skips those in between. So something is kept of every group, also
// of rare ones. Records without the label, or with null there, are one group.
//
// The counters of the groups are the worker's own: two workers count apart, so records
// of a group should come to the same worker where possible. About maxGroups groups, at
// most 16,777,216, are remembered, at 24 bytes each, allocated when the worker is made.
// Beyond it, groups that were not met for long are forgotten: their next record counts
// as their first and is kept. Groups share places by chance, so this begins a little
// before maxGroups; with twice the number of groups that is expected it is rare.
func SamplePerGroup(label string, n, maxGroups int) Stage {
	return samplePerGroup{label, n, maxGroups}
}

type samplePerGroup struct {
	label        string
	n, maxGroups int
}

func (s samplePerGroup) String() string {
	return fmt.Sprintf("SamplePerGroup(%q, %d, %d)", s.label, s.n, s.maxGroups)
}

func (s samplePerGroup) Bind(b *Binder) (func() Func, error) {
	switch {
	case s.label == "":
		return nil, errNoLabel
	case s.n < 1:
		return nil, errOneOf
	case s.maxGroups < 1 || s.maxGroups > maxKeys:
		return nil, errMaxKeys
	}
	slot, n := b.Slot(s.label), uint64(s.n)
	return func() Func {
		groups := newKeyTable[uint64](s.maxGroups)
		return func(r *Record) error {
			left := groups.of(r.Value(slot)) // to skip until one is kept
			if *left > 0 {
				*left--
				return ErrSkip
			}
			*left = n - 1
			return nil
		}
	}, nil
}
