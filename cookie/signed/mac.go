package signed

import (
	"crypto/hmac"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

var (
	errSignature = fmt.Errorf("%w: signature", cookie.ErrUnverified)
	errExpired   = fmt.Errorf("%w: too old, or from the future", cookie.ErrUnverified)
)

// macs are the bound HMACs of several keys. A signature is compared as it is
// written: what is computed is encoded, not what was sent decoded. So there is
// exactly one way to write a signature that passes, whatever decoders tolerate.
type macs struct {
	each []hash.Hash
	sum  []byte
	text []byte
}

func newMACs(h func() hash.Hash, keys [][]byte) *macs {
	m := new(macs)
	for _, key := range keys {
		m.each = append(m.each, hmac.New(h, key))
	}
	m.sum = make([]byte, 0, 64)
	m.text = make([]byte, 128)
	return m
}

// verify reports whether sig is the MAC of the parts, one behind the other,
// under any key, written by encode. The comparison takes the same time
// wherever they differ.
func (m *macs) verify(sig []byte, encode func(dst, sum []byte) int, parts ...[]byte) bool {
	for _, mac := range m.each {
		mac.Reset()
		for _, p := range parts {
			mac.Write(p)
		}
		n := encode(m.text, mac.Sum(m.sum))
		if subtle.ConstantTimeCompare(m.text[:n], sig) == 1 {
			return true
		}
	}
	return false
}

func encodeStd(dst, sum []byte) int {
	base64.RawStdEncoding.Encode(dst, sum)
	return base64.RawStdEncoding.EncodedLen(len(sum))
}

func encodeURL(dst, sum []byte) int {
	base64.RawURLEncoding.Encode(dst, sum)
	return base64.RawURLEncoding.EncodedLen(len(sum))
}

func encodeHex(dst, sum []byte) int { return hex.Encode(dst, sum) }

func encodeRaw(dst, sum []byte) int { return copy(dst, sum) }
