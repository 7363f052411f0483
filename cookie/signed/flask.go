package signed

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"fmt"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

var errFlask = fmt.Errorf("%w: not a Flask session", cookie.ErrMalformed)

// Flask verifies the session cookie of Flask, made by itsdangerous
// (URLSafeTimedSerializer): payload . time stamp . signature, each base64url
// without padding. The signature is HMAC-SHA1 of what stands in front of it,
// under the key HMAC-SHA1(secret, Salt). The payload is JSON, compressed by
// zlib if it starts with a dot; it is inflated once it is verified, up to
// cookie.MaxDecoded bytes.
//
// It gives the JSON text as one string; chain cookie.JSON behind it to take it
// apart.
type Flask struct {
	Keys Keys   // Secrets: SECRET_KEY, then SECRET_KEY_FALLBACKS
	Salt string // default "cookie-session", that of Flask's sessions
	Age  Age    // PERMANENT_SESSION_LIFETIME
}

// Check implements what cookie.Check calls.
func (f Flask) Check() error { return f.Keys.checkSecrets() }

// Bind implements cookie.Decoder.
func (f Flask) Bind() cookie.DecodeFunc {
	if err := f.Check(); err != nil {
		return refuse(err)
	}
	salt := f.Salt
	if salt == "" {
		salt = "cookie-session"
	}
	var keys [][]byte
	for _, secret := range f.Keys.secrets() {
		mac := hmac.New(sha1.New, secret)
		mac.Write([]byte(salt))
		keys = append(keys, mac.Sum(nil))
	}
	m, p := newMACs(sha1.New, keys), new(payloads)
	var scratch []byte
	return func(dst *cookie.Values, _, value []byte) error {
		body, sig, ok := cutLast(value, '.')
		payload, stamp, ok2 := cutLast(body, '.')
		if !ok || !ok2 {
			return errFlask
		}
		if !m.verify(sig, encodeURL, body) {
			return errSignature
		}
		scratch, ok = decodeURL(scratch[:0], stamp)
		if !ok || len(scratch) > 8 {
			return errPayload
		}
		var made int64 // big-endian, as short as it can be
		for _, b := range scratch {
			made = made<<8 | int64(b)
		}
		if err := f.Age.check(made); err != nil {
			return err
		}
		return p.add(dst, payload)
	}
}

// cutLast slices b around the last sep.
func cutLast(b []byte, sep byte) (before, after []byte, found bool) {
	i := bytes.LastIndexByte(b, sep)
	if i < 0 {
		return nil, nil, false
	}
	return b[:i], b[i+1:], true
}
