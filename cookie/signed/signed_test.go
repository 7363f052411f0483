package signed_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/cookie"
	"github.com/ltsvpipe/ltsvpipe/cookie/signed"
)

func errorsIs(err, target error) bool { return errors.Is(err, target) }

const secret = "4f1d-TOP-SECRET"

func verifiers(keys signed.Keys) []cookie.Decoder {
	return []cookie.Decoder{
		signed.Express{Keys: keys}, signed.Flask{Keys: keys}, signed.Django{Keys: keys},
		signed.DjangoDumps{Keys: keys}, signed.Rails{Keys: keys}, signed.Rails{Keys: keys, Derived: true},
		signed.Gorilla{Keys: keys}, signed.JWT{Keys: keys, Algorithm: signed.HS256},
	}
}

func TestKeysNeverShow(t *testing.T) {
	type nested struct {
		hidden  any
		Decoder cookie.Decoder
	}
	shows := func(v any) {
		t.Helper()
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%c", "%U"} {
			text := fmt.Sprintf(verb, v)
			require.NotContains(t, text, "SECRET")
			require.NotContains(t, strings.ToLower(text), fmt.Sprintf("%x", "SECRET"))
			require.NotContains(t, text, "83 69 67")
		}
		text, _ := json.Marshal(v)
		require.NotContains(t, string(text), "SECRET")
		require.NotContains(t, string(text), base64.StdEncoding.EncodeToString([]byte(secret))[:8])
	}
	keys := signed.Secrets([]byte(secret), []byte("SECRET 2"))
	require.Equal(t, "signed.Keys(2)", fmt.Sprint(keys))
	require.Equal(t, "signed.Keys(0)", fmt.Sprint(signed.Keys{}))
	shows(keys)
	shows(&keys)
	for _, d := range verifiers(keys) {
		shows(d)
		shows(nested{d, d})
		shows(&nested{d, cookie.Chain(d)})
		shows(cookie.Chain(cookie.Percent{}, d))
		shows(cookie.Extract{Fields: []cookie.Field{{Name: "a", Label: "b", Decoder: d}}})
		x, err := cookie.NewExtractor(cookie.Extract{Fields: []cookie.Field{{Name: "a", Label: "b", Decoder: d}}})
		require.NoError(t, err)
		shows(x)
		shows(*x)
		shows(x.Bind())
		for _, value := range []string{"", "s:a.b", "a.b.c", "a:b:c", "a--b", "YXxifGM="} {
			if _, err := decode(d, "n", []byte(value)); err != nil {
				shows(err)
			}
		}
	}
}

func TestSecretsAreCopied(t *testing.T) {
	key := []byte("keyboard cat")
	d := signed.Express{Keys: signed.Secrets(key)}
	clear(key)
	_, err := decode(d, "", []byte("s:u807290.FHHKf8+0ePx6U0sES2ogoB5TrBJtOGDYOtGlvhVAKKk"))
	require.NoError(t, err)
}

func TestCheck(t *testing.T) {
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	strong, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	ed, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)

	for _, keys := range []signed.Keys{{}, signed.Secrets(), signed.Secrets(nil), signed.Secrets([]byte("a"), nil), signed.PublicKeys(ed)} {
		for _, d := range verifiers(keys) {
			require.Error(t, cookie.Check(d), "%T %v", d, keys)
			_, err := decode(d, "n", []byte("v"))
			require.Error(t, err)
			_, err = cookie.NewExtractor(cookie.Extract{Fields: []cookie.Field{{Name: "a", Label: "b", Decoder: cookie.Chain(d)}}})
			require.Error(t, err)
		}
	}
	for _, d := range verifiers(signed.Secrets([]byte("a"))) {
		require.NoError(t, cookie.Check(d))
	}

	secrets := signed.Secrets([]byte("a"))
	for _, tt := range []struct {
		alg  signed.Algorithm
		keys signed.Keys
		ok   bool
	}{
		{0, secrets, false},
		{99, secrets, false},
		{signed.HS256, secrets, true},
		{signed.HS512, signed.PublicKeys(&strong.PublicKey), false},
		{signed.RS256, signed.PublicKeys(&strong.PublicKey), true},
		{signed.RS256, signed.PublicKeys(&weak.PublicKey), false},
		{signed.RS256, signed.PublicKeys(strong.PublicKey), false},
		{signed.RS256, signed.PublicKeys((*rsa.PublicKey)(nil)), false},
		{signed.RS256, signed.PublicKeys(), false},
		{signed.RS256, secrets, false},
		{signed.RS256, signed.PublicKeys(&p256.PublicKey), false},
		{signed.ES256, signed.PublicKeys(&p256.PublicKey), true},
		{signed.ES256, signed.PublicKeys(&p384.PublicKey), false},
		{signed.EdDSA, signed.PublicKeys(ed), true},
		{signed.EdDSA, signed.PublicKeys(ed[:5]), false},
		{signed.EdDSA, signed.PublicKeys(ed, &p256.PublicKey), false},
		{signed.EdDSA, signed.PublicKeys(nil), false},
	} {
		err := cookie.Check(signed.JWT{Algorithm: tt.alg, Keys: tt.keys})
		require.Equal(t, tt.ok, err == nil, "%v %v: %v", tt.alg, tt.keys, err)
	}
	require.Equal(t, "unknown algorithm", signed.Algorithm(0).String())
}

