package signed_test

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/cookie"
	"github.com/ltsvpipe/ltsvpipe/cookie/signed"
)

// fuzz feeds a verifier with what the vectors of its format can be turned
// into. Whatever passes must be a vector: nobody guesses a signature.
func fuzz(f *testing.F, format string) {
	type known struct {
		vector
		decode cookie.DecodeFunc
		text   string
	}
	var all []known
	for _, v := range vectors(f) {
		if v.Format != format {
			continue
		}
		d := v.verifier(f, v.keys(f), signed.Age{Now: at(v.Made)})
		text := v.signedText(f)
		all = append(all, known{v, d.Bind(), string(text)})
		f.Add(uint8(len(all)-1), text)
	}
	for i, odd := range []string{"", ".", "..", "::", "--", "s:.", "fHw=", "e30.e30.", "e30", strings.Repeat(".", 100)} {
		f.Add(uint8(i), []byte(odd))
	}
	f.Fuzz(func(t *testing.T, which uint8, value []byte) {
		v := all[int(which)%len(all)]
		keep := bytes.Clone(value)
		var dst cookie.Values
		err := v.decode(&dst, []byte(v.Name), value)
		require.Equal(t, keep, value, "the value was written into")
		if err == nil {
			known := false
			for _, w := range all {
				known = known || string(value) == w.text
			}
			require.True(t, known, "forged: %q", value)
			return
		}
		require.Zero(t, dst.Len())
		n := 0
		for _, sentinel := range []error{cookie.ErrMalformed, cookie.ErrTooLarge, cookie.ErrUnverified} {
			if errors.Is(err, sentinel) {
				n++
			}
		}
		require.Equal(t, 1, n, "%v", err)
	})
}

func FuzzExpress(f *testing.F)     { fuzz(f, "express") }
func FuzzFlask(f *testing.F)       { fuzz(f, "flask") }
func FuzzDjango(f *testing.F)      { fuzz(f, "django") }
func FuzzDjangoDumps(f *testing.F) { fuzz(f, "django dumps") }
func FuzzRails(f *testing.F)       { fuzz(f, "rails") }
func FuzzGorilla(f *testing.F)     { fuzz(f, "gorilla") }
func FuzzJWT(f *testing.F)         { fuzz(f, "jwt") }

func FuzzUnverifiedJWT(f *testing.F) {
	for _, v := range vectors(f) {
		if v.Format == "jwt" {
			f.Add([]byte(v.Value))
		}
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		var dst cookie.Values
		if err := (signed.UnverifiedJWT{}).Bind()(&dst, nil, value); err != nil {
			require.Zero(t, dst.Len())
			return
		}
		require.Equal(t, 2, bytes.Count(value, []byte(".")))
	})
}

// FuzzSignedPayload has the right signature on anything: what is decoded after
// verification must survive its own signer.
func FuzzSignedPayload(f *testing.F) {
	f.Add(`{"alg":"HS256"}`, `{"exp":1.5e9}`)
	f.Add(`{"alg":"HS256","crit":[]}`, `{"exp":null,"nbf":-1}`)
	d := signed.JWT{Algorithm: signed.HS256, Keys: signed.Secrets([]byte(secret)), Now: at(1512226800)}
	decode := d.Bind()
	f.Fuzz(func(t *testing.T, header, claims string) {
		var dst cookie.Values
		err := decode(&dst, nil, sign(header, claims))
		if err == nil {
			require.Contains(t, header, "alg")
		}
		require.False(t, errors.Is(err, nil) && strings.Contains(header, `"none"`) && !strings.Contains(header, "HS256"))
	})
}

// maxBound is what the package doc promises: no input makes a bound verifier
// and its Values allocate more, in all.
const maxBound = 256 << 10

func TestNoInputAllocatesMore(t *testing.T) {
	measure := func(d cookie.Decoder, name, value []byte) {
		t.Helper()
		f := d.Bind() // that derives keys, whatever the input
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		var dst cookie.Values
		_ = f(&dst, name, value)
		runtime.ReadMemStats(&after)
		require.LessOrEqual(t, after.TotalAlloc-before.TotalAlloc, uint64(maxBound), "%T, %.30q", d, value)
	}
	const size = 1 << 20
	for _, in := range []string{
		strings.Repeat("x", size), strings.Repeat(".", size), strings.Repeat("--", size/2), strings.Repeat(":", size),
		"s:" + strings.Repeat("x", size) + ".x", strings.Repeat("eA", size/2) + ".eA.eA", "e30." + strings.Repeat("eA", size/2) + ".eA",
		"eyJhbGciOiJIUzI1NiJ9.e30." + strings.Repeat("x", size), strings.Repeat("fHx8", size/4), strings.Repeat("W1tb", 8000) + ".e30.e30",
	} {
		for _, d := range append(verifiers(signed.Secrets([]byte(secret))), signed.UnverifiedJWT{}) {
			measure(d, []byte("name"), []byte(in))
		}
	}
	// The bombs among the vectors are signed as they should be.
	for _, v := range vectors(t) {
		measure(v.verifier(t, v.keys(t), signed.Age{Now: at(v.Made)}), []byte(v.Name), v.signedText(t))
	}
	measure(signed.JWT{Algorithm: signed.HS256, Keys: signed.Secrets([]byte(secret))}, nil,
		sign(`{"alg":"HS256"}`, fmt.Sprintf(`{"a":%q}`, strings.Repeat("x", size))))
}
