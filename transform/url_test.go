package transform

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

func TestURL(t *testing.T) {
	for uri, want := range map[string][]string{
		"/x?y":               {"path=/x", "query=y"},
		"/x":                 {"path=/x", "query=null"},
		"/x?":                {"path=/x", "query="},
		"/x?y?z":             {"path=/x", "query=y?z"},
		"?y":                 {"path=", "query=y"},
		"":                   {"path=", "query=null"},
		"-":                  {"path=null", "query=null"},
		"*":                  {"path=*", "query=null"},
		"/%3F%zz\xff?%3f":    {"path=/%3F%zz\xff", "query=%3f"},
		"/a b#c?d":           {"path=/a b#c", "query=d"},
		"http://h/p?q":       {"path=http://h/p", "query=q"},
		"/\x16\x03\x00?\x01": {"path=/\x16\x03\x00", "query=\x01"},
	} {
		got := onLine(t, "uri:"+uri, Missing(ltsv.EscapeNginx), URL{})
		assert.Equal(t, want, got[1:], "%q", uri)
	}
	assert.Equal(t, []string{"a=1"}, onLine(t, "a:1", URL{}), "no source, no output")
	assert.Equal(t, []string{"query=y", "uri=/x"}, onLine(t, "query:old\turi:/x?y", URL{Path: "uri"}), "in place")
}

func TestURLAbsolute(t *testing.T) {
	s := URL{From: "u", Scheme: "s", Host: "h"}
	for u, want := range map[string]string{
		"https://www.example.com/a?b": "https|www.example.com|/a|b",
		"https://www.example.com":     "https|www.example.com||null",
		"https://www.example.com?b":   "https|www.example.com||b",
		"HTTPS://EXAMPLE.com:8443/?":  "HTTPS|EXAMPLE.com:8443|/|",
		"http://user:p@ss@h/x@y":      "http|h|/x@y|null",
		"http://[::1]:80/x":           "http|[::1]:80|/x|null",
		"android-app://com.google.x/": "android-app|com.google.x|/|null",
		"http:///x":                   "http||/x|null",
		"://h/x":                      "null|null|://h/x|null",
		"1http://h/x":                 "null|null|1http://h/x|null",
		"/x?http://h/y":               "null|null|/x|http://h/y",
		"//h/x":                       "null|null|//h/x|null",
		"http:/x":                     "null|null|http:/x|null",
		"":                            "null|null||null",
		"-":                           "null|null|null|null",
	} {
		p := strings.Split(want, "|")
		rec, err := mustChain(t, Missing(ltsv.EscapeNginx), s).NewWorker(LTSV{}).Process([]byte("u:" + u))
		require.NoError(t, err)
		for i, label := range []string{"s", "h", "path", "query"} {
			v, ok := rec.Get(label)
			require.True(t, ok)
			assert.Equal(t, p[i] == "null", v.Kind == KindNull, "%s of %q", label, u)
			if v.Kind != KindNull {
				assert.Equal(t, p[i], string(v.Bytes), "%s of %q", label, u)
			}
		}
	}
	assert.Equal(t, []string{"u=http://h/x", "h=h", "path=/x", "query=null"}, onLine(t, "u:http://h/x", URL{From: "u", Host: "h"}))
}

func TestURLParams(t *testing.T) {
	s := URL{Params: []Param{{"q", "search"}, {"a b", "ab"}, {"q", "twice"}}, MaxParams: 4, MaxParamBytes: 5}
	for query, want := range map[string][]string{
		"q=1":                                {"search=1", "twice=1"},
		"q=a+b%20c":                          {"search=a b c", "twice=a b c"},
		"q=%zz%4":                            {"search=%zz%4", "twice=%zz%4"},
		"q=%ff%00":                           {"search=\xff\x00", "twice=\xff\x00"},
		"q":                                  {"search=", "twice="},
		"q=":                                 {"search=", "twice="},
		"q=1&q=2":                            {"search=1", "twice=1"},
		"Q=1":                                {},
		"q;a=1":                              {},
		"qq=1&=&==&&&":                       {},
		"a+b=1&%71=2":                        {"ab=1", "search=2", "twice=2"},
		"a%20b=x=y":                          {"ab=x=y"},
		"a%2bb=1&a%":                         {},
		"q=123456":                           {"search=null", "twice=null"},
		"q=%31%32%33%34%35":                  {"search=12345", "twice=12345"},
		"q=%31%32%33%34%35%36":               {"search=null", "twice=null"},
		"q=" + strings.Repeat("%31", 20_000): {"search=null", "twice=null"},
		"1&2&3&q=4":                          {"search=4", "twice=4"},
		"1&2&3&4&q=5":                        {},
		strings.Repeat("&", 100_000) + "q=1": {"search=1", "twice=1"},
	} {
		got := onLine(t, "uri:/?"+query, s, Drop("uri", "path", "query"))
		assert.Equal(t, want, got, "%.40q", query)
	}
	assert.Equal(t, []string{"uri=null", "path=null", "query=null", "search=null", "ab=null", "twice=null"}, onLine(t, "uri:-", Missing(ltsv.EscapeNginx), s))

	w := mustChain(t, s).NewWorker(LTSV{})
	process(t, w, "uri:/?1&2&3&4&q=5")
	assert.EqualValues(t, 1, w.Stats().Stages[0].Failed)
	process(t, w, "uri:/?q=123456")
	assert.EqualValues(t, 3, w.Stats().Stages[0].Failed)
	_, err := mustChain(t, OnError(OnErrorReject, s)).NewWorker(LTSV{}).Process([]byte("uri:/?q=123456"))
	require.ErrorIs(t, err, errParamTooLong)
	assert.Equal(t, []string{"uri=/?q=123456", "path=/", "query=q=123456"}, onLine(t, "uri:/?q=123456\tsearch:old", OnError(OnErrorDropField, s)))
	w = mustChain(t, s).NewWorker(LTSV{})
	rec, err := w.Decode(nil)
	require.NoError(t, err)
	rec.Set("uri", Value{KindNumber, []byte("1")})
	require.NoError(t, w.Run())
	assert.Equal(t, []string{"uri=1", "path=null", "query=null", "search=null", "ab=null", "twice=null"}, dump(rec))
}

