package signed_test

import (
	"bytes"
	"compress/zlib"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"hash"
	"io"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/cookie"
	"github.com/ltsvpipe/ltsvpipe/cookie/signed"
)

// What a service would write with the standard library alone: the reference of
// the benchmarks, and a second opinion on the vectors. Keys are derived
// beforehand, as ours are.

func mac(h func() hash.Hash, key []byte, text string) []byte {
	m := hmac.New(h, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

func lastCut(s, sep string) (before, after string) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return "", s
	}
	return s[:i], s[i+len(sep):]
}

func inflated(text string) []byte {
	packed, zipped := strings.CutPrefix(text, ".")
	raw, err := base64.RawURLEncoding.DecodeString(packed)
	if err != nil || !zipped {
		return raw
	}
	z, err := zlib.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil
	}
	raw, _ = io.ReadAll(io.LimitReader(z, cookie.MaxDecoded))
	return raw
}

// plain verifies text as v's format has it and returns the payload, or nil.
func (v vector) plain(t testing.TB) func(text string) []byte {
	var key []byte
	if v.Secrets != nil {
		key = []byte(v.Secrets[0])
	}
	sha := func(parts ...string) []byte {
		sum := sha256.Sum256([]byte(strings.Join(parts, "")))
		return sum[:]
	}
	switch v.Format {
	case "express":
		return func(text string) []byte {
			value, sig := lastCut(strings.TrimPrefix(text, "s:"), ".")
			raw, err := base64.RawStdEncoding.DecodeString(sig)
			if err != nil || !hmac.Equal(raw, mac(sha256.New, key, value)) {
				return nil
			}
			return []byte(value)
		}
	case "flask":
		key = mac(sha1.New, key, "cookie-session")
		return func(text string) []byte {
			body, sig := lastCut(text, ".")
			raw, err := base64.RawURLEncoding.DecodeString(sig)
			if err != nil || !hmac.Equal(raw, mac(sha1.New, key, body)) {
				return nil
			}
			payload, _ := lastCut(body, ".")
			return inflated(payload)
		}
	case "django", "django dumps":
		salt := v.Salt
		if salt == "" {
			salt = "django.core.signing"
		}
		keys := [][]byte{sha(salt, "signer", string(key))}
		if v.Format == "django" {
			n := string(rune('0' + len([]rune(v.Salt))))
			keys = [][]byte{
				sha("django.http.cookies.v2:", n, ":", v.Salt, v.Name, "signer", "django.http.cookies", string(key)),
				sha(v.Name, v.Salt, "signer", "django.http.cookies", string(key)),
			}
		}
		return func(text string) []byte {
			body, sig := lastCut(text, ":")
			raw, err := base64.RawURLEncoding.DecodeString(sig)
			for _, key := range keys {
				if err == nil && hmac.Equal(raw, mac(sha256.New, key, body)) {
					payload, _ := lastCut(body, ":")
					if v.Format == "django" {
						return []byte(payload)
					}
					return inflated(payload)
				}
			}
			return nil
		}
	case "gorilla":
		return func(text string) []byte {
			raw, err := base64.URLEncoding.DecodeString(text)
			parts := strings.SplitN(string(raw), "|", 3)
			if err != nil || len(parts) != 3 || !hmac.Equal([]byte(parts[2]), mac(sha256.New, key, v.Name+"|"+parts[0]+"|"+parts[1])) {
				return nil
			}
			raw, _ = base64.URLEncoding.DecodeString(parts[1])
			return raw
		}
	case "jwt":
		return v.plainJWT(t, key)
	}
	return nil
}

