package cookie_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

// FuzzCursor holds the cursor against ten lines of package strings.
func FuzzCursor(f *testing.F) {
	for _, seed := range []string{tenCookies, `a="1;2"; b; =c; ;; d = e , f=g`, "\x00=\xff; \t=\t"} {
		f.Add([]byte(seed), uint8(0), uint8(100), uint8(3))
	}
	f.Fuzz(func(t *testing.T, header []byte, flags, maxHeader, maxCookies uint8) {
		o := cookie.Options{
			Bare: cookie.Bare(flags % 3), KeepQuotes: flags&4 != 0, Comma: flags&8 != 0,
			MaxHeader: int(maxHeader), MaxCookies: int(maxCookies),
		}
		if flags&16 != 0 {
			o.MaxHeader, o.MaxCookies = -1, -1
		}
		keep := bytes.Clone(header)
		got, err := read(o, string(header))
		want, limited := oracle(o, string(header))
		require.Equal(t, want, got)
		require.Equal(t, limited, err != nil)

		c := cookie.Cursor{Options: o}
		for c.Reset(header); c.Next(); {
			_ = append(append(c.Name, 'X'), append(c.Value, 'X')...)
		}
		require.Equal(t, keep, header)
		_ = cookie.Validate(header)
		_, _ = o.Get(header, "a")
		_, _ = o.NewSelector("a", "uid", "").Select(nil, header)
	})
}

func oracle(o cookie.Options, header string) (all []string, limited bool) {
	cut := o.MaxHeader > 0 && len(header) > o.MaxHeader
	if cut {
		whole := header[o.MaxHeader] == ';'
		if header = header[:o.MaxHeader]; whole {
			header += ";"
		}
	}
	if o.Comma { // a comma ends a cookie if white space follows
		header = strings.NewReplacer(", ", ";\x20", ",\t", ";\t").Replace(header)
	}
	parts := strings.Split(header, ";")
	for i, part := range parts {
		trimmed := strings.Trim(part, " \t")
		if trimmed == "" {
			continue
		}
		if i == len(parts)-1 && cut {
			break
		}
		if o.MaxCookies > 0 {
			if o.MaxCookies--; o.MaxCookies == 0 {
				o.MaxCookies = -2
			}
		} else if o.MaxCookies == -2 {
			return all, true
		}
		name, value, equal := strings.Cut(trimmed, "=")
		name, value = strings.Trim(name, " \t"), strings.Trim(value, " \t")
		if !equal && o.Bare == cookie.BareSkip {
			continue
		}
		text := name + "="
		if !equal && o.Bare == cookie.BareValue {
			name, value, text = "", name, "="
		}
		if n := len(value); n >= 2 && value[0] == '"' && value[n-1] == '"' {
			text = "q" + map[bool]string{true: "", false: "~"}[equal] + text
			if !o.KeepQuotes {
				value = value[1 : n-1]
			}
		} else if !equal {
			text = "~" + text
		}
		all = append(all, text+value)
	}
	return all, cut
}

// decoded runs d over value and checks what holds for every decoder. ok is
// whether it gave something.
func decoded(t *testing.T, d cookie.Decoder, value []byte) (values *cookie.Values, ok bool) {
	t.Helper()
	keep := bytes.Clone(value)
	values = new(cookie.Values)
	f := d.Bind()
	err := f(values, []byte("name"), value)
	require.Equal(t, keep, value, "the value was written into")
	if err != nil {
		require.Zero(t, values.Len())
		n := 0
		for _, sentinel := range []error{cookie.ErrMalformed, cookie.ErrTooLarge, cookie.ErrUnverified} {
			if errors.Is(err, sentinel) {
				n++
			}
		}
		require.Equal(t, 1, n, "%v", err)
		if errors.Is(err, cookie.ErrTooLarge) {
			return values, false
		}
	}
	again := new(cookie.Values)
	require.Equal(t, err, f(again, []byte("name"), value))
	require.Equal(t, show(values), show(again))
	size := 0
	for v := range values.All() {
		size += len(v.Name) + len(v.Bytes)
		switch v.Kind {
		case cookie.KindNumber, cookie.KindBool, cookie.KindNull, cookie.KindJSON:
			require.True(t, json.Valid(v.Bytes), "%q", v.Bytes)
			require.NotContains(t, string(v.Bytes), "\n")
		}
	}
	require.LessOrEqual(t, size, cookie.MaxDecoded)
	require.LessOrEqual(t, values.Len(), cookie.MaxValues)
	return values, err == nil
}

func seeds(f *testing.F, values ...string) {
	for _, v := range values {
		f.Add([]byte(v))
	}
}

