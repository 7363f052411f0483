package cookie_test

import (
	"net/http"
	"testing"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

// tenCookies is what a shop's visitor sends: 10 cookies, 592 bytes, and every
// one of them to the liking of net/http.
const tenCookies = "_ga=GA1.2.540650868.1528792785; _gid=GA1.2.1101683197.1546374128; " +
	"_ga_X1Y2Z3W4V5=GS1.1.1746825440.14.0.1746825444.0.0.0; _fbp=fb.1.1596403881668.1116446470; " +
	"uid=4840603; own=seg%3D%25E8%2582%258C%26rank%3D6%26src%3Dq%253D1%26page%3D3%26sort%3Dnew%26ref%3Dabcdefghijklmnopqrstuvwxy%26utm_source%3Dmail; " +
	"sess=eyJ1aWQiOiAyMDI2NzUsICJsYW5nIjogImphIiwgInQiOiAxNTEyMjQ3OTExLCAiY2FydCI6IFsxMDQsIDIwODYsIDMzNV0sICJzdGVwIjogImFkZHJlc3MifQ; " +
	"connect.sid=s%3Au807290.FHHKf8%2B0ePx6U0sES2ogoB5TrBJtOGDYOtGlvhVAKKk; " +
	`csrftoken=a32e69083d235422537696b2c9498373a32e69083d235422537696b2c9498373ab; theme="dark"`

func header() []byte { return []byte(tenCookies) }

func bench(b *testing.B, size int, f func()) {
	b.Helper()
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		f()
	}
}

func BenchmarkHeader(b *testing.B) {
	h := header()
	b.Run("Cursor", func(b *testing.B) {
		var c cookie.Cursor
		bench(b, len(h), func() {
			for c.Reset(h); c.Next(); {
			}
		})
	})
	b.Run("All", func(b *testing.B) {
		bench(b, len(h), func() {
			for name, value := range cookie.All(h) {
				_, _ = name, value
			}
		})
	})
	b.Run("one name, Get", func(b *testing.B) {
		bench(b, len(h), func() { cookie.Get(h, "sess") })
	})
	b.Run("four names, Selector", func(b *testing.B) {
		sel, dst := cookie.NewSelector("uid", "own", "sess", "theme"), make([][]byte, 0, 4)
		bench(b, len(h), func() { dst, _ = sel.Select(dst[:0], h) })
	})
	b.Run("Validate", func(b *testing.B) {
		bench(b, len(h), func() {
			if err := cookie.Validate(h); err != nil {
				b.Fatal(err)
			}
		})
	})
	b.Run("ParseCookie of net-http", func(b *testing.B) {
		bench(b, len(h), func() {
			if all, err := http.ParseCookie(tenCookies); err != nil || len(all) != 10 {
				b.Fatal(err)
			}
		})
	})
	b.Run("Cookies of net-http", func(b *testing.B) {
		r := &http.Request{Header: http.Header{"Cookie": {tenCookies}}}
		bench(b, len(h), func() { r.Cookies() })
	})
	b.Run("one name, Cookie of net-http", func(b *testing.B) {
		r := &http.Request{Header: http.Header{"Cookie": {tenCookies}}}
		bench(b, len(h), func() { _, _ = r.Cookie("sess") })
	})
}

// Every real header in turn, so that no branch can be learnt by heart.
func BenchmarkRealHeaders(b *testing.B) {
	var all [][]byte
	var texts []string
	size := 0
	for _, h := range realHeaders(b) {
		if _, err := http.ParseCookie(h.Header); err != nil {
			continue // it reads these not at all
		}
		all, texts = append(all, []byte(h.Header)), append(texts, h.Header)
		size += len(h.Header)
	}
	b.Run("Cursor", func(b *testing.B) {
		var c cookie.Cursor
		bench(b, size, func() {
			for _, h := range all {
				for c.Reset(h); c.Next(); {
				}
			}
		})
	})
	b.Run("ParseCookie of net-http", func(b *testing.B) {
		bench(b, size, func() {
			for _, text := range texts {
				_, _ = http.ParseCookie(text)
			}
		})
	})
}
