package signed_test

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/ltsvpipe/ltsvpipe/cookie"
	"github.com/ltsvpipe/ltsvpipe/cookie/signed"
)

// show decodes the value of one cookie and prints what it gives.
func show(d cookie.Decoder, name, value string) {
	decode := d.Bind() // once a goroutine
	var values cookie.Values
	switch err := decode(&values, []byte(name), []byte(value)); {
	case errors.Is(err, cookie.ErrUnverified):
		fmt.Println("unverified:", err)
	case err != nil:
		fmt.Println("error:", err)
	}
	for v := range values.All() {
		fmt.Printf("%q %s\n", v.Name, v.Bytes)
	}
}

// noon is the clock of these examples; a service leaves it out.
func noon() time.Time { return time.Unix(1512226800, 0) }

func ExampleExpress() {
	keys := signed.Secrets([]byte("the new secret"), []byte("keyboard cat"))
	d := cookie.Chain(cookie.Percent{}, signed.Express{Keys: keys})
	// connect.sid, as it stands in a log.
	show(d, "connect.sid", "s%3Au807290.FHHKf8%2B0ePx6U0sES2ogoB5TrBJtOGDYOtGlvhVAKKk")
	show(d, "connect.sid", "s%3Au807291.FHHKf8%2B0ePx6U0sES2ogoB5TrBJtOGDYOtGlvhVAKKk")
	// Output:
	// "" u807290
	// unverified: cookie: not verified: signature
}

func ExampleFlask() {
	d := signed.Flask{
		Keys: signed.Secrets([]byte("flask secret")),
		Age:  signed.Age{Max: 31 * 24 * time.Hour, Now: noon},
	}
	show(cookie.Chain(d, cookie.JSON{}), "session", "eyJ1aWQiOjIwMjY3NSwibGFuZyI6ImphIn0.WiK_8A.cJ_i8I0KHZyZl2j3RRVjaSazEJc")
	// Output:
	// "uid" 202675
	// "lang" ja
}

func ExampleDjango() {
	d := signed.Django{Keys: signed.Secrets([]byte("django secret"))}
	show(d, "pref", "u807290:1eL9Gq:1MCi4MTUeKBEj_wRJMslfjqRAHu3wxrLLkPF-uw7Rb8")
	show(d, "other", "u807290:1eL9Gq:1MCi4MTUeKBEj_wRJMslfjqRAHu3wxrLLkPF-uw7Rb8")
	// Output:
	// "" u807290
	// unverified: cookie: not verified: signature
}

func ExampleDjangoDumps() {
	d := signed.DjangoDumps{Keys: signed.Secrets([]byte("django secret"))}
	show(cookie.Chain(d, cookie.JSON{}), "data", "eyJ1aWQiOjIwMjY3NSwibGFuZyI6ImphIn0:1eL9Gq:CWvJaejN0eVjyP-JR10H8NdtRCMa0-K_a_0iy3tsyAM")
	// Output:
	// "uid" 202675
	// "lang" ja
}

func ExampleRails() {
	d := cookie.Chain(cookie.Percent{}, signed.Rails{Keys: signed.Secrets([]byte("secret key base"))}, cookie.JSON{})
	show(d, "uid", "NDI%3D--84f21882e3430f16eb33185e5234a64feb2807f0")
	// Output:
	// "" 42
}

func ExampleGorilla() {
	d := signed.Gorilla{Keys: signed.Secrets([]byte("a hash key for gorilla, 32 bytes"))}
	show(d, "session", "MTc5NTQwNTU1NHxkVGd3TnpJNU1BPT18hOuHEwCXF3lJIniCGWHIdjef_vS2Xkuh9Poc56RGqZw=")
	// Output:
	// "" u807290
}