func FuzzPercent(f *testing.F) {
	seeds(f, "seg%3Db%26rank%3d5+x", "%zz%4%", "%%41")
	f.Fuzz(func(t *testing.T, value []byte) {
		for _, plus := range []bool{false, true} {
			values, ok := decoded(t, cookie.Percent{Plus: plus}, value)
			if !ok {
				continue
			}
			require.Equal(t, unpercented(string(value), plus), string(values.At(0).Bytes))
		}
	})
}

func unpercented(value string, plus bool) string {
	var want []byte
	for i := 0; i < len(value); i++ {
		c := value[i]
		if plus && c == '+' {
			c = ' '
		}
		if c == '%' && i+2 < len(value) {
			if n, err := strconv.ParseUint(value[i+1:i+3], 16, 8); err == nil {
				c = byte(n)
				i += 2
			}
		}
		want = append(want, c)
	}
	return string(want)
}

func FuzzBase64(f *testing.F) {
	seeds(f, "Zm9v", "Zm8=", "Zm8", "Zm9", "-_-_", "Zm9v\n")
	f.Fuzz(func(t *testing.T, value []byte) {
		for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			values, ok := decoded(t, cookie.Base64{URL: enc == base64.URLEncoding}, value)
			if len(value) > cookie.MaxDecoded {
				continue
			}
			// It is right if encoding it again, with or without padding, gives it back.
			raw, err := enc.WithPadding(base64.NoPadding).DecodeString(strings.TrimRight(string(value), "="))
			text := enc.EncodeToString(raw)
			want := err == nil && (text == string(value) || strings.TrimRight(text, "=") == string(value))
			require.Equal(t, want, ok, "%q", value)
			if ok {
				require.Equal(t, string(raw), string(values.At(0).Bytes))
			}
		}
	})
}

func FuzzPairs(f *testing.F) {
	seeds(f, "seg=b&rank=5&src=top", "&&a&=b&c=d=e&", "a=1&a=2")
	f.Fuzz(func(t *testing.T, value []byte) {
		values, ok := decoded(t, ampersed, value)
		if !ok {
			return
		}
		var want []string
		seen := map[string]bool{}
		for _, part := range strings.Split(string(value), "&") {
			name, text, _ := strings.Cut(part, "=")
			if part != "" && !seen[name] {
				seen[name] = true
				want = append(want, name+"=s:"+text)
			}
		}
		require.Equal(t, strings.Join(want, "|"), show(values))
	})
}

func FuzzJSON(f *testing.F) {
	seeds(f, `{"uid": 1, "a":{"b":[1, {"c":null}],"d":"\u808c\n"},"t":true}`, `j:"x"`, "[]", `{"a.b":1,"a":{"b":2}}`, `{"":0,"":{}}`)
	f.Fuzz(func(t *testing.T, value []byte) {
		values, ok := decoded(t, cookie.JSON{}, value)
		text := bytes.TrimPrefix(value, []byte("j:"))
		if ok {
			require.True(t, json.Valid(text))
		} else {
			return // why not is the scanner's, and its fuzzing's
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber() // 1e999 is JSON
		want := map[string]bool{}
		flattened(t, want, d, "", true)
		for v := range values.All() {
			require.True(t, utf8.Valid(v.Name) && utf8.Valid(v.Bytes))
			if values.Repeated() == 0 && !bytes.Contains(text, []byte(`\u`)) {
				require.True(t, want[string(v.Name)], "%q in %v", v.Name, want)
			}
		}
		if values.Repeated() == 0 && !bytes.Contains(text, []byte(`\u`)) {
			require.Len(t, want, values.Len())
		}
	})
}

// flattened puts the dotted names of the next value of d into names. It goes by tokens:
// of a name that comes twice a map would keep the last.
func flattened(t *testing.T, names map[string]bool, d *json.Decoder, path string, top bool) {
	token, err := d.Token()
	require.NoError(t, err)
	switch token {
	case json.Delim('{'):
		for d.More() {
			token, err := d.Token()
			require.NoError(t, err)
			name := token.(string)
			if !top {
				name = path + "." + name
			}
			flattened(t, names, d, name, false)
		}
	case json.Delim('['):
		names[path] = true
		for d.More() {
			var element json.RawMessage
			require.NoError(t, d.Decode(&element))
		}
	default:
		names[path] = true
		return
	}
	_, err = d.Token() // what closes it
	require.NoError(t, err)
}

func FuzzInt(f *testing.F) {
	seeds(f, "4840603", "-0012", "9223372036854775808", "+1", "")
	f.Fuzz(func(t *testing.T, value []byte) {
		values, ok := decoded(t, cookie.Int{}, value)
		n, err := strconv.ParseInt(string(value), 10, 64)
		want := err == nil && value[0] != '+'
		require.Equal(t, want, ok)
		if ok {
			require.Equal(t, strconv.FormatInt(n, 10), string(values.At(0).Bytes))
		}
	})
}

func FuzzText(f *testing.F) {
	seeds(f, "dark", "a\xffb\xe8\x82c肌")
	f.Fuzz(func(t *testing.T, value []byte) {
		if values, ok := decoded(t, cookie.Text{}, value); ok {
			require.Equal(t, string([]rune(string(value))), string(values.At(0).Bytes))
		}
	})
}

func FuzzUnquote(f *testing.F) {
	seeds(f, `"fu\"ba\\r\073"`, `\400\x\`)
	f.Fuzz(func(t *testing.T, value []byte) {
		values, ok := decoded(t, cookie.Unquote{}, value)
		if ok && !bytes.ContainsAny(value, `"\`) {
			require.Equal(t, string(value), string(values.At(0).Bytes))
		}
		// What Python's http.cookies quotes comes back.
		var quoted []byte
		for _, c := range value {
			switch {
			case c == '"' || c == '\\':
				quoted = append(quoted, '\\', c)
			case c <= ' ' || c >= 0x7f || c == ',' || c == ';':
				quoted = fmt.Appendf(quoted, `\%03o`, c)
			default:
				quoted = append(quoted, c)
			}
		}
		if values, ok := decoded(t, cookie.Unquote{}, []byte(`"`+string(quoted)+`"`)); ok {
			require.Equal(t, string(value), string(values.At(0).Bytes))
		}
	})
}

