package signed

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

var errGorilla = fmt.Errorf("%w: not a gorilla/securecookie", cookie.ErrMalformed)

// Gorilla verifies the signed (not encrypted) cookies of
// github.com/gorilla/securecookie and so of gorilla/sessions: the base64url of
// date | base64url | mac, where mac is HMAC-SHA256 over the cookie's name, date
// and payload, so a cookie does not pass under another name.
//
// It gives the payload as one string: JSON with securecookie.JSONEncoder, the
// bytes themselves with NopEncoder. The default, gob, comes as the bytes that
// it is.
type Gorilla struct {
	Keys Keys // Secrets: hash keys
	Age  Age  // gorilla's own default is 30 days
}

// Check implements what cookie.Check calls.
func (g Gorilla) Check() error { return g.Keys.checkSecrets() }

// Bind implements cookie.Decoder.
func (g Gorilla) Bind() cookie.DecodeFunc {
	if err := g.Check(); err != nil {
		return refuse(err)
	}
	enc := base64.URLEncoding.Strict()
	m := newMACs(sha256.New, g.Keys.secrets())
	bar := []byte("|")
	var outer, inner []byte
	return func(dst *cookie.Values, name, value []byte) error {
		if len(value) > 2*cookie.MaxDecoded {
			return errInflate
		}
		var ok bool
		if outer, ok = decode64(enc, outer[:0], value); !ok {
			return errGorilla
		}
		date, rest, ok := bytes.Cut(outer, bar)
		payload, mac, ok2 := bytes.Cut(rest, bar) // the mac may hold bars too
		if !ok || !ok2 {
			return errGorilla
		}
		signed := outer[:len(date)+1+len(payload)]
		if !m.verify(mac, encodeRaw, name, bar, signed) {
			return errSignature
		}
		made, ok := decimal(date)
		if !ok {
			return errPayload
		}
		if err := g.Age.check(made); err != nil {
			return err
		}
		if inner, ok = decode64(enc, inner[:0], payload); !ok {
			return errPayload
		}
		return dst.Add(nil, cookie.KindString, inner)
	}
}

// decimal reads up to 18 digits.
func decimal(b []byte) (n int64, ok bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	for _, c := range b {
		if c-'0' > 9 {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, true
}