func TestURLRefuses(t *testing.T) {
	refused(t, URL{Path: "query"}, URL{Scheme: "path"}, URL{MaxParams: -1}, URL{MaxParamBytes: -1},
		URL{Params: []Param{{"", "a"}}}, URL{Params: []Param{{"a", ""}}}, URL{Params: []Param{{"a", "x"}, {"b", "x"}}})
	_, err := NewChain(URL{}, URL{From: "referer"})
	require.Error(t, err)
	assert.Equal(t, "URL{}", URL{}.String())
	s := URL{From: "a", Path: "b", Query: "c", Scheme: "d", Host: "e", Params: []Param{{"f", "g"}, {"h", "i"}}, MaxParams: 1, MaxParamBytes: 2}
	assert.Equal(t, `URL{From: "a", Path: "b", Query: "c", Scheme: "d", Host: "e", Params: []Param{{Name: "f", Label: "g"}, {Name: "h", Label: "i"}}, MaxParams: 1, MaxParamBytes: 2}`, s.String())
}

// TestURLOnRealLogs compares with net/url wherever it reads the URL.
func TestURLOnRealLogs(t *testing.T) {
	w := mustChain(t, Missing(ltsv.EscapeNginx), Unescape(ltsv.EscapeNginx), URL{Params: []Param{{"id", "id"}, {"q", "q"}, {"n", "n"}}},
		URL{From: "referer", Scheme: "s", Host: "h", Path: "p", Query: "r"}).NewWorker(LTSV{})
	compared := 0
	for _, line := range logtest.Lines(logtest.Nginx) {
		rec, err := w.Process(line)
		require.NoError(t, err)
		text := func(label string) string {
			v, _ := rec.Get(label)
			if v.Kind == KindNull {
				return ""
			}
			return string(v.Bytes)
		}
		if u, err := url.ParseRequestURI(text("uri")); err == nil && u.Host == "" {
			require.Equal(t, u.RawQuery, text("query"))
			if values, err := url.ParseQuery(u.RawQuery); err == nil {
				for _, name := range []string{"id", "q", "n"} {
					require.Equal(t, values.Get(name), text(name))
				}
			}
			compared++
		}
		if u, err := url.Parse(text("referer")); err == nil && u.Host != "" && u.Fragment == "" {
			require.Equal(t, []string{u.Scheme, u.Host, u.EscapedPath(), u.RawQuery}, []string{text("s"), text("h"), text("p"), text("r")})
			compared++
		}
	}
	require.Greater(t, compared, 3000)
}

func TestURLAllocs(t *testing.T) {
	allocatesNothing(t, logtest.Lines(logtest.Nginx)[:200],
		URL{Params: []Param{{"id", "id"}, {"q", "q"}}}, URL{From: "referer", Host: "h", Path: "p", Query: "r"})
}

// FuzzURLParams compares with net/url, which reads no query with a bad '%' or a ';'.
func FuzzURLParams(f *testing.F) {
	for _, s := range []string{"q=a+b%20c", "a%20b=x=y&q", "q=1&q=2&&=", "%71=%ff", "q=%zz"} {
		f.Add(s)
	}
	chain, err := NewChain(URL{Params: []Param{{"q", "q"}, {"a b", "ab"}}, MaxParams: 1 << 20, MaxParamBytes: 1 << 20})
	if err != nil {
		f.Fatal(err)
	}
	w := chain.NewWorker(LTSV{})
	f.Fuzz(func(t *testing.T, query string) {
		rec, _ := w.Decode(nil)
		rec.Set("uri", str("/x?"+query))
		if err := w.Run(); err != nil {
			t.Fatal(err)
		}
		if v, _ := rec.Get("query"); string(v.Bytes) != query {
			t.Fatal("query")
		}
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		for label, name := range map[string]string{"q": "q", "ab": "a b"} {
			v, ok := rec.Get(label)
			if ok != values.Has(name) || string(v.Bytes) != values.Get(name) {
				t.Fatalf("%s: %q", name, v.Bytes)
			}
		}
	})
}

// FuzzURL compares with net/url where it reads an absolute URL.
func FuzzURL(f *testing.F) {
	for _, s := range []string{"https://www.example.com/a?b", "http://u:p@h:1?x", "/a?b", "http://[::1]/", "x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		scheme, host, rest := splitAbsolute([]byte(s))
		if scheme == nil && string(rest) != s || !strings.HasSuffix(s, string(rest)) {
			t.Fatal("bytes lost")
		}
		u, err := url.Parse(s)
		if err != nil || u.Opaque != "" || strings.ContainsAny(s, "#%") {
			return
		}
		if !strings.Contains(s, "://") || u.Scheme == "" {
			return
		}
		if u.Scheme != strings.ToLower(string(scheme)) || u.Host != string(host) {
			if strings.HasPrefix(s[len(u.Scheme):], "://") {
				t.Fatalf("%q %q", scheme, host)
			}
		}
	})
}
