package transform

import (
	"errors"
	"fmt"
	"math"
	"time"
)

var (
	errPerSecond = errors.New("rate a second is not a number above zero")
	errBurst     = errors.New("burst is negative")
)

// RateLimit is a stage that lets through PerSecond records a second of each value of the
// label Key, and skips the others. Each key has a bucket of Burst tokens, full when the
// key is first met; a record takes one, and PerSecond of them come back in a second.
// Records without the label, or with null there, share one bucket.
//
// The buckets are the worker's own: a key that several workers meet gets the rate in
// each of them. The time is that of the clock and not of the record: the stage protects
// what comes behind the chain, and old records that are read again are held back like
// new ones.
type RateLimit struct {
	// Key is the label. If it is empty, all records have one bucket.
	Key string
	// PerSecond is the rate, which may be below 1. There is no default.
	PerSecond float64
	// Burst is how many records may come at once; default PerSecond, rounded up.
	Burst int
	// MaxKeys is about how many keys are remembered, at 32 bytes each, allocated when
	// the worker is made; default 65,536, at most 16,777,216. Beyond it, keys that were
	// not met for long are forgotten and start again with a full bucket. Keys share
	// places by chance, so this begins a little before MaxKeys; with twice the number of
	// keys that is expected it is rare.
	MaxKeys int
	// Now is the clock. Every worker calls it; default time.Now.
	Now func() time.Time
}

func (s RateLimit) String() string {
	text := fmt.Sprintf("RateLimit{Key: %q, PerSecond: %v", s.Key, s.PerSecond)
	if s.Burst != 0 {
		text += fmt.Sprintf(", Burst: %d", s.Burst)
	}
	if s.MaxKeys != 0 {
		text += fmt.Sprintf(", MaxKeys: %d", s.MaxKeys)
	}
	return text + "}"
}

// Bind implements [Stage].
func (s RateLimit) Bind(b *Binder) (func() Func, error) {
	if s.MaxKeys == 0 {
		s.MaxKeys = 1 << 16
	}
	if s.Key == "" {
		s.MaxKeys = 1
	}
	switch {
	case !(s.PerSecond > 0) || math.IsInf(s.PerSecond, 1): // NaN is not above zero
		return nil, errPerSecond
	case s.Burst < 0:
		return nil, errBurst
	case s.MaxKeys < 1 || s.MaxKeys > maxKeys:
		return nil, errMaxKeys
	}
	full := float64(s.Burst)
	if s.Burst == 0 {
		full = math.Ceil(s.PerSecond)
	}
	key := func(*Record) (Value, bool) { return Value{}, false }
	if s.Key != "" {
		slot := b.Slot(s.Key)
		key = func(r *Record) (Value, bool) { return r.Value(slot) }
	}
	return func() Func {
		elapsed := stopwatch(s.Now)
		buckets := newKeyTable[bucket](s.MaxKeys)
		return func(r *Record) error {
			if buckets.of(key(r)).take(elapsed().Seconds(), s.PerSecond, full) {
				return nil
			}
			return ErrSkip
		}
	}, nil
}

// stopwatch returns how long ago it was called, by the clock now or by time.Now, of
// which time.Since needs only the half.
func stopwatch(now func() time.Time) func() time.Duration {
	if now == nil {
		start := time.Now()
		return func() time.Duration { return time.Since(start) }
	}
	start := now()
	return func() time.Duration { return now().Sub(start) }
}

// A bucket keeps how many tokens were taken and have not come back: the zero bucket
// is full.
type bucket struct {
	taken float64
	at    float64 // seconds since the worker was made
}

func (b *bucket) take(now, perSecond, full float64) bool {
	if now > b.at { // a clock that was set back gives nothing
		b.taken = max(0, b.taken-(now-b.at)*perSecond)
		b.at = now
	}
	if b.taken+1 > full {
		return false
	}
	b.taken++
	return true
}
