package signed_test

import (
	"bufio"
	"crypto"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/cookie"
	"github.com/ltsvpipe/ltsvpipe/cookie/signed"
)

// A vector is a signed cookie that the real library made; see testdata/make.
type vector struct {
	Library   string
	Format    string
	Name      string
	Salt      string
	Secrets   []string
	Public    string // PEM
	Algorithm string
	Digest    string
	KeyDigest string `json:"key_digest"`
	Legacy    bool   // Django's old way to derive keys
	Made      int64
	Expires   int64
	Value     string  // as in the Cookie header
	Want      *string // the text that was signed,
	JSON      string  // or JSON that means the same,
	Error     string  // or why it must be refused although the library made it
}

func vectors(t testing.TB) []vector {
	files, err := filepath.Glob("testdata/*.jsonl")
	require.NoError(t, err)
	var all []vector
	for _, name := range files {
		f, err := os.Open(name)
		require.NoError(t, err)
		defer f.Close()
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			var v vector
			require.NoError(t, json.Unmarshal(lines.Bytes(), &v))
			all = append(all, v)
		}
		require.NoError(t, lines.Err())
	}
	require.Greater(t, len(all), 60)
	return all
}

// wrapping is what the framework writes around a signed value.
func (v vector) wrapping() cookie.Decoder {
	switch v.Format {
	case "express", "rails":
		return cookie.Percent{}
	case "django":
		return cookie.Unquote{}
	}
	return nil
}

// signedText is the value without what the framework wrapped it in.
func (v vector) signedText(t testing.TB) []byte {
	w := v.wrapping()
	if w == nil {
		return []byte(v.Value)
	}
	var dst cookie.Values
	require.NoError(t, w.Bind()(&dst, nil, []byte(v.Value)))
	return dst.At(0).Bytes
}

// keys are the vector's, behind those in front.
func (v vector) keys(t testing.TB, front ...[]byte) signed.Keys {
	if v.Public != "" {
		block, _ := pem.Decode([]byte(v.Public))
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		require.NoError(t, err)
		return signed.PublicKeys(crypto.PublicKey(key))
	}
	for _, s := range v.Secrets {
		front = append(front, []byte(s))
	}
	return signed.Secrets(front...)
}

func digest(name string) signed.Digest {
	if name == "SHA256" {
		return signed.SHA256
	}
	return signed.SHA1
}

func algorithm(name string) signed.Algorithm {
	for a := signed.HS256; a <= signed.EdDSA; a++ {
		if a.String() == name {
			return a
		}
	}
	return 0
}

// verifier is the decoder of the vector's format.
func (v vector) verifier(t testing.TB, keys signed.Keys, age signed.Age) cookie.Decoder {
	switch v.Format {
	case "express":
		return signed.Express{Keys: keys}
	case "flask":
		return signed.Flask{Keys: keys, Salt: v.Salt, Age: age}
	case "django":
		return signed.Django{Keys: keys, Salt: v.Salt, Age: age}
	case "django dumps":
		return signed.DjangoDumps{Keys: keys, Salt: v.Salt, Age: age}
	case "rails":
		return signed.Rails{Keys: keys, Digest: digest(v.Digest), KeyDigest: digest(v.KeyDigest), Now: age.Now}
	case "gorilla":
		return signed.Gorilla{Keys: keys, Age: age}
	case "jwt":
		return signed.JWT{Keys: keys, Algorithm: algorithm(v.Algorithm), Now: age.Now}
	}
	t.Fatalf("format %q", v.Format)
	return nil
}

func at(unix int64) func() time.Time {
	return func() time.Time { return time.Unix(unix, 0) }
}

// each calls f for every vector, with its verifier at the time it was made.
func each(t *testing.T, f func(t *testing.T, v vector, d cookie.Decoder)) {
	for i, v := range vectors(t) {
		t.Run(fmt.Sprintf("%s %s %d", v.Format, v.Algorithm, i), func(t *testing.T) {
			f(t, v, v.verifier(t, v.keys(t), signed.Age{Now: at(v.Made)}))
		})
	}
}