func (v vector) plainJWT(t testing.TB, key []byte) func(text string) []byte {
	var public crypto.PublicKey
	if block, _ := pem.Decode([]byte(v.Public)); block != nil {
		var err error
		public, err = x509.ParsePKIXPublicKey(block.Bytes)
		require.NoError(t, err)
	}
	verify := func(text string, sig []byte) bool {
		sum := sha256.Sum256([]byte(text))
		switch public := public.(type) {
		case *rsa.PublicKey:
			return rsa.VerifyPKCS1v15(public, crypto.SHA256, sum[:], sig) == nil
		case *ecdsa.PublicKey:
			return ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(sig[:32]), new(big.Int).SetBytes(sig[32:]))
		case ed25519.PublicKey:
			return ed25519.Verify(public, []byte(text), sig)
		}
		h := map[string]func() hash.Hash{"HS256": sha256.New, "HS384": sha512.New384, "HS512": sha512.New}[v.Algorithm]
		return hmac.Equal(sig, mac(h, key, text))
	}
	return func(text string) []byte {
		parts := strings.Split(text, ".")
		head, err := base64.RawURLEncoding.DecodeString(parts[0])
		var header struct{ Alg string }
		if err != nil || json.Unmarshal(head, &header) != nil || header.Alg != v.Algorithm {
			return nil
		}
		sig, err := base64.RawURLEncoding.DecodeString(parts[2])
		if err != nil || !verify(parts[0]+"."+parts[1], sig) {
			return nil
		}
		payload, err := base64.RawURLEncoding.DecodeString(parts[1])
		var claims map[string]any
		if err != nil || json.Unmarshal(payload, &claims) != nil {
			return nil
		}
		if exp, ok := claims["exp"].(float64); ok && !time.Unix(v.Made, 0).Before(time.Unix(int64(exp), 0)) {
			return nil
		}
		return payload
	}
}

// plainRails stands apart: it needs the keys derived.
func plainRails(key []byte, h func() hash.Hash) func(text string) []byte {
	return func(text string) []byte {
		data, sig := lastCut(text, "--")
		raw, err := hex.DecodeString(sig)
		if err != nil || !hmac.Equal(raw, mac(h, key, data)) {
			return nil
		}
		raw, _ = base64.StdEncoding.DecodeString(data)
		return raw
	}
}

func TestPlainAgrees(t *testing.T) {
	each(t, func(t *testing.T, v vector, d cookie.Decoder) {
		plain := v.plain(t)
		if v.Error != "" || plain == nil {
			return
		}
		want := plain(string(v.signedText(t)))
		require.NotNil(t, want)
		got, err := decode(d, v.Name, v.signedText(t))
		require.NoError(t, err)
		if v.Format != "jwt" {
			require.Equal(t, string(want), string(got[0].Bytes))
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	measure := func(name string, text []byte, cookieName string, d cookie.Decoder, plain func(string) []byte) {
		b.Run(name, func(b *testing.B) {
			decode, name := d.Bind(), []byte(cookieName)
			var dst cookie.Values
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				dst.Reset()
				if err := decode(&dst, name, text); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+", standard library alone", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			s := string(text)
			for b.Loop() {
				if plain(s) == nil {
					b.Fatal("refused")
				}
			}
		})
	}
	seen := map[string]bool{}
	for _, v := range vectors(b) {
		name := v.Format + v.Algorithm
		if seen[name] || v.Error != "" || v.Format == "rails" {
			continue
		}
		seen[name] = true
		measure(name, v.signedText(b), v.Name, v.verifier(b, v.keys(b), signed.Age{Now: at(v.Made)}), v.plain(b))
	}
	for name, h := range map[string]func() hash.Hash{"rails SHA1": sha1.New, "rails SHA256": sha256.New} {
		data := base64.StdEncoding.EncodeToString([]byte(`{"uid":202675,"lang":"ja"}`))
		text := data + "--" + hex.EncodeToString(mac(h, []byte(secret), data))
		d := signed.Rails{Keys: signed.Secrets([]byte(secret)), Derived: true, Digest: digest(strings.TrimPrefix(name, "rails "))}
		measure(name, []byte(text), "uid", d, plainRails([]byte(secret), h))
	}
}
