package signed

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"hash"
	"math/big"
)

// Algorithm is how a JWT is signed (RFC 7518 section 3.1, RFC 8037 section 3.1).
// There is no "none".
type Algorithm uint8

// The algorithms. Zero is none of them.
const (
	HS256 Algorithm = 1 + iota // HMAC with SHA-256
	HS384                      // HMAC with SHA-384
	HS512                      // HMAC with SHA-512
	RS256                      // RSA PKCS #1 v1.5 with SHA-256
	ES256                      // ECDSA on P-256 with SHA-256
	EdDSA                      // Ed25519
)

var errNoAlgorithm = errors.New("signed: JWT without an algorithm")

// String returns the name that stands in a token's header.
func (a Algorithm) String() string {
	switch a {
	case HS256:
		return "HS256"
	case HS384:
		return "HS384"
	case HS512:
		return "HS512"
	case RS256:
		return "RS256"
	case ES256:
		return "ES256"
	case EdDSA:
		return "EdDSA"
	}
	return "unknown algorithm"
}

// verifier reports whether sig, as written, signs text.
type verifier func(text, sig []byte) bool

func (a Algorithm) verifier(keys Keys) verifier {
	switch a {
	case HS256:
		return hmacVerifier(sha256.New, keys)
	case HS384:
		return hmacVerifier(sha512.New384, keys)
	case HS512:
		return hmacVerifier(sha512.New, keys)
	}
	var raw []byte
	return func(text, sig []byte) bool {
		var ok bool
		if len(sig) > 4096 { // RSA with 16,384 bits needs 2,731
			return false
		}
		if raw, ok = decodeURL(raw[:0], sig); !ok {
			return false
		}
		for _, key := range keys.public() {
			if verifyPublic(key, text, raw) {
				return true
			}
		}
		return false
	}
}

func hmacVerifier(h func() hash.Hash, keys Keys) verifier {
	m := newMACs(h, keys.secrets())
	return func(text, sig []byte) bool { return m.verify(sig, encodeURL, text) }
}

// verifyPublic verifies under a key whose type and size Check has seen to.
func verifyPublic(key crypto.PublicKey, text, sig []byte) bool {
	switch key := key.(type) {
	case *rsa.PublicKey:
		sum := sha256.Sum256(text)
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], sig) == nil
	case *ecdsa.PublicKey:
		if len(sig) != 64 { // r and s, 32 bytes each
			return false
		}
		sum := sha256.Sum256(text)
		r, s := new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:])
		return ecdsa.Verify(key, sum[:], r, s)
	case ed25519.PublicKey:
		return ed25519.Verify(key, text, sig)
	}
	return false
}
