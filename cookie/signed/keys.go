package signed

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"errors"
	"fmt"
)

// Keys are the keys that may have signed a value: the one in use first, then
// those that it replaced, for as long as their cookies live. Each is tried in
// turn.
//
// Keys is immutable and safe to share. Nothing prints what it holds: not String,
// not the verbs of package fmt, not an error.
type Keys struct {
	// A function, because package fmt can print no more than the address of
	// one, even where it cannot call String. It follows pointers for verbs
	// that do not suit them.
	ring func() *ring
}

type ring struct {
	secrets [][]byte
	public  []crypto.PublicKey
}

// Secrets returns the keys of a symmetric signature, copied.
func Secrets(secrets ...[]byte) Keys {
	r := new(ring)
	for _, s := range secrets {
		r.secrets = append(r.secrets, bytes.Clone(s))
	}
	return Keys{func() *ring { return r }}
}

// PublicKeys returns the keys of RS256 (*rsa.PublicKey, at least 2048 bits),
// ES256 (*ecdsa.PublicKey on P-256) or EdDSA (ed25519.PublicKey). They must not
// change any more.
func PublicKeys(keys ...crypto.PublicKey) Keys {
	r := &ring{public: append([]crypto.PublicKey(nil), keys...)}
	return Keys{func() *ring { return r }}
}

// String says how many keys there are.
func (k Keys) String() string {
	return fmt.Sprintf("signed.Keys(%d)", len(k.secrets())+len(k.public()))
}

// GoString says the same.
func (k Keys) GoString() string { return k.String() }

var (
	errNoKey    = errors.New("signed: no key")
	errEmptyKey = errors.New("signed: empty key")
	errKeyType  = errors.New("signed: key is not of the algorithm's type, or too weak")
)

func (k Keys) secrets() [][]byte {
	if k.ring == nil {
		return nil
	}
	return k.ring().secrets
}

func (k Keys) public() []crypto.PublicKey {
	if k.ring == nil {
		return nil
	}
	return k.ring().public
}

// checkSecrets returns what is wrong with k for a symmetric signature.
func (k Keys) checkSecrets() error {
	if len(k.public()) > 0 {
		return errKeyType // a public key taken for a secret is the classic attack
	}
	if len(k.secrets()) == 0 {
		return errNoKey
	}
	for _, s := range k.secrets() {
		if len(s) == 0 {
			return errEmptyKey
		}
	}
	return nil
}

// checkPublic returns what is wrong with k for a.
func (k Keys) checkPublic(a Algorithm) error {
	if len(k.secrets()) > 0 {
		return errKeyType
	}
	if len(k.public()) == 0 {
		return errNoKey
	}
	for _, key := range k.public() {
		if !fits(key, a) {
			return errKeyType
		}
	}
	return nil
}

func fits(key crypto.PublicKey, a Algorithm) bool {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return a == RS256 && key != nil && key.N != nil && key.N.BitLen() >= 2048 // RFC 7518 section 3.3
	case *ecdsa.PublicKey:
		return a == ES256 && key != nil && key.Curve == elliptic.P256()
	case ed25519.PublicKey:
		return a == EdDSA && len(key) == ed25519.PublicKeySize
	}
	return false
}