// What is not signed at all, or wrongly, is refused by all, and never harms.
func TestMustSurvive(t *testing.T) {
	deep := strings.Repeat("[", 1000)
	b64 := base64.RawURLEncoding.EncodeToString
	for _, value := range []string{
		"", "-", "=", ".", "..", "...", ":", "::", "--", "----", "|", "s:", "s:.", "s:a", "s:a.", "s:.b", "a.b", "a--b", "a:b", "a:b:",
		"\x00", "\xff\xfe", "%", "%zz", "a\nb", strings.Repeat("a", 100_000), strings.Repeat(".", 100_000), strings.Repeat(":", 100_000),
		b64([]byte("||")), b64([]byte("1|2")), b64([]byte("1|2|")) + "=",
		b64([]byte(`{"alg":"none"}`)) + "." + b64([]byte(`{"sub":1}`)) + ".",
		b64([]byte(deep)) + "." + b64([]byte(deep)) + "." + b64([]byte("x")),
		".eJ.x.y", "a.b.c.d.e",
	} {
		for _, d := range verifiers(signed.Secrets([]byte(secret))) {
			in := []byte(value)
			got, err := decode(d, "n", in)
			require.Error(t, err, "%T %.20q", d, value)
			require.True(t, isRefusal(err) || errors.Is(err, cookie.ErrTooLarge), "%T %.20q: %v", d, value, err)
			require.Empty(t, got)
			require.Equal(t, value, string(in))
		}
	}
}

// sign makes a JWT by hand, so that its parts can be what no library would write.
func sign(header, claims string) []byte {
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return []byte(text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)))
}