func decode(d cookie.Decoder, name string, value []byte) ([]cookie.Value, error) {
	var dst cookie.Values
	err := d.Bind()(&dst, []byte(name), value)
	var all []cookie.Value
	for v := range dst.All() {
		all = append(all, v)
	}
	return all, err
}

func TestVectors(t *testing.T) {
	each(t, func(t *testing.T, v vector, d cookie.Decoder) {
		got, err := decode(d, v.Name, v.signedText(t))
		switch v.Error {
		case "too large":
			require.ErrorIs(t, err, cookie.ErrTooLarge)
		case "malformed":
			require.ErrorIs(t, err, cookie.ErrMalformed)
		case "unverified":
			require.ErrorIs(t, err, cookie.ErrUnverified)
		default:
			require.NoError(t, err)
		}
		switch {
		case v.Error != "":
			require.Empty(t, got)
		case v.Want != nil:
			require.Len(t, got, 1)
			require.Equal(t, *v.Want, string(got[0].Bytes))
		case v.Format == "jwt":
			want, err := decode(cookie.JSON{}, "", []byte(v.JSON))
			require.NoError(t, err)
			require.Equal(t, want, got)
		default:
			require.Len(t, got, 1)
			require.JSONEq(t, v.JSON, string(got[0].Bytes))
		}
	})
}

// As it stands in the header, with what the framework wraps it in, and taken
// apart.
func TestVectorsInAChain(t *testing.T) {
	each(t, func(t *testing.T, v vector, d cookie.Decoder) {
		if v.Error != "" || v.Format == "jwt" {
			return
		}
		chain := cookie.Chain(d)
		if w := v.wrapping(); w != nil {
			chain = cookie.Chain(w, d)
		}
		got, err := decode(chain, v.Name, []byte(v.Value))
		require.NoError(t, err)
		require.Len(t, got, 1)
		if v.JSON == "" {
			return
		}
		want, err := decode(cookie.JSON{}, "", []byte(v.JSON))
		require.NoError(t, err)
		got, err = decode(cookie.Chain(chain, cookie.JSON{}), v.Name, []byte(v.Value))
		require.NoError(t, err)
		require.Equal(t, want, got)
	})
}

func TestEveryFlippedBitIsRefused(t *testing.T) {
	each(t, func(t *testing.T, v vector, d cookie.Decoder) {
		text := v.signedText(t)
		if len(text) > 2000 || (testing.Short() && v.Public != "") {
			text = text[:min(len(text), 60)] // the rest is more of the same
		}
		whole := v.signedText(t)
		decode := d.Bind()
		var dst cookie.Values
		for i := range text {
			for bit := range 8 {
				whole[i] ^= 1 << bit
				err := decode(&dst, []byte(v.Name), whole)
				require.True(t, isRefusal(err), "byte %d, bit %d: %v", i, bit, err)
				require.Zero(t, dst.Len())
				whole[i] ^= 1 << bit
			}
		}
	})
}

func TestEveryTruncationIsRefused(t *testing.T) {
	each(t, func(t *testing.T, v vector, d cookie.Decoder) {
		text := v.signedText(t)
		decode := d.Bind()
		var dst cookie.Values
		for i := range text {
			require.True(t, isRefusal(decode(&dst, []byte(v.Name), text[:i])), "the first %d bytes", i)
			if i > 0 {
				require.True(t, isRefusal(decode(&dst, []byte(v.Name), text[i:])), "without the first %d bytes", i)
			}
			require.Zero(t, dst.Len())
		}
		for c := range 256 {
			longer := append(text[:len(text):len(text)], byte(c))
			require.True(t, isRefusal(decode(&dst, []byte(v.Name), longer)), "with %#x behind it", c)
		}
	})
}

