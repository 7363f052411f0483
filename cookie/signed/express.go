package signed

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

var errExpress = fmt.Errorf("%w: not an Express signed cookie", cookie.ErrMalformed)

// Express verifies the signed cookies of Express (cookie-parser, and
// express-session's connect.sid): s: value . signature, where the signature is
// the base64 without padding of HMAC-SHA256(secret, value), as npm's
// cookie-signature 1.x writes it. Express percent-encodes the whole, so decode
// that first:
//
//	cookie.Chain(cookie.Percent{}, signed.Express{Keys: keys})
//
// It gives the value as one string. There is no time stamp and the cookie's
// name is not signed: one cookie's value passes under another name. Nor is the
// percent-encoding, which can be spelt in more than one way (%3a, %3A).
type Express struct {
	Keys Keys // Secrets, as they stand in the secret option
}

// Check implements what cookie.Check calls.
func (e Express) Check() error { return e.Keys.checkSecrets() }

// Bind implements cookie.Decoder.
func (e Express) Bind() cookie.DecodeFunc {
	if err := e.Check(); err != nil {
		return refuse(err)
	}
	m := newMACs(sha256.New, e.Keys.secrets())
	return func(dst *cookie.Values, _, value []byte) error {
		value, ok := bytes.CutPrefix(value, []byte("s:"))
		dot := bytes.LastIndexByte(value, '.')
		if !ok || dot < 0 {
			return errExpress
		}
		value, sig := value[:dot], value[dot+1:]
		if !m.verify(sig, encodeStd, value) {
			return errSignature
		}
		return dst.Add(nil, cookie.KindString, value)
	}
}

// refuse is the DecodeFunc of a decoder whose Check failed.
func refuse(err error) cookie.DecodeFunc {
	return func(*cookie.Values, []byte, []byte) error { return err }
}
