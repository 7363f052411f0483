package signed

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"unicode/utf8"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

var errDjango = fmt.Errorf("%w: not signed by Django", cookie.ErrMalformed)

// Django verifies the cookies of HttpResponse.set_signed_cookie (Django 3.1 and
// later): value : time stamp : signature. The time stamp is base 62, the
// signature base64url without padding of HMAC-SHA256 over what stands in front
// of it. The key follows from SECRET_KEY and from the cookie's name, so a
// cookie does not pass under another name.
//
// It gives the value as one string. Python's quoting of it, if any, stands
// around the whole: put cookie.Unquote in front.
type Django struct {
	Keys Keys   // Secrets: SECRET_KEY, then SECRET_KEY_FALLBACKS
	Salt string // the salt argument; default ""
	Age  Age    // the max_age argument

	// NoLegacySalt refuses keys derived as Django did before 5.2.15 and 6.0.6:
	// there, name and Salt could be cut apart in more than one way
	// (CVE-2026-6873). It is SIGNED_COOKIE_LEGACY_SALT_FALLBACK = False.
	// Default: both are tried, as Django does.
	NoLegacySalt bool
}

// Check implements what cookie.Check calls.
func (d Django) Check() error { return d.Keys.checkSecrets() }

// Bind implements cookie.Decoder.
func (d Django) Bind() cookie.DecodeFunc {
	if err := d.Check(); err != nil {
		return refuse(err)
	}
	// Keys follow from the name, and that hardly ever changes.
	var m *macs
	var of []byte
	return func(dst *cookie.Values, name, value []byte) error {
		if m == nil || !bytes.Equal(of, name) {
			of = append(of[:0], name...)
			m = newMACs(sha256.New, d.keys(string(name)))
		}
		text, err := openDjango(m, d.Age, value)
		if err != nil {
			return err
		}
		return dst.Add(nil, cookie.KindString, text)
	}
}

// keys derives the keys of a cookie as get_cookie_signer of
// django.core.signing does.
func (d Django) keys(name string) [][]byte {
	const prefix = "django.http.cookies"
	salt := fmt.Sprintf("%s.v2:%d:%s%s", prefix, utf8.RuneCountInString(d.Salt), d.Salt, name)
	keys := djangoKeys(d.Keys, salt, prefix)
	if !d.NoLegacySalt {
		keys = append(keys, djangoKeys(d.Keys, name+d.Salt, prefix)...)
	}
	return keys
}

// DjangoDumps verifies what django.core.signing.dumps returns (Django 3.1 and
// later), which the signed_cookies session backend uses too: payload : time
// stamp : signature, as for Django, under the key
// SHA256(Salt "signer" SECRET_KEY). The payload is JSON in base64url,
// compressed by zlib if it starts with a dot; it is inflated once it is
// verified, up to cookie.MaxDecoded bytes.
//
// It gives the JSON text as one string; chain cookie.JSON behind it to take it
// apart.
type DjangoDumps struct {
	Keys Keys // Secrets: SECRET_KEY, then SECRET_KEY_FALLBACKS
	// Salt is the salt argument. Default "django.core.signing", as there; for
	// sessions it is "django.contrib.sessions.backends.signed_cookies".
	Salt string
	Age  Age // the max_age argument
}

// Check implements what cookie.Check calls.
func (d DjangoDumps) Check() error { return d.Keys.checkSecrets() }

// Bind implements cookie.Decoder.
func (d DjangoDumps) Bind() cookie.DecodeFunc {
	if err := d.Check(); err != nil {
		return refuse(err)
	}
	salt := d.Salt
	if salt == "" {
		salt = "django.core.signing"
	}
	m, p := newMACs(sha256.New, djangoKeys(d.Keys, salt, "")), new(payloads)
	return func(dst *cookie.Values, _, value []byte) error {
		text, err := openDjango(m, d.Age, value)
		if err != nil {
			return err
		}
		return p.add(dst, text)
	}
}

// djangoKeys derives keys as salted_hmac of django.utils.crypto does.
func djangoKeys(keys Keys, salt, prefix string) [][]byte {
	var derived [][]byte
	for _, secret := range keys.secrets() {
		h := sha256.New()
		h.Write([]byte(salt + "signer" + prefix))
		h.Write(secret)
		derived = append(derived, h.Sum(nil))
	}
	return derived
}

// openDjango returns what stands in front of time stamp and signature, if both hold.
func openDjango(m *macs, age Age, value []byte) ([]byte, error) {
	body, sig, ok := cutLast(value, ':')
	text, stamp, ok2 := cutLast(body, ':')
	if !ok || !ok2 {
		return nil, errDjango
	}
	if !m.verify(sig, encodeURL, body) {
		return nil, errSignature
	}
	made, ok := base62(stamp)
	if !ok {
		return nil, errPayload
	}
	return text, age.check(made)
}

// base62 reads digits 0-9, A-Z, a-z, as django.core.signing.b62_decode does.
func base62(b []byte) (n int64, ok bool) {
	if len(b) == 0 || len(b) > 10 { // 62^10 < 2^63
		return 0, false
	}
	for _, c := range b {
		switch {
		case c-'0' <= 9:
			c -= '0'
		case c-'A' < 26:
			c -= 'A' - 10
		case c-'a' < 26:
			c -= 'a' - 36
		default:
			return 0, false
		}
		n = 62*n + int64(c)
	}
	return n, true
}
