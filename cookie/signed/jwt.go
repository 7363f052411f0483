package signed

import (
	"bytes"
	"fmt"
	"strconv"
	"time"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

var (
	errJWT       = fmt.Errorf("%w: not a JWT", cookie.ErrMalformed)
	errAlgorithm = fmt.Errorf("%w: JWT of another algorithm", cookie.ErrUnverified)
	errCritical  = fmt.Errorf("%w: JWT with an extension that must be understood", cookie.ErrUnverified)
	errTime      = fmt.Errorf("%w: JWT expired or not yet valid", cookie.ErrUnverified)
)

// JWT verifies a JSON Web Token (RFC 7519) in compact form, header . claims .
// signature, and gives its claims, flattened as cookie.JSON does.
//
// The caller fixes the algorithm; a token that says another, "none" among
// them, is unverified. exp and nbf are checked if they are there. Keys are all
// tried: kid, jku, x5c and the like are not looked at. A token whose header
// has crit is unverified (RFC 7515 section 4.1.11), one that repeats a name
// malformed. Issuer and audience are claims like others: compare them after.
type JWT struct {
	Algorithm Algorithm // no default
	Keys      Keys      // Secrets for HS256, HS384 and HS512, PublicKeys for the others

	// Leeway is how long past exp, and ahead of nbf, a token still passes.
	// Default 0.
	Leeway time.Duration

	// Now is the clock. For a log, that may be the time of the record.
	// It is called by the goroutine that decodes. Default time.Now.
	Now func() time.Time
}

// Check implements what cookie.Check calls.
func (j JWT) Check() error {
	switch j.Algorithm {
	case HS256, HS384, HS512:
		return j.Keys.checkSecrets()
	case RS256, ES256, EdDSA:
		return j.Keys.checkPublic(j.Algorithm)
	}
	return errNoAlgorithm
}

// Bind implements cookie.Decoder.
func (j JWT) Bind() cookie.DecodeFunc {
	if err := j.Check(); err != nil {
		return refuse(err)
	}
	b := &boundJWT{JWT: j, verify: j.Algorithm.verifier(j.Keys), claims: newClaims()}
	return b.decode
}

type boundJWT struct {
	JWT
	verify verifier
	header []byte // the last one that was in order; most tokens have the same
	claims *claims
}

func (b *boundJWT) decode(dst *cookie.Values, _, value []byte) error {
	header, payload, sig, ok := splitJWT(value)
	if !ok {
		return errJWT
	}
	if b.header == nil || !bytes.Equal(header, b.header) {
		if err := b.checkHeader(header); err != nil {
			return err
		}
		b.header = append(b.header[:0], header...)
	}
	if !b.verify(value[:len(header)+1+len(payload)], sig) {
		return errSignature
	}
	if err := b.claims.read(payload); err != nil {
		return err
	}
	if err := b.checkTimes(); err != nil {
		return err
	}
	return b.claims.copyTo(dst)
}

func (b *boundJWT) checkHeader(header []byte) error {
	if err := b.claims.read(header); err != nil {
		return err
	}
	alg, ok := b.claims.values.Get("alg")
	if !ok {
		return errJWT
	}
	if alg.Kind != cookie.KindString || string(alg.Bytes) != b.Algorithm.String() {
		return errAlgorithm
	}
	for v := range b.claims.values.All() {
		if bytes.HasPrefix(v.Name, []byte("crit")) {
			return errCritical
		}
	}
	return nil
}

func (b *boundJWT) checkTimes() error {
	now := clock(b.Now)
	exp, ok, err := b.claims.time("exp")
	if err != nil {
		return err
	}
	if ok && !now.Before(exp.Add(b.Leeway)) {
		return errTime
	}
	nbf, ok, err := b.claims.time("nbf")
	if err != nil {
		return err
	}
	if ok && now.Before(nbf.Add(-b.Leeway)) {
		return errTime
	}
	return nil
}

// UnverifiedJWT gives the claims of a token that nobody vouches for: any
// client can write what it likes into them. Signature, algorithm, exp and nbf
// are not looked at.
type UnverifiedJWT struct{}

// Bind implements cookie.Decoder.
func (UnverifiedJWT) Bind() cookie.DecodeFunc {
	claims := newClaims()
	return func(dst *cookie.Values, _, value []byte) error {
		_, payload, _, ok := splitJWT(value)
		if !ok {
			return errJWT
		}
		if err := claims.read(payload); err != nil {
			return err
		}
		return claims.copyTo(dst)
	}
}

// splitJWT takes the three parts apart.
func splitJWT(token []byte) (header, claims, sig []byte, ok bool) {
	header, rest, ok1 := bytes.Cut(token, []byte("."))
	claims, sig, ok2 := bytes.Cut(rest, []byte("."))
	return header, claims, sig, ok1 && ok2 && bytes.IndexByte(sig, '.') < 0
}

// claims reads one part of a token.
type claims struct {
	json   cookie.DecodeFunc
	text   []byte
	values cookie.Values
}

func newClaims() *claims { return &claims{json: cookie.JSON{}.Bind()} }

// read decodes a part, which must be a JSON object.
func (c *claims) read(part []byte) error {
	if len(part) > 2*cookie.MaxDecoded {
		return errInflate
	}
	var ok bool
	if c.text, ok = decodeURL(c.text[:0], part); !ok || len(c.text) == 0 || c.text[0] != '{' {
		return errJWT
	}
	c.values.Reset()
	if err := c.json(&c.values, nil, c.text); err != nil {
		return err
	}
	if c.values.Repeated() > 0 {
		return errJWT // RFC 7519 section 4
	}
	return nil
}

// time returns a NumericDate (RFC 7519 section 2), and whether there is one.
func (c *claims) time(name string) (t time.Time, ok bool, err error) {
	v, ok := c.values.Get(name)
	if !ok {
		return t, false, nil
	}
	if v.Kind != cookie.KindNumber {
		return t, false, errJWT
	}
	if n, ok := decimal(v.Bytes); ok {
		return time.Unix(min(n, farAway), 0), true, nil
	}
	seconds, err := strconv.ParseFloat(string(v.Bytes), 64)
	if err != nil {
		return t, false, errJWT
	}
	seconds = max(min(seconds, farAway), -farAway)
	return time.UnixMicro(int64(seconds * 1e6)), true, nil
}

// farAway is as many seconds as any clock needs, and as can be reckoned with.
const farAway = 1 << 40

func (c *claims) copyTo(dst *cookie.Values) error {
	before := dst.Len()
	for v := range c.values.All() {
		if err := dst.Add(v.Name, v.Kind, v.Bytes); err != nil {
			dst.Truncate(before)
			return err
		}
	}
	return nil
}
