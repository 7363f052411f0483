package transform

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

var (
	errNoKey = errors.New("key is empty")
	errTwice = errors.New("a label is given twice")
)

// HashKeyed replaces the values under labels by the first 128 bits of their
// HMAC-SHA256 under key, as a string of 32 hex digits. Equal values stay equal, under
// any label, so records can still be joined; without the key nobody finds a value by
// trying them all, which a plain hash of an address or an id allows.
//
// What is hashed is the text of the value, whatever its kind: the string 7 and the
// number 7 give the same, the numbers 7 and 7.0 do not. An empty string is hashed as
// any other. Null stays null, and a label that is not there gives nothing. The stage
// cannot fail.
//
// The key is copied and never printed; an empty one is an error of the chain. It
// should have 16 bytes or more of a random source.
func HashKeyed(key []byte, labels ...string) Stage {
	key = bytes.Clone(key)
	return hashKeyed{func() []byte { return key }, labels}
}

// The key is the result of a function, because package fmt can print no more than the
// address of one. It follows pointers for verbs that do not suit them.
type hashKeyed struct {
	key    func() []byte
	labels []string
}

func (s hashKeyed) String() string { return "HashKeyed(key" + quoted(s.labels) + ")" }

func (s hashKeyed) Bind(b *Binder) (func() Func, error) {
	if len(s.key()) == 0 {
		return nil, errNoKey
	}
	slots, err := labelSlots(b, s.labels)
	if err != nil {
		return nil, err
	}
	seen := make(map[Slot]bool, len(slots))
	for _, slot := range slots {
		if seen[slot] {
			return nil, errTwice // the hash of a hash joins with nothing
		}
		seen[slot] = true
	}
	return func() Func {
		mac := hmac.New(sha256.New, s.key())
		sum := make([]byte, 0, sha256.Size)
		return func(r *Record) error {
			for _, slot := range slots {
				v, ok := r.Value(slot)
				if !ok || v.Kind == KindNull {
					continue
				}
				mac.Reset()
				mac.Write(v.Bytes)
				const bytes = 16
				text := r.Alloc(hex.EncodedLen(bytes))
				hex.Encode(text, mac.Sum(sum)[:bytes])
				r.SetValue(slot, String(text))
			}
			return nil
		}
	}, nil
}