func isRefusal(err error) bool {
	return errorsIs(err, cookie.ErrUnverified) != errorsIs(err, cookie.ErrMalformed)
}

func TestRotation(t *testing.T) {
	each(t, func(t *testing.T, v vector, d cookie.Decoder) {
		if v.Error != "" || v.Public != "" {
			return
		}
		age := signed.Age{Now: at(v.Made)}
		_, err := decode(v.verifier(t, v.keys(t, []byte("the next key")), age), v.Name, v.signedText(t))
		require.NoError(t, err, "an old key must still do")
		_, err = decode(v.verifier(t, signed.Secrets([]byte("the next key"), []byte("another")), age), v.Name, v.signedText(t))
		require.ErrorIs(t, err, cookie.ErrUnverified)
	})
}

func TestAge(t *testing.T) {
	each(t, func(t *testing.T, v vector, _ cookie.Decoder) {
		if v.Error != "" || v.Format == "express" || v.Format == "rails" || v.Format == "jwt" {
			return
		}
		for _, tt := range []struct {
			age   time.Duration // of the signature
			max   time.Duration
			slack time.Duration
			ok    bool
		}{
			{0, time.Hour, 0, true},
			{time.Hour, time.Hour, 0, true},
			{time.Hour + time.Second, time.Hour, 0, false},
			{time.Hour + time.Second, time.Hour, time.Minute, true},
			{-time.Second, time.Hour, 0, false},
			{-time.Second, time.Hour, time.Minute, true},
			{1000 * time.Hour, 0, 0, true},
			{-1000 * time.Hour, 0, 0, true},
		} {
			now := time.Unix(v.Made, 0).Add(tt.age)
			age := signed.Age{Max: tt.max, Leeway: tt.slack, Now: func() time.Time { return now }}
			_, err := decode(v.verifier(t, v.keys(t), age), v.Name, v.signedText(t))
			if tt.ok {
				require.NoError(t, err, "%+v", tt)
			} else {
				require.ErrorIs(t, err, cookie.ErrUnverified, "%+v", tt)
			}
		}
	})
}

// Formats that sign the name refuse a cookie that was given another.
func TestOtherName(t *testing.T) {
	each(t, func(t *testing.T, v vector, d cookie.Decoder) {
		if v.Error != "" || (v.Format != "django" && v.Format != "gorilla") {
			return
		}
		_, err := decode(d, v.Name+"x", v.signedText(t))
		require.ErrorIs(t, err, cookie.ErrUnverified)
		got, err := decode(d, v.Name, v.signedText(t))
		require.NoError(t, err)
		require.Len(t, got, 1)
	})
}

func TestDjangoLegacySalt(t *testing.T) {
	each(t, func(t *testing.T, v vector, d cookie.Decoder) {
		if v.Format != "django" {
			return
		}
		strict := d.(signed.Django)
		strict.NoLegacySalt = true
		_, err := decode(strict, v.Name, v.signedText(t))
		if v.Legacy {
			require.ErrorIs(t, err, cookie.ErrUnverified)
		} else {
			require.NoError(t, err)
		}
	})
}

func TestNothingAllocatesOnceWarm(t *testing.T) {
	each(t, func(t *testing.T, v vector, d cookie.Decoder) {
		if v.Error != "" || v.Public != "" { // big numbers allocate in crypto
			return
		}
		text := v.signedText(t)
		compressed := text[0] == '.' // compress/flate makes tables
		bad := append([]byte(nil), text...)
		bad[len(bad)-2] ^= 1
		decode, name := d.Bind(), []byte(v.Name)
		var dst cookie.Values
		n := testing.AllocsPerRun(50, func() {
			dst.Reset()
			_ = decode(&dst, name, text)
			_ = decode(&dst, name, bad)
		})
		if compressed {
			require.LessOrEqual(t, n, 4.0)
		} else {
			require.Zero(t, n)
		}
	})
}
