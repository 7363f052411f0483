package cookie_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

// maxBound is what the package doc promises: no input makes a bound decoder
// and its Values allocate more, in all.
const maxBound = 128 << 10

func TestNoInputAllocatesMore(t *testing.T) {
	const size = 1 << 20
	inputs := []string{
		strings.Repeat("x", size), strings.Repeat("%41", size/3), strings.Repeat("&", size), strings.Repeat("a=1&", size/4),
		strings.Repeat("[", size), strings.Repeat(`{"a":`, size/5), `{"` + strings.Repeat("x", size), `["` + strings.Repeat("x", size),
		"[" + strings.Repeat(`{"\u0061":1},`, size/13) + "1]", "[{" + strings.Repeat(`"\u0061":1,`, size/11) + "}]",
		strings.Repeat(`{"`+strings.Repeat("k", 1000)+`":`, 64), strings.Repeat("\xff", size), strings.Repeat(`\000`, size/4),
		"GS2.1." + strings.Repeat("s1$", size/3), "GA1.1." + strings.Repeat("1", size), "fb.1.1." + strings.Repeat("1", size),
		strings.Repeat("9", size), strings.Repeat("Zm9v", size/4), "{" + strings.Repeat(`"a":1,`, size/6) + `"b":2}`,
	}
	for i := range 64 { // names that differ, so that every list fills
		inputs = append(inputs, strings.Repeat(fmt.Sprintf("k%d=%s&", i, strings.Repeat("v", 200)), i))
	}
	for _, d := range []cookie.Decoder{
		cookie.Percent{}, form, cookie.Base64{}, base64u, ampersed, cookie.JSON{}, cookie.GoogleAnalytics{}, cookie.FacebookBrowserID{},
		cookie.Int{}, cookie.Text{}, cookie.Unquote{}, hashed, cookie.Redact{},
		cookie.Chain(ampersed, cookie.Percent{}, cookie.JSON{}, cookie.Text{}), cookie.Chain(base64u, cookie.JSON{}),
	} {
		for _, in := range inputs {
			value := []byte(in)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			var dst cookie.Values
			_ = d.Bind()(&dst, nil, value)
			runtime.ReadMemStats(&after)
			require.LessOrEqual(t, after.TotalAlloc-before.TotalAlloc, uint64(maxBound), "%T, %.20q", d, in)
		}
	}
}