func TestJWT(t *testing.T) {
	const now = 1512226800
	d := signed.JWT{Algorithm: signed.HS256, Keys: signed.Secrets([]byte(secret)), Now: at(now)}
	const hs = `{"alg":"HS256"}`
	for _, tt := range []struct {
		name, header, claims string
		want                 error
	}{
		{"plain", hs, `{"sub":"x"}`, nil},
		{"no claims", hs, `{}`, nil},
		{"kid is passed over", `{"kid":"7","typ":"JWT","alg":"HS256"}`, `{}`, nil},
		{"none", `{"alg":"none"}`, `{}`, cookie.ErrUnverified},
		{"None", `{"alg":"None"}`, `{}`, cookie.ErrUnverified},
		{"other algorithm", `{"alg":"HS384"}`, `{}`, cookie.ErrUnverified},
		{"number for an algorithm", `{"alg":256}`, `{}`, cookie.ErrUnverified},
		{"no algorithm", `{}`, `{}`, cookie.ErrMalformed},
		{"two algorithms", `{"alg":"HS256","alg":"none"}`, `{}`, cookie.ErrMalformed},
		{"critical", `{"alg":"HS256","crit":["b64"],"b64":false}`, `{}`, cookie.ErrUnverified},
		{"header is no object", `["HS256"]`, `{}`, cookie.ErrMalformed},
		{"claims are no object", hs, `"x"`, cookie.ErrMalformed},
		{"claims are no JSON", hs, `{"sub":}`, cookie.ErrMalformed},
		{"claim repeated", hs, `{"exp":1,"exp":9999999999}`, cookie.ErrMalformed},
		{"deep", hs, `{"a":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`, cookie.ErrTooLarge},
		{"many", hs, `{` + strings.Repeat(`"a":1,`, 0) + manyMembers(65) + `}`, cookie.ErrTooLarge},
		{"expires later", hs, `{"exp":1512226801}`, nil},
		{"expires now", hs, `{"exp":1512226800}`, cookie.ErrUnverified},
		{"expired by a fraction", hs, `{"exp":1512226799.5}`, cookie.ErrUnverified},
		{"expires in a fraction", hs, `{"exp":1512226800.5}`, nil},
		{"exp far away", hs, `{"exp":1e300}`, nil},
		{"exp further", hs, `{"exp":99999999999999999999}`, nil},
		{"exp further than float64", hs, `{"exp":1e999}`, cookie.ErrMalformed},
		{"exp before Christ", hs, `{"exp":-1e300}`, cookie.ErrUnverified},
		{"exp is a string", hs, `{"exp":"9999999999"}`, cookie.ErrMalformed},
		{"exp is null", hs, `{"exp":null}`, cookie.ErrMalformed},
		{"valid from now", hs, `{"nbf":1512226800}`, nil},
		{"valid later", hs, `{"nbf":1512226801}`, cookie.ErrUnverified},
		{"nbf is true", hs, `{"nbf":true}`, cookie.ErrMalformed},
		{"exp further down", hs, `{"a":{"exp":1}}`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode(d, "", sign(tt.header, tt.claims))
			if tt.want == nil {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, tt.want)
			}
		})
	}

	slack := d
	slack.Leeway = 1e9
	_, err := decode(slack, "", sign(hs, `{"exp":1512226800,"nbf":1512226801}`))
	require.NoError(t, err)

	// The header of one token must not speak for the next.
	f := d.Bind()
	var dst cookie.Values
	require.NoError(t, f(&dst, nil, sign(hs, `{}`)))
	require.Error(t, f(&dst, nil, sign(`{"alg":"none"}`, `{}`)))
	require.NoError(t, f(&dst, nil, sign(hs, `{}`)))
	require.Error(t, f(&dst, nil, append([]byte("."), sign(hs, `{}`)...)))
}

func manyMembers(n int) string {
	var b []string
	for i := range n {
		b = append(b, fmt.Sprintf(`"m%d":%d`, i, i))
	}
	return strings.Join(b, ",")
}

// The classic: a token signed by HMAC with the public key for a secret.
func TestJWTPublicKeyIsNoSecret(t *testing.T) {
	for _, v := range vectors(t) {
		if v.Algorithm != "RS256" {
			continue
		}
		head, body, _ := strings.Cut(v.Value, ".")
		body, _, _ = strings.Cut(body, ".")
		_ = head
		text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256"}`)) + "." + body
		mac := hmac.New(sha256.New, []byte(v.Public))
		mac.Write([]byte(text))
		forged := text + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
		_, err := decode(signed.JWT{Algorithm: signed.RS256, Keys: v.keys(t), Now: at(v.Made)}, "", []byte(forged))
		require.ErrorIs(t, err, cookie.ErrUnverified)
		require.Error(t, cookie.Check(signed.JWT{Algorithm: signed.HS256, Keys: v.keys(t)}))
	}
}

func TestUnverifiedJWT(t *testing.T) {
	token := sign(`{"alg":"none"}`, `{"sub":"x","exp":1}`)
	got, err := decode(signed.UnverifiedJWT{}, "", token)
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.Equal(t, "sub", string(got[0].Name))
	require.Equal(t, "x", string(got[0].Bytes))
	for _, bad := range []string{"", "a.b", "a.b.c.d", "a.!.c", "a." + base64.RawURLEncoding.EncodeToString([]byte(`[1]`)) + ".c"} {
		_, err := decode(signed.UnverifiedJWT{}, "", []byte(bad))
		require.ErrorIs(t, err, cookie.ErrMalformed)
	}
}