func FuzzGoogleAnalytics(f *testing.F) {
	seeds(f, "GA1.2.540650868.1528792785", "GS1.1.1746825440.14.1.1746825444.60.0.295082955", "GS2.1.t1746825444$g1$$zu$dX$o14$s1746825440$s7")
	f.Fuzz(func(t *testing.T, value []byte) { decoded(t, cookie.GoogleAnalytics{}, value) })
}

func FuzzFacebookBrowserID(f *testing.F) {
	seeds(f, "fb.1.1596403881668.1116446470", "fb.1.1554763741205.AbCdEf_-1.Bg")
	f.Fuzz(func(t *testing.T, value []byte) { decoded(t, cookie.FacebookBrowserID{}, value) })
}

func FuzzKeyedHash(f *testing.F) {
	seeds(f, "4840603", "")
	f.Fuzz(func(t *testing.T, value []byte) {
		for _, d := range []cookie.Decoder{hashed, cookie.Redact{}} {
			values, ok := decoded(t, d, value)
			require.True(t, ok)
			if len(value) > 8 {
				require.NotContains(t, string(values.At(0).Bytes), string(value))
			}
		}
	})
}

func FuzzChain(f *testing.F) {
	seeds(f, "seg%3Db%26src%3Dtop", "a=j%3A%7B%22b%22%3A1%7D&c=[]", "eyJ1aWQiOjF9")
	f.Fuzz(func(t *testing.T, value []byte) {
		for _, links := range someChains {
			decoded(t, cookie.Chain(links...), value)
			sameLinkByLink(t, links, string(value))
		}
	})
}

func FuzzExtract(f *testing.F) {
	seeds(f, tenCookies, "x=1; x.y=2; uid=a; jwt=3; own=a=1&a=2; =; é=1")
	e := job1()
	e.Rest, e.RestDecoder, e.Denied = "cookie", cookie.Chain(ampersed, cookie.Percent{}), hashed
	e.Fields[2].Members = nil
	x, err := cookie.NewExtractor(e)
	require.NoError(f, err)
	used := x.Bind()
	f.Fuzz(func(t *testing.T, header []byte) {
		keep := bytes.Clone(header)
		r := x.Bind()
		err := r.Extract(header)
		require.Equal(t, err, used.Extract(header))
		require.Equal(t, results(t, x, r), results(t, x, used), "a used Results is not as a new one")
		require.Equal(t, keep, header)
		seen := map[string]bool{}
		for i := range r.Len() {
			label := string(r.At(i).Label)
			require.True(t, strings.HasPrefix(label, "cookie."))
			require.True(t, utf8.ValidString(label))
			require.NotContains(t, label, "..")
			if !strings.HasPrefix(label, "cookie.sess.") {
				require.False(t, seen[label] && !strings.Contains(strings.TrimPrefix(label, "cookie."), "."), "%s comes twice", label)
			}
			seen[label] = true
		}
		c := r.Counts()
		limited := 0
		if err != nil {
			limited = 1
		}
		require.Len(t, r.Failures(), c.Malformed+c.Unverified+c.TooLarge-limited)
		require.LessOrEqual(t, c.Decoded+len(r.Failures()), c.Cookies)
	})
}
