package signed_test

import (
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