func ExampleJWT() {
	d := signed.JWT{
		Algorithm: signed.HS256,
		Keys:      signed.Secrets([]byte("secret")),
		Now:       noon,
	}
	show(d, "token", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1ODA3MjkwIiwiZXhwIjoxNTEyMjMwNDAwfQ.ZejvoHq20FOw2qgdSSzN9XBi0EC6W2SHb-ZH4_FSLTU")
	d.Now = time.Now
	show(d, "token", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1ODA3MjkwIiwiZXhwIjoxNTEyMjMwNDAwfQ.ZejvoHq20FOw2qgdSSzN9XBi0EC6W2SHb-ZH4_FSLTU")
	// Output:
	// "sub" u807290
	// "exp" 1512230400
	// unverified: cookie: not verified: JWT expired or not yet valid
}

func ExampleUnverifiedJWT() {
	// What any client can write: good for counting, not for trusting.
	show(signed.UnverifiedJWT{}, "token", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1ODA3MjkwIiwiZXhwIjoxNTEyMjMwNDAwfQ.ZejvoHq20FOw2qgdSSzN9XBi0EC6W2SHb-ZH4_FSLTU")
	// Output:
	// "sub" u807290
	// "exp" 1512230400
}

// The claims that are wanted, out of a header, by an allow-list.
func ExampleJWT_claims() {
	x, err := cookie.NewExtractor(cookie.Extract{Fields: []cookie.Field{{
		Name: "token", Label: "user",
		Decoder: signed.JWT{Algorithm: signed.HS256, Keys: signed.Secrets([]byte("secret")), Now: noon},
		Members: []string{"sub"},
	}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := x.Bind() // once a goroutine
	for _, header := range []string{
		"theme=dark; token=eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJ1ODA3MjkwIiwiZXhwIjoxNTEyMjMwNDAwfQ.ZejvoHq20FOw2qgdSSzN9XBi0EC6W2SHb-ZH4_FSLTU",
		"theme=dark; token=eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1ODA3MjkwIn0.", // unsigned
	} {
		_ = r.Extract([]byte(header)) // a limit, whose results stand
		for i := range r.Len() {
			fmt.Printf("%s: %s\n", r.At(i).Label, r.At(i).Bytes)
		}
		fmt.Println("unverified:", r.Counts().Unverified)
	}
	// Output:
	// user.sub: u807290
	// unverified: 0
	// unverified: 1
}

// Whoever holds only the public key can verify and not sign.
func ExamplePublicKeys() {
	block, _ := pem.Decode([]byte(`-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
-----END PUBLIC KEY-----`))
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		fmt.Println(err)
		return
	}
	d := signed.JWT{Algorithm: signed.EdDSA, Keys: signed.PublicKeys(key)}
	show(d, "token", "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ1ODA3MjkwIiwiYWRtaW4iOmZhbHNlfQ.CGsBJOOOYj9PtLk10Hhj2kIl7CwIA21F6lCiJJnKFJ7Bfa-sI8ZoB1u04Q2LVvVXkpjuFSLxMgDBNA31VagnDQ")
	// Output:
	// "sub" u807290
	// "admin" false
}

// No key is ever printed, nor is a wrong configuration met by a cookie.
func ExampleKeys() {
	keys := signed.Secrets([]byte("the new secret"), []byte("the old secret"))
	fmt.Printf("%v %#v\n", keys, signed.Express{Keys: keys})
	fmt.Println(cookie.Check(signed.JWT{Keys: keys}))
	fmt.Println(cookie.Check(signed.Express{}))
	// Output:
	// signed.Keys(2) signed.Express{Keys:signed.Keys(2)}
	// signed: JWT without an algorithm
	// signed: no key
}

// A signature counts for as long as the application says.
func ExampleAge() {
	d := signed.Django{
		Keys: signed.Secrets([]byte("django secret")),
		Age:  signed.Age{Max: 24 * time.Hour}, // the cookie is of 2017
	}
	show(d, "pref", "u807290:1eL9Gq:1MCi4MTUeKBEj_wRJMslfjqRAHu3wxrLLkPF-uw7Rb8")
	// Output: unverified: cookie: not verified: too old, or from the future
}
