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

// SampleByKey keeps the records of one in n of the keys that label has, all records of
// these, and skips the others: of visitors, sessions or traces whole ones remain. The
// choice depends on the key alone, so it is the same in every process, and of two
// chains with the same n both keep the same keys, whatever the label. A key is kept if
// [SampleHash] of its text is a multiple of n.
//
// A record without the key, or with null there, is of no key and is skipped; with
// If(Exists(label), …) it is kept. An empty string is a key. The stage has no state.
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
// alone would choose badly, behind the finalizer of MurmurHash3. In other languages,
// with unsigned numbers of 64 bits that wrap around:
//
//	h = 0xcbf29ce484222325
//	for each byte c of the key: h = (h XOR c) * 0x100000001b3
//	h = (h XOR (h >> 33)) * 0xff51afd7ed558ccd
//	h = (h XOR (h >> 33)) * 0xc4ceb9fe1a85ec53
//	h = h XOR (h >> 33)
//
// It will not change. It is no protection: who knows the key finds the hash, and who
// picks keys can pick those that are kept.
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
// then every nth, and skips those in between. So of every group something is kept, the
// rare ones too. Records without the label, or with null there, are one group together.
//
// It holds state in the worker, a counter for each group: two workers count apart, and
// the groups should not be spread over them more than needed. Of about maxGroups
// groups, 16,777,216 at most, the counters are remembered, in 24 bytes each, which are
// taken when the worker is made. Of more groups those that were not met for long are
// forgotten: their next record is their first again, and is kept. Since groups share
// the places by chance, that begins a little before maxGroups; twice the number that
// is expected leaves nearly all alone.
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