func TestRailsEnvelope(t *testing.T) {
	b64 := base64.StdEncoding.EncodeToString
	value := func(text string) []byte {
		data := b64([]byte(text))
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(data))
		return fmt.Appendf(nil, "%s--%x", data, mac.Sum(nil))
	}
	d := signed.Rails{Keys: signed.Secrets([]byte(secret)), Derived: true, Digest: signed.SHA256, Now: at(1512226800)}
	message := b64([]byte("42"))
	for _, tt := range []struct {
		text, want string
		err        error
	}{
		{`42`, "42", nil},
		{"\x04\bi/", "\x04\bi/", nil}, // Marshal
		{`{"uid":1}`, `{"uid":1}`, nil},
		{`{"_rails":{"message":"` + message + `","exp":null,"pur":null}}`, "42", nil},
		{`{"_rails":{"message":"` + message + `"}}`, "42", nil},
		{`{"_rails":{"message":"` + message + `","exp":"2017-12-02T15:00:00.001Z"}}`, "42", nil},
		{`{"_rails":{"message":"` + message + `","exp":"2017-12-02T15:00:00.000Z"}}`, "", cookie.ErrUnverified},
		{`{"_rails":{"message":"` + message + `","exp":"2017-12-03T00:00:00.001+09:00"}}`, "42", nil},
		{`{"_rails":{"message":"` + message + `","exp":"tomorrow"}}`, "", cookie.ErrMalformed},
		{`{"_rails":{"message":"` + message + `","pur":"cookie.uid"}}`, "42", nil},
		{`{"_rails":{"message":"` + message + `","pur":"cookie.uid2"}}`, "", cookie.ErrUnverified},
		{`{"_rails":{"message":"` + message + `","pur":"uid"}}`, "", cookie.ErrUnverified},
		{`{"_rails":{"message":"4!"}}`, "", cookie.ErrMalformed},
		{`{"_rails":{"message":42}}`, "", cookie.ErrMalformed},
		{`{"_rails":{"exp":null}}`, "", cookie.ErrMalformed},
		{`{"_rails":`, "", cookie.ErrMalformed},
	} {
		got, err := decode(d, "uid", value(tt.text))
		if tt.err != nil {
			require.ErrorIs(t, err, tt.err, tt.text)
			continue
		}
		require.NoError(t, err, tt.text)
		require.Equal(t, tt.want, string(got[0].Bytes))
	}
	d.Purpose = "login"
	_, err := decode(d, "uid", value(`{"_rails":{"message":"`+message+`","pur":"login"}}`))
	require.NoError(t, err)
	_, err = decode(d, "uid", value(`{"_rails":{"message":"`+message+`","pur":"cookie.uid"}}`))
	require.ErrorIs(t, err, cookie.ErrUnverified)
	// Signed, but not base64.
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("!!"))
	_, err = decode(d, "uid", fmt.Appendf(nil, "!!--%x", mac.Sum(nil)))
	require.ErrorIs(t, err, cookie.ErrMalformed)
}

func TestRailsExpires(t *testing.T) {
	each(t, func(t *testing.T, v vector, _ cookie.Decoder) {
		if v.Expires == 0 {
			return
		}
		_, err := decode(v.verifier(t, v.keys(t), signed.Age{Now: at(v.Expires - 1)}), v.Name, v.signedText(t))
		require.NoError(t, err)
		_, err = decode(v.verifier(t, v.keys(t), signed.Age{Now: at(v.Expires)}), v.Name, v.signedText(t))
		require.ErrorIs(t, err, cookie.ErrUnverified)
	})
}

// A bound verifier that met everything else before decodes as a new one does.
func TestUsedIsAsNew(t *testing.T) {
	all := vectors(t)
	for _, v := range all {
		used := v.verifier(t, v.keys(t), signed.Age{Now: at(v.Made)}).Bind()
		var dst cookie.Values
		for _, other := range all {
			dst.Reset()
			_ = used(&dst, []byte(other.Name), other.signedText(t))
		}
		dst.Reset()
		err := used(&dst, []byte(v.Name), v.signedText(t))
		require.Equal(t, v.Error == "", err == nil, "%s", v.Format)
		var fresh cookie.Values
		_ = v.verifier(t, v.keys(t), signed.Age{Now: at(v.Made)}).Bind()(&fresh, []byte(v.Name), v.signedText(t))
		require.Equal(t, fresh.Len(), dst.Len())
		for i := range fresh.Len() {
			require.True(t, bytes.Equal(fresh.At(i).Bytes, dst.At(i).Bytes))
		}
	}
}
