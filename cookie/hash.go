package cookie

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
)

var errHashKey = errors.New("cookie: KeyedHash without a key")

// KeyedHash gives, in place of the value, the first 128 bits of its
// HMAC-SHA256 under key, as 32 hex digits. Equal values stay equal, also in
// different cookies, so records can still be joined; without the key nobody
// finds a value by trying them all, which a plain hash of an id allows.
//
// The key is copied and never printed. Check tells of an empty one.
func KeyedHash(key []byte) Decoder {
	key = bytes.Clone(key)
	return keyedHash{func() []byte { return key }}
}

// The key is the result of a function, because package fmt can print no more
// than the address of one. It follows pointers for verbs that do not suit them.
type keyedHash struct{ key func() []byte }

func (k keyedHash) Check() error {
	if len(k.key()) == 0 {
		return errHashKey
	}
	return nil
}

func (k keyedHash) Bind() DecodeFunc {
	if err := k.Check(); err != nil {
		return refuse(err)
	}
	mac := hmac.New(sha256.New, k.key())
	sum := make([]byte, 0, sha256.Size)
	text := make([]byte, 32)
	return func(dst *Values, _, value []byte) error {
		mac.Reset()
		mac.Write(value)
		hex.Encode(text, mac.Sum(sum)[:16])
		return dst.Add(nil, KindString, text)
	}
}

func (k keyedHash) String() string { return "cookie.KeyedHash" }
