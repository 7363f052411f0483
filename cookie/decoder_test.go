package cookie_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

func decode(d cookie.Decoder, value string) (string, error) {
	var dst cookie.Values
	err := d.Bind()(&dst, []byte("name"), []byte(value))
	return show(&dst), err
}

var (
	form     = cookie.Percent{Plus: true}
	ampersed = cookie.Pairs('&', '=')
	base64u  = cookie.Base64{URL: true}
	hashed   = cookie.KeyedHash([]byte("key"))
)

func TestDecoders(t *testing.T) {
	malformed, tooLarge := cookie.ErrMalformed, cookie.ErrTooLarge
	many := func(n int, format, sep string) string {
		var parts []string
		for i := range n {
			parts = append(parts, fmt.Sprintf(format, i))
		}
		return strings.Join(parts, sep)
	}
	for _, tt := range []struct {
		name  string
		d     cookie.Decoder
		value string
		want  string
		err   error
	}{
		{"percent", cookie.Percent{}, "seg%3Db%26rank%3d5+x", "=s:seg=b&rank=5+x", nil},
		{"percent, nothing to do", cookie.Percent{}, "plain", "=s:plain", nil},
		{"percent, empty", cookie.Percent{}, "", "=s:", nil},
		{"percent, not hex", cookie.Percent{}, "%zz%4%", "=s:%zz%4%", nil},
		{"percent, half hex", cookie.Percent{}, "%4z%z4%%41", "=s:%4z%z4%A", nil},
		{"percent, not twice", cookie.Percent{}, "%2541", "=s:%41", nil},
		{"percent, cut UTF-8", cookie.Percent{}, "%E8%82", "=s:\xe8\x82", nil},
		{"percent, NUL", cookie.Percent{}, "a%00b", "=s:a\x00b", nil},
		{"form", form, "a+b%2Bc", "=s:a b+c", nil},

		{"base64", cookie.Base64{}, "Zm9v", "=s:foo", nil},
		{"base64, padded", cookie.Base64{}, "Zm8=", "=s:fo", nil},
		{"base64, not padded", cookie.Base64{}, "Zm8", "=s:fo", nil},
		{"base64, empty", cookie.Base64{}, "", "=s:", nil},
		{"base64, half the padding", cookie.Base64{}, "Zg=", "", malformed},
		{"base64, too much padding", cookie.Base64{}, "Zm8==", "", malformed},
		{"base64, only padding", cookie.Base64{}, "====", "", malformed},
		{"base64, padding inside", cookie.Base64{}, "Zg==Zg==", "", malformed},
		{"base64, tail not strict", cookie.Base64{}, "Zm9", "", malformed},
		{"base64, one digit", cookie.Base64{}, "Z", "", malformed},
		{"base64, line break", cookie.Base64{}, "Zm9v\nZm9v", "", malformed},
		{"base64, line break at the end", cookie.Base64{}, "Zm9v\r\n", "", malformed},
		{"base64, std alphabet", cookie.Base64{}, "+/+/", "=s:\xfb\xff\xbf", nil},
		{"base64, wrong alphabet", cookie.Base64{}, "-_-_", "", malformed},
		{"base64url", base64u, "-_-_", "=s:\xfb\xff\xbf", nil},
		{"base64url, wrong alphabet", base64u, "+/+/", "", malformed},

		{"pairs", ampersed, "seg=b&rank=5&src=top", "seg=s:b|rank=s:5|src=s:top", nil},
		{"pairs, odd", ampersed, "&&a&=b&c=d=e&", "a=s:|=s:b|c=s:d=e", nil},
		{"pairs, empty", ampersed, "", "", nil},
		{"pairs, repeated", ampersed, "a=1&b=2&a=3", "a=s:1|b=s:2", nil},
		{"pairs, other separators", cookie.Pairs('|', ':'), "a:1|b:2", "a=s:1|b=s:2", nil},
		{"pairs, 64", ampersed, many(64, "k%d=v", "&"), strings.ReplaceAll(many(64, "k%d=s:v", "|"), "&", "|"), nil},
		{"pairs, 65", ampersed, many(65, "k%d=v", "&"), "", tooLarge},
		{"pairs, 65 alike", ampersed, strings.Repeat("a=1&", 65), "", tooLarge},
		{"pairs, many separators", ampersed, strings.Repeat("&", 10_000) + "a=1", "a=s:1", nil},

		{"JSON", cookie.JSON{}, `{"uid": 1, "lang":"ja", "t":true, "n":null}`, "uid=n:1|lang=s:ja|t=b:true|n=0:null", nil},
		{"JSON, j:", cookie.JSON{}, `j:{"a":1}`, "a=n:1", nil},
		{"JSON, nested", cookie.JSON{}, `{"a":{"b":{"c":1},"d":2},"e":3}`, "a.b.c=n:1|a.d=n:2|e=n:3", nil},
		{"JSON, array", cookie.JSON{}, "{\"a\":[1, \"x\\n y\",\n {\"b\" : 2}],\"c\":3}", `a=j:[1,"x\n y",{"b":2}]|c=n:3`, nil},
		{"JSON, scalar", cookie.JSON{}, `"x"`, "=s:x", nil},
		{"JSON, array alone", cookie.JSON{}, ` [ ] `, "=j:[]", nil},
		{"JSON, empty objects", cookie.JSON{}, `{"a":{},"b":{"c":{}}}`, "", nil},
		{"JSON, empty names", cookie.JSON{}, `{"":{"":1,"a":2}}`, ".=n:1|.a=n:2", nil},
		{"JSON, escapes", cookie.JSON{}, `{"\u0061\"":"\u808c\ud83d\ude00\n"}`, "a\"=s:肌😀\n", nil},
		{"JSON, numbers as they are", cookie.JSON{}, `[1]`, "=j:[1]", nil},
		{"JSON, long number", cookie.JSON{}, `123456789012345678901234567890.0e+99`, "=n:123456789012345678901234567890.0e+99", nil},
		{"JSON, repeated name", cookie.JSON{}, `{"a":1,"b":2,"a":3}`, "a=n:1|b=n:2", nil},
		{"JSON, same dotted name", cookie.JSON{}, `{"a.b":1,"a":{"b":2}}`, "a.b=n:1", nil},
		{"JSON, name repeated in an array", cookie.JSON{}, `{"z":1,"a":[{"b":1,"c":{"b":2},"b":3}]}`, "", malformed},
		{"JSON, name repeated by escape", cookie.JSON{}, `[[{"b":1,"\u0062":3}]]`, "", malformed},
		{"JSON, same names in other objects", cookie.JSON{}, `[{"b":[{"b":1}]},{"b":{"b":2}}]`, `=j:[{"b":[{"b":1}]},{"b":{"b":2}}]`, nil},
		{"JSON, empty", cookie.JSON{}, "", "", malformed},
		{"JSON, cut", cookie.JSON{}, `{"a":1`, "", malformed},
		{"JSON, cut in an array", cookie.JSON{}, `{"z":1,"a":[1,`, "", malformed},
		{"JSON, trailing", cookie.JSON{}, `{"a":1}x`, "", malformed},
		{"JSON, invalid UTF-8", cookie.JSON{}, "{\"a\":\"\xff\"}", "", malformed},
		{"JSON, 007", cookie.JSON{}, `{"a":007}`, "", malformed},
		{"JSON, depth 64", cookie.JSON{}, strings.Repeat("[", 64) + strings.Repeat("]", 64), "=j:" + strings.Repeat("[", 64) + strings.Repeat("]", 64), nil},
		{"JSON, depth 65", cookie.JSON{}, strings.Repeat("[", 65) + strings.Repeat("]", 65), "", tooLarge},
		{"JSON, objects to depth 65", cookie.JSON{}, strings.Repeat(`{"a":`, 65), "", tooLarge},
		{"JSON, 64 members", cookie.JSON{}, "{" + many(64, `"k%d":0`, ",") + "}", many(64, "k%d=n:0", "|"), nil},
		{"JSON, 65 members", cookie.JSON{}, "{" + many(65, `"k%d":0`, ",") + "}", "", tooLarge},
		{"JSON, 65 members in an array", cookie.JSON{}, "[{" + many(65, `"k%d":0`, ",") + "}]", "", tooLarge},
		{"JSON, names that multiply", cookie.JSON{}, `{"` + strings.Repeat("x", 8000) + `":{"a":1,"b":2,"c":3}}`, "", tooLarge},
		{"JSON, names without end", cookie.JSON{}, strings.Repeat(`{"`+strings.Repeat("x", 8000)+`":`, 9), "", tooLarge},

		{"int", cookie.Int{}, "4840603", "=n:4840603", nil},
		{"int, zeros", cookie.Int{}, "007", "=n:7", nil},
		{"int, zero", cookie.Int{}, "000", "=n:0", nil},
		{"int, negative", cookie.Int{}, "-12", "=n:-12", nil},
		{"int, negative zero", cookie.Int{}, "-0", "=n:0", nil},
		{"int, negative with zeros", cookie.Int{}, "-0012", "=n:-12", nil},
		{"int, greatest", cookie.Int{}, "9223372036854775807", "=n:9223372036854775807", nil},
		{"int, overflow", cookie.Int{}, "9223372036854775808", "", malformed},
		{"int, least", cookie.Int{}, "-9223372036854775808", "=n:-9223372036854775808", nil},
		{"int, underflow", cookie.Int{}, "-9223372036854775809", "", malformed},
		{"int, long", cookie.Int{}, strings.Repeat("9", 20), "", malformed},
		{"int, empty", cookie.Int{}, "", "", malformed},
		{"int, sign", cookie.Int{}, "-", "", malformed},
		{"int, plus", cookie.Int{}, "+1", "", malformed},
		{"int, fraction", cookie.Int{}, "1.0", "", malformed},
		{"int, space", cookie.Int{}, " 1", "", malformed},
		{"int, other digits", cookie.Int{}, "１", "", malformed},

		{"text", cookie.Text{}, "dark", "=s:dark", nil},
		{"text, invalid UTF-8", cookie.Text{}, "a\xffb\xe8\x82c肌", "=s:a\ufffdb\ufffd\ufffdc肌", nil},
		{"text, grows beyond the limit", cookie.Text{}, strings.Repeat("\xff", 6000), "", tooLarge},
		{"text, at the limit", cookie.Text{}, strings.Repeat("x", cookie.MaxDecoded), "=s:" + strings.Repeat("x", cookie.MaxDecoded), nil},
		{"text, beyond the limit", cookie.Text{}, strings.Repeat("x", cookie.MaxDecoded+1), "", tooLarge},
		{"percent, beyond the limit", cookie.Percent{}, strings.Repeat("x", 1<<20), "", tooLarge},
		{"base64, beyond the limit", cookie.Base64{}, strings.Repeat("xxxx", 1<<18), "", tooLarge},

		// The vectors of CPython's Lib/test/test_http_cookies.py.
		{"unquote", cookie.Unquote{}, `"fu\"ba\\r\073"`, `=s:fu"ba\r;`, nil},
		{"unquote, newline", cookie.Unquote{}, `E=everybody needs a\012 break`, "=s:E=everybody needs a\n break", nil},
		{"unquote, loves", cookie.Unquote{}, `Loves\"\012`, "=s:Loves\"\n", nil},
		{"unquote, high byte", cookie.Unquote{}, `\303\251`, "=s:é", nil},
		{"unquote, not octal", cookie.Unquote{}, `\400\08\x`, "=s:40008x", nil},
		{"unquote, end", cookie.Unquote{}, `a\`, `=s:a\`, nil},
		{"unquote, lone quote", cookie.Unquote{}, `"`, `=s:"`, nil},

		{"_ga", cookie.GoogleAnalytics{}, "GA1.2.540650868.1528792785", "client=s:540650868.1528792785|created=n:1528792785", nil},
		{"_ga, depth of a path", cookie.GoogleAnalytics{}, "GA1.1-2.540650868.1528792785", "client=s:540650868.1528792785|created=n:1528792785", nil},
		{"_ga, AMP", cookie.GoogleAnalytics{}, "GA1.2.amp-AbC_d", "client=s:amp-AbC_d", nil},
		{"_ga, cut", cookie.GoogleAnalytics{}, "GA1.2.", "", malformed},
		{"_ga, cut more", cookie.GoogleAnalytics{}, "GA1", "", malformed},
		{"_ga, other", cookie.GoogleAnalytics{}, "GA2.1.x.y", "", malformed},
		{"_ga, empty", cookie.GoogleAnalytics{}, "", "", malformed},
		{"GS1", cookie.GoogleAnalytics{}, "GS1.1.1746825440.14.1.1746825444.60.0.295082955",
			"session=n:1746825440|count=n:14|engaged=b:true|last=n:1746825444|join=n:60|login=n:0|user=s:295082955", nil},
		{"GS1, short", cookie.GoogleAnalytics{}, "GS1.1.1659710029.4.1.1659710504.0",
			"session=n:1659710029|count=n:4|engaged=b:true|last=n:1659710504|join=n:0", nil},
		{"GS1, not a number", cookie.GoogleAnalytics{}, "GS1.1.1659710029.x", "", malformed},
		{"GS1, empty session", cookie.GoogleAnalytics{}, "GS1.1..4", "", malformed},
		{"GS2", cookie.GoogleAnalytics{}, "GS2.1.s1746825440$o14$g0$t1746825444$j0$l0$h0",
			"session=n:1746825440|count=n:14|engaged=b:false|last=n:1746825444|join=n:0|login=n:0|user=s:0", nil},
		{"GS2, any order", cookie.GoogleAnalytics{}, "GS2.1.t1746825444$g1$$zunknown$dX$o14$s1746825440$s7",
			"session=n:1746825440|count=n:14|engaged=b:true|last=n:1746825444", nil},
		{"GS2, no session", cookie.GoogleAnalytics{}, "GS2.1.o14", "", malformed},
		{"GS2, odd flag", cookie.GoogleAnalytics{}, "GS2.1.s1$g2", "", malformed},
		{"_fbp", cookie.FacebookBrowserID{}, "fb.1.1596403881668.1116446470", "id=s:1116446470|created=n:1596403881668", nil},
		{"_fbc", cookie.FacebookBrowserID{}, "fb.1.1554763741205.AbCdEf_-1.Bg", "id=s:AbCdEf_-1|created=n:1554763741205", nil},
		{"_fbp, cut", cookie.FacebookBrowserID{}, "fb.1.1596403881668.", "", malformed},
		{"_fbp, no time", cookie.FacebookBrowserID{}, "fb.1.x.1", "", malformed},
		{"_fbp, no level", cookie.FacebookBrowserID{}, "fb..1.1", "", malformed},
		{"_fbp, other", cookie.FacebookBrowserID{}, "fbx", "", malformed},

		{"redact", cookie.Redact{}, "secret", "=s:[redacted]", nil},
		{"redact, own text", cookie.Redact{With: "-"}, "secret", "=s:-", nil},
		{"hash", hashed, "4840603", "=s:" + hmacHex("key", "4840603"), nil},

		// Chains.
		{"own of job 1", cookie.Chain(cookie.Percent{}, ampersed, form), "seg%3D%25E8%2582%258C%26rank%3D6%26src%3Dq%253D1", "seg=s:肌|rank=s:6|src=s:q=1", nil},
		{"sess of job 1", cookie.Chain(base64u, cookie.JSON{}), "eyJ1aWQiOiAyMDI2NzUsICJsYW5nIjogImphIiwgInQiOiAxNTEyMjQ3OTExfQ", "uid=n:202675|lang=s:ja|t=n:1512247911", nil},
		{"one link", cookie.Chain(cookie.Int{}), "1", "=n:1", nil},
		{"four links", cookie.Chain(cookie.Percent{}, ampersed, base64u, cookie.Int{}), "a=MQ&b=Mg", "a=n:1|b=n:2", nil},
		{"names join", cookie.Chain(ampersed, cookie.JSON{}), `a={"b":{"c":1},"d":2}&e=3`, "a.b.c=n:1|a.d=n:2|e=n:3", nil},
		{"names join over three", cookie.Chain(ampersed, cookie.Pairs(',', ':'), cookie.Pairs('!', '~')), `a=b:c~1,d:e~2`, "a.b.c=s:1|a.d.e=s:2", nil},
		{"a chain in a chain", cookie.Chain(cookie.Chain(cookie.Percent{}, ampersed), cookie.Int{}), "a%3D1", "a=n:1", nil},
		{"chains that do not know of each other", cookie.Chain(ampersed, apart{cookie.Chain(cookie.Pairs(',', ':'), apart{cookie.Chain(cookie.Pairs('!', '~'), cookie.JSON{})})}),
			`a=b:c~1!d~{"x":2},e:f~3!g~4&h=i:j~5`, "a.b.c=n:1|a.b.d.x=n:2|a.e.f=n:3|a.e.g=n:4|h.i.j=n:5", nil},
		{"null is handed through", cookie.Chain(cookie.JSON{}, hashed), `{"a":null,"b":1}`, "a=0:null|b=s:" + hmacHex("key", "1"), nil},
		{"one part fails, all fails", cookie.Chain(ampersed, cookie.Int{}), "a=1&b=x", "", malformed},
		{"the first fails", cookie.Chain(base64u, cookie.JSON{}), "!", "", malformed},
		{"the middle fails", cookie.Chain(cookie.Percent{}, base64u, cookie.JSON{}), "!", "", malformed},
		{"the last fails", cookie.Chain(base64u, cookie.JSON{}), "Zm9v", "", malformed},
		{"nothing in, nothing out", cookie.Chain(ampersed, cookie.Int{}), "", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := decode(tt.d, tt.value)
			if tt.err == nil {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, tt.err)
				require.NotEqual(t, errors.Is(err, malformed), errors.Is(err, tooLarge))
			}
			require.Equal(t, tt.want, got)

			// What dst held stays as it was, also if decoding fails half way;
			// value is not written into; the bound form works a second time.
			var dst cookie.Values
			value := []byte(tt.value)
			f := tt.d.Bind()
			_ = f(&dst, nil, value)
			dst.Reset()
			require.NoError(t, dst.Add([]byte("before"), cookie.KindString, []byte("kept")))
			_ = f(&dst, nil, value)
			require.Equal(t, tt.value, string(value))
			want := "before=s:kept"
			if tt.want != "" && len(tt.value) < cookie.MaxDecoded && dst.Len() < cookie.MaxValues && dst.Len() > 1 {
				want += "|" + tt.want
			}
			require.Equal(t, want, show(&dst))
		})
	}
}

func hmacHex(key, value string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(value))
	return fmt.Sprintf("%x", mac.Sum(nil)[:16])
}

func TestChainCheck(t *testing.T) {
	for name, d := range map[string]cookie.Decoder{
		"empty":          cookie.Chain(),
		"nil":            cookie.Chain(nil),
		"nil further on": cookie.Chain(cookie.Percent{}, nil),
		"too long":       cookie.Chain(cookie.Percent{}, cookie.Percent{}, cookie.Percent{}, cookie.Percent{}, cookie.Percent{}),
		"too long in all": cookie.Chain(cookie.Chain(cookie.Percent{}, cookie.Percent{}, cookie.Percent{}),
			cookie.Chain(cookie.Percent{}, cookie.Percent{})),
		"hash without a key":       cookie.KeyedHash(nil),
		"hash without a key later": cookie.Chain(cookie.Percent{}, cookie.KeyedHash(nil)),
	} {
		require.Error(t, cookie.Check(d), name)
		_, err := decode(d, "x")
		require.Error(t, err, name)
		_, err = cookie.NewExtractor(cookie.Extract{Fields: []cookie.Field{{Name: "a", Label: "a", Decoder: d}}})
		require.Error(t, err, name)
	}
	require.Error(t, cookie.Check(nil))
	require.NoError(t, cookie.Check(cookie.Chain(cookie.Percent{}, cookie.Percent{}, cookie.Percent{}, cookie.Percent{})))
	var limit *cookie.LimitError
	require.ErrorAs(t, cookie.Check(cookie.Chain(make([]cookie.Decoder, 5)...)), &limit)
	require.Equal(t, cookie.LimitChain, limit.Limit)
}

// Decoders may be shared: each bound form has scratch of its own.
func TestDecodersAreShared(t *testing.T) {
	d := cookie.Chain(cookie.Percent{}, ampersed, form)
	done := make(chan error)
	for range 4 {
		go func() {
			f := d.Bind()
			var dst cookie.Values
			for range 1000 {
				dst.Reset()
				if err := f(&dst, nil, []byte("seg%3Db%26src%3Dtop")); err != nil || dst.Len() != 2 {
					done <- fmt.Errorf("%v, %d", err, dst.Len())
					return
				}
			}
			done <- nil
		}()
	}
	for range 4 {
		require.NoError(t, <-done)
	}
}

func TestHashKeyNeverShows(t *testing.T) {
	type nested struct{ hidden any }
	d := cookie.KeyedHash([]byte("SECRET"))
	for _, v := range []any{d, &d, nested{d}, &nested{&d}, cookie.Chain(d, d), cookie.Field{Decoder: d}, d.Bind()} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%c", "%U", "%b"} {
			text := fmt.Sprintf(verb, v)
			require.NotContains(t, text, "SECRET")
			require.NotContains(t, strings.ToLower(text), "534543524554")
			require.NotContains(t, text, "83 69 67")
			require.NotContains(t, text, "123 105 103")
		}
		text, _ := json.Marshal(v)
		require.NotContains(t, string(text), "SECRET")
		require.NotContains(t, string(text), base64.StdEncoding.EncodeToString([]byte("SECRET")))
	}
	require.NotContains(t, cookie.Check(cookie.KeyedHash(nil)).Error(), "SECRET")
}

func TestHashKeyIsCopied(t *testing.T) {
	key := []byte("key")
	d := cookie.KeyedHash(key)
	clear(key)
	got, err := decode(d, "4840603")
	require.NoError(t, err)
	require.Equal(t, "=s:"+hmacHex("key", "4840603"), got)
}

// Percent against net/url, where that does not give up.
func TestPercentAgainstURL(t *testing.T) {
	for _, h := range realHeaders(t) {
		for _, value := range cookie.All([]byte(h.Header)) {
			if want, err := url.PathUnescape(string(value)); err == nil {
				got, err := decode(cookie.Percent{}, string(value))
				require.NoError(t, err)
				require.Equal(t, "=s:"+want, got)
			}
			if want, err := url.QueryUnescape(string(value)); err == nil {
				got, err := decode(form, string(value))
				require.NoError(t, err)
				require.Equal(t, "=s:"+want, got)
			}
		}
	}
}

func TestDecodersAllocNothing(t *testing.T) {
	for _, tt := range []struct {
		d     cookie.Decoder
		value string
	}{
		{cookie.Percent{}, "a%41b%"},
		{form, "a+b%41"},
		{base64u, "eyJ1aWQiOiAyMDI2NzV9"},
		{base64u, "not base64!"},
		{ampersed, "a=1&b=2&c=3"},
		{ampersed, strings.Repeat("a&", 100)},
		{cookie.JSON{}, `j:{"a":{"b":"x\n"},"c":[1, {"d":2,"\u0064e":3}]}`},
		{cookie.JSON{}, `{"a":`},
		{cookie.JSON{}, strings.Repeat("[", 100)},
		{cookie.GoogleAnalytics{}, "GS2.1.s1746825440$o14$g0$t1746825444$j0$l0$h0"},
		{cookie.GoogleAnalytics{}, "GS1.1.1746825440.14.1.1746825444.60.0.295082955"},
		{cookie.GoogleAnalytics{}, "GA1.2.540650868.1528792785"},
		{cookie.FacebookBrowserID{}, "fb.1.1596403881668.1116446470"},
		{cookie.Int{}, "-0042"},
		{cookie.Int{}, "x"},
		{cookie.Text{}, "\xff"},
		{cookie.Unquote{}, `a\073b`},
		{cookie.Redact{}, "x"},
		{hashed, "4840603"},
		{cookie.Chain(cookie.Percent{}, ampersed, form), "seg%3Dc%252Cd%26rank%3D0%26src%3Dtop"},
		{cookie.Chain(base64u, cookie.JSON{}), "eyJ1aWQiOiAyMDI2NzV9"},
	} {
		f, value := tt.d.Bind(), []byte(tt.value)
		var dst cookie.Values
		require.Zero(t, testing.AllocsPerRun(50, func() {
			dst.Reset()
			_ = f(&dst, nil, value)
		}), "%T %s", tt.d, tt.value)
	}
}

// A bound decoder keeps no alias of a value: what it gave stays when the
// header's memory is used again.
func TestDecodersKeepNothing(t *testing.T) {
	var dst cookie.Values
	value := []byte("seg%3Db%26src%3Dtop")
	f := cookie.Chain(cookie.Percent{}, ampersed, form).Bind()
	require.NoError(t, f(&dst, nil, value))
	copy(value, bytes.Repeat([]byte{'#'}, len(value)))
	require.Equal(t, "seg=s:b|src=s:top", show(&dst))
}

// apart is a decoder of the caller's own: Chain does not see the chain that it holds.
type apart struct{ inner cookie.Decoder }

func (a apart) Bind() cookie.DecodeFunc { return a.inner.Bind() }

var someChains = [][]cookie.Decoder{
	{cookie.Percent{}, ampersed, form},
	{ampersed, form},
	{cookie.Percent{}, base64u, cookie.Percent{}, ampersed},
	{form, cookie.Percent{}},
	{ampersed, cookie.Percent{}, cookie.JSON{}, cookie.Text{}},
	{base64u, cookie.JSON{}, hashed},
	{cookie.JSON{}, ampersed, form},
}

// sameLinkByLink requires that a chain gives what it gives if it does not know its
// links, and has Values between them all.
func sameLinkByLink(t *testing.T, links []cookie.Decoder, value string) {
	t.Helper()
	var unknown []cookie.Decoder
	for _, d := range links {
		unknown = append(unknown, apart{d})
	}
	var got, want cookie.Values
	err := cookie.Chain(links...).Bind()(&got, nil, []byte(value))
	require.Equal(t, cookie.Chain(unknown...).Bind()(&want, nil, []byte(value)), err, "%T", links)
	require.Equal(t, show(&want), show(&got), "%T", links)
	require.Equal(t, want.Repeated(), got.Repeated(), "%T", links)
}

func TestChainKnowsItsLinks(t *testing.T) {
	long := strings.Repeat("x", cookie.MaxDecoded-2)
	for _, value := range []string{
		"", "=", "&", "a", "a=1&b=2", "a=%31&b=+&a=%zz&c", "seg%3D%25E8%2582%258C%26rank%3D6%26src%3Dq%253D1%26rank%3D7",
		"YT0lMjUzMQ", "YT0lMjUzMQ=", "YQ==", `{"a":"b=%31&b=2","c":null,"d":{"e":"f=+"}}`, `a={"b":1}&b={&c=`, "eyJhIjpudWxsLCJiIjoxfQ",
		strings.Repeat("a=%41&", 64), strings.Repeat("a=%41&", 65), strings.Repeat("a%3D%2541%26", 65),
		"a=" + long, "a=" + long + "x", "a=" + long + "&b", "a=" + long + "&%", long + "xx", long + "xxx", "%41" + long, strings.Repeat("%41", 6000),
		"a=" + strings.Repeat("%41", 6000), "a=" + strings.Repeat("%41", 2800) + "&b=" + strings.Repeat("%41", 2800), "b=%41&a=" + strings.Repeat("%2541", 3300), strings.Repeat("QUJD", 6000),
	} {
		for _, links := range someChains {
			sameLinkByLink(t, links, value)
		}
	}
}

// Percent looks at several bytes at once, wherever something special may stand.
func TestPercentAtEveryPlace(t *testing.T) {
	for size := range 20 {
		for at := range size + 1 {
			for _, special := range []string{"%41", "+", "%", "%4", "%zz", "%%41", "%25%2B+", "\xa5\xa4%41\xab\x2a", "%41abcdefgh%42"} {
				value := strings.Repeat("a", at) + special + strings.Repeat("\xff", size-at)
				for _, plus := range []bool{false, true} {
					got, err := decode(cookie.Percent{Plus: plus}, value)
					require.NoError(t, err)
					require.Equal(t, "=s:"+unpercented(value, plus), got, "%q", value)
				}
			}
		}
	}
}

func TestBase64LineBreakAtEveryPlace(t *testing.T) {
	for size := range 14 {
		text := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{0}, size))
		for _, text := range []string{text, strings.TrimRight(text, "=")} {
			for at := range len(text) + 1 {
				for _, br := range []string{"\n", "\r", "\r\n", "\n\n\n", "\n\n\n\n"} {
					_, err := decode(cookie.Base64{}, text[:at]+br+text[at:])
					require.ErrorIs(t, err, cookie.ErrMalformed)
				}
			}
		}
	}
}
