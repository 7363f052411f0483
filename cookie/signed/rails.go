package signed

import (
	"bytes"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"time"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

var (
	errRails   = fmt.Errorf("%w: not a Rails signed cookie", cookie.ErrMalformed)
	errPurpose = fmt.Errorf("%w: signed for another purpose", cookie.ErrUnverified)
)

// Digest is a hash that Rails can be set to.
type Digest uint8

// SHA1 is Rails' default up to 6.1, SHA256 that of 7.0.
const (
	SHA1 Digest = iota
	SHA256
)

func (d Digest) new() func() hash.Hash {
	if d == SHA256 {
		return sha256.New
	}
	return sha1.New
}

// Rails verifies the signed (not encrypted) cookies of Ruby on Rails up to 7.0,
// as ActiveSupport::MessageVerifier writes them: base64 -- signature, where the
// signature is the HMAC of the base64 in hex. The key is derived from
// secret_key_base by PBKDF2. Rack percent-encodes the whole, so decode that
// first:
//
//	cookie.Chain(cookie.Percent{}, signed.Rails{Keys: keys}, cookie.JSON{})
//
// If the text is an envelope {"_rails":{"message","exp","pur"}}, as since Rails
// 5.2, its expiry and purpose are checked and the message is taken out. It
// gives the text as one string: JSON, with the default serializer of cookies.
// What Ruby's Marshal wrote comes as the bytes that it is.
type Rails struct {
	Keys Keys // Secrets: secret_key_base, then older ones

	// Digest signs: config.action_dispatch.signed_cookie_digest. Default SHA1.
	Digest Digest

	// KeyDigest derives the key: config.active_support.key_generator_hash_digest_class.
	// Default SHA1.
	KeyDigest Digest

	// Salt derives the key: config.action_dispatch.signed_cookie_salt.
	// Default "signed cookie".
	Salt string

	// Derived says that Keys are those of a MessageVerifier: nothing is
	// derived from them.
	Derived bool

	// Purpose is what the envelope must say it is for, if it says anything.
	// Default "cookie." and the cookie's name, which is what Rails writes.
	Purpose string

	// Now is the clock for the envelope's expiry. Default time.Now.
	Now func() time.Time
}

// Check implements what cookie.Check calls.
func (r Rails) Check() error { return r.Keys.checkSecrets() }

// Bind implements cookie.Decoder. It derives the keys, about a millisecond each.
func (r Rails) Bind() cookie.DecodeFunc {
	keys, err := r.keys()
	if err != nil {
		return refuse(err)
	}
	b := &boundRails{Rails: r, macs: newMACs(r.Digest.new(), keys), json: cookie.JSON{}.Bind()}
	return b.decode
}

func (r Rails) keys() ([][]byte, error) {
	if err := r.Check(); err != nil || r.Derived {
		return r.Keys.secrets(), err
	}
	salt := r.Salt
	if salt == "" {
		salt = "signed cookie"
	}
	var keys [][]byte
	for _, secret := range r.Keys.secrets() {
		// ActiveSupport::KeyGenerator: 1000 rounds, 64 bytes.
		key, err := pbkdf2.Key(r.KeyDigest.new(), string(secret), []byte(salt), 1000, 64)
		if err != nil {
			return nil, errNoKey // and not err, which might say more
		}
		keys = append(keys, key)
	}
	return keys, nil
}

type boundRails struct {
	Rails
	macs     *macs
	json     cookie.DecodeFunc
	text     []byte
	message  []byte
	envelope cookie.Values
}

func (b *boundRails) decode(dst *cookie.Values, name, value []byte) error {
	i := bytes.LastIndex(value, []byte("--"))
	if i < 0 {
		return errRails
	}
	data, sig := value[:i], value[i+2:]
	if len(data) > 2*cookie.MaxDecoded {
		return errInflate
	}
	if !b.macs.verify(sig, encodeHex, data) {
		return errSignature
	}
	text, ok := decode64(base64.StdEncoding.Strict(), b.text[:0], data)
	if b.text = text; !ok {
		return errPayload
	}
	if bytes.HasPrefix(text, []byte(`{"_rails":`)) {
		var err error
		if text, err = b.open(name, text); err != nil {
			return err
		}
	}
	return dst.Add(nil, cookie.KindString, text)
}

// open checks an envelope and returns its message.
func (b *boundRails) open(name, text []byte) ([]byte, error) {
	b.envelope.Reset()
	if err := b.json(&b.envelope, nil, text); err != nil {
		return nil, errPayload
	}
	message, ok := b.envelope.Get("_rails.message")
	if !ok || message.Kind != cookie.KindString {
		return nil, errPayload
	}
	if exp, ok := b.envelope.Get("_rails.exp"); ok && exp.Kind != cookie.KindNull {
		until, err := time.Parse(time.RFC3339, string(exp.Bytes))
		if err != nil {
			return nil, errPayload
		}
		if !clock(b.Now).Before(until) {
			return nil, errExpired
		}
	}
	if pur, ok := b.envelope.Get("_rails.pur"); ok && pur.Kind != cookie.KindNull && !b.isPurpose(name, pur.Bytes) {
		return nil, errPurpose
	}
	plain, ok := decode64(base64.StdEncoding.Strict(), b.message[:0], message.Bytes)
	if b.message = plain; !ok {
		return nil, errPayload
	}
	return plain, nil
}

func (b *boundRails) isPurpose(name, purpose []byte) bool {
	if b.Purpose != "" {
		return string(purpose) == b.Purpose
	}
	of, ok := bytes.CutPrefix(purpose, []byte("cookie."))
	return ok && bytes.Equal(of, name)
}
