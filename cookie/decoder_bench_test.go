package cookie_test

import (
	"net/url"
	"testing"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

// decoding measures d on value.
func decoding(b *testing.B, d cookie.Decoder, value string) {
	b.Helper()
	decode, text := d.Bind(), []byte(value)
	var dst cookie.Values
	bench(b, len(text), func() {
		dst.Reset()
		if err := decode(&dst, nil, text); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkDecoders(b *testing.B) {
	const percent = "seg%3D%25E8%2582%258C%26rank%3D6%26src%3Dq%253D1"
	b.Run("Percent", func(b *testing.B) { decoding(b, cookie.Percent{}, percent) })
	b.Run("Percent, url.PathUnescape", func(b *testing.B) {
		bench(b, len(percent), func() { _, _ = url.PathUnescape(percent) })
	})
	const pairs = "seg=c%2Cd&rank=0&src=top&page=3&sort=new&utm_source=mail&utm_medium=cpc&lang=ja"
	b.Run("Pairs", func(b *testing.B) { decoding(b, cookie.Pairs('&', '='), pairs) })
	b.Run("Pairs, values decoded", func(b *testing.B) {
		decoding(b, cookie.Chain(cookie.Pairs('&', '='), cookie.Percent{Plus: true}), pairs)
	})
	b.Run("Pairs, url.ParseQuery", func(b *testing.B) {
		bench(b, len(pairs), func() { _, _ = url.ParseQuery(pairs) })
	})
	b.Run("own of job 1", func(b *testing.B) {
		decoding(b, cookie.Chain(cookie.Percent{}, cookie.Pairs('&', '='), cookie.Percent{Plus: true}), percent)
	})
	b.Run("sess of job 1", func(b *testing.B) {
		decoding(b, cookie.Chain(cookie.Base64{URL: true}, cookie.JSON{}), "eyJ1aWQiOiAyMDI2NzUsICJsYW5nIjogImphIiwgInQiOiAxNTEyMjQ3OTExfQ")
	})
	b.Run("JSON", func(b *testing.B) { decoding(b, cookie.JSON{}, `{"uid": 202675, "lang": "ja", "t": 1512247911}`) })
	b.Run("GoogleAnalytics", func(b *testing.B) {
		decoding(b, cookie.GoogleAnalytics{}, "GS2.1.s1746825440$o14$g0$t1746825444$j0$l0$h0")
	})
	b.Run("FacebookBrowserID", func(b *testing.B) { decoding(b, cookie.FacebookBrowserID{}, "fb.1.1596403881668.1116446470") })
	b.Run("Int", func(b *testing.B) { decoding(b, cookie.Int{}, "4840603") })
	b.Run("Text", func(b *testing.B) { decoding(b, cookie.Text{}, "dark") })
	b.Run("KeyedHash", func(b *testing.B) { decoding(b, cookie.KeyedHash([]byte("key")), "4840603") })
}
