package transform

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/cookie"
	cookiesigned "github.com/ltsvpipe/ltsvpipe/cookie/signed"
	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

const cookieSecret = "not the key of anybody"

func someCookies() cookie.Extract {
	return cookie.Extract{Fields: []cookie.Field{
		{Name: "uid", Label: "cookie.uid", Decoder: cookie.Int{}},
		{Name: "own", Label: "cookie.own", Members: []string{"seg", "rank", "src"},
			Decoder: cookie.Chain(cookie.Percent{}, cookie.Pairs('&', '='), cookie.Percent{Plus: true})},
		{Name: "sess", Label: "cookie.sess", Members: []string{"uid", "lang", "t"},
			Decoder: cookie.Chain(cookie.Base64{URL: true}, cookie.JSON{})},
		{Name: "connect.sid", Label: "cookie.sid", Decoder: cookiesigned.Express{Keys: cookiesigned.Secrets([]byte(cookieSecret))}},
		{Name: "theme", Label: "cookie.theme"},
	}}
}

func TestCookies(t *testing.T) {
	s := Cookies("cookie", someCookies())
	line := `uid=007; own=seg%3Dc%252Cd%26rank%3D0; theme="dark"; sess=eyJ1aWQiOjEsImxhbmciOm51bGwsInQiOlsxLCAyXX0; uid=8; other=1`
	w := mustChain(t, s).NewWorker(LTSV{})
	rec, err := w.Process([]byte("cookie.uid:forged\tcookie:" + line + "\tz:1"))
	require.NoError(t, err)
	kinds := map[string]Kind{}
	for label, v := range rec.All() {
		kinds[label] = v.Kind
	}
	assert.Equal(t, []string{
		"cookie.uid=7", "cookie=" + line, "z=1", "cookie.own.seg=c,d", "cookie.own.rank=0",
		"cookie.sess.uid=1", "cookie.sess.lang=null", "cookie.sess.t=[1,2]", "cookie.theme=dark",
	}, dump(rec))
	assert.Equal(t, map[string]Kind{
		"cookie.uid": KindNumber, "cookie": KindString, "z": KindString, "cookie.own.seg": KindString, "cookie.own.rank": KindString,
		"cookie.sess.uid": KindNumber, "cookie.sess.lang": KindNull, "cookie.sess.t": KindJSON, "cookie.theme": KindString,
	}, kinds)
	assert.Zero(t, w.Stats().Stages[0].Failed)

	for _, line := range []string{"a:1", "a:1\tcookie:-"} {
		w := mustChain(t, Missing(ltsv.EscapeNginx), s).NewWorker(LTSV{})
		rec, err := w.Process([]byte(line))
		require.NoError(t, err)
		assert.Equal(t, strings.Contains(line, "cookie"), rec.Len() == 2, "nothing new")
		assert.Zero(t, w.Stats().Stages[1].Failed)
	}
}

// TestCookiesSurvive: whatever the header, no field that it does not vouch for.
func TestCookiesSurvive(t *testing.T) {
	w := mustChain(t, Unescape(ltsv.EscapeNginx), Cookies("cookie", someCookies())).NewWorker(LTSV{})
	for header, want := range map[string][]string{
		"-": {}, "": {}, "=": {}, "; ;": {}, "uid": {}, `"`: {}, `\`: {}, "%": {},
		`theme="1;2"`:                 {`cookie.theme="1`},
		`theme=%zz`:                   {"cookie.theme=%zz"},
		"theme=\xe8\x82":              {"cookie.theme=\ufffd\ufffd"},
		"theme=":                      {"cookie.theme="},
		"theme=a; theme=b; THEME=c":   {"cookie.theme=a"},
		"uid=1, theme=x":              {},
		"uid=99999999999999999999999": {},
		"uid=":                        {},
		"connect.sid=s%3Aabc":         {},
		"connect.sid=s%3Aabc.FHHKf8%2B0ePx6U0sES2ogoB5TrBJtOGDYOtGlvhVAKKk": {},
		"sess=eyJ1aWQiOjF9=":                {},
		"sess=" + strings.Repeat("W", 4000): {},
		"own=a%3Db":                         {},
		"$Version=1; uid=5":                 {"cookie.uid=5"},
		strings.Repeat(";", 100_000):        {},
		strings.Repeat("x", 1<<19):          {},
		"uid=5; " + strings.Repeat("a=b; ", 100_000) + "theme=x": {"cookie.uid=5"},
	} {
		rec, err := w.Process([]byte("cookie:" + header))
		require.NoError(t, err)
		assert.Equal(t, want, dump(rec)[1:], header[:min(40, len(header))])
	}
}

func TestCookiesFail(t *testing.T) {
	x := someCookies()
	const line = "cookie.uid:1\tcookie:uid=x; connect.sid=s%3Ax; sess=!; theme=a"
	for p, want := range map[Policy][]string{
		OnErrorDropField: {"cookie=uid=x; connect.sid=s%3Ax; sess=!; theme=a", "cookie.theme=a"},
		OnErrorKeep:      {"cookie.uid=1", "cookie=uid=x; connect.sid=s%3Ax; sess=!; theme=a", "cookie.theme=a"},
		OnErrorNull: {"cookie.uid=null", "cookie=uid=x; connect.sid=s%3Ax; sess=!; theme=a",
			"cookie.sess.uid=null", "cookie.sess.lang=null", "cookie.sess.t=null", "cookie.sid=null", "cookie.theme=a"},
	} {
		w := mustChain(t, OnError(p, Cookies("cookie", x))).NewWorker(LTSV{})
		rec, err := w.Process([]byte(line))
		require.NoError(t, err)
		assert.Equal(t, want, dump(rec), p)
		assert.EqualValues(t, 3, w.Stats().Stages[0].Failed)
	}
	w := mustChain(t, Cookies("cookie", x)).NewWorker(LTSV{})
	rec, err := w.Process([]byte(line))
	require.NoError(t, err)
	assert.Len(t, dump(rec), 2, "by default no field")
	_, err = mustChain(t, OnError(OnErrorReject, Cookies("cookie", x))).NewWorker(LTSV{}).Process([]byte("cookie:uid=x"))
	var e *StageError
	require.ErrorAs(t, err, &e)
	require.ErrorIs(t, err, cookie.ErrMalformed)
	assert.Equal(t, "cookie", e.Label)
	_, err = mustChain(t, OnError(OnErrorSkip, Cookies("cookie", x))).NewWorker(LTSV{}).Process([]byte("cookie:connect.sid=s%3Ax.y"))
	require.ErrorIs(t, err, ErrSkip)

	x.Options.MaxCookies = 1
	w = mustChain(t, Cookies("cookie", x)).NewWorker(LTSV{})
	assert.Equal(t, []string{"cookie=theme=a; uid=1", "cookie.theme=a"}, process(t, w, "cookie:theme=a; uid=1"))
	assert.EqualValues(t, 1, w.Stats().Stages[0].Failed, "the limit counts")
	_, err = mustChain(t, OnError(OnErrorReject, Cookies("cookie", x))).NewWorker(LTSV{}).Process([]byte("cookie:theme=a; uid=1"))
	require.ErrorIs(t, err, cookie.ErrTooLarge)
}

// TestCookiesForgeNothing: a client cannot write over a field of the log.
func TestCookiesForgeNothing(t *testing.T) {
	x := cookie.Extract{Rest: "c", Fields: []cookie.Field{{Name: "own", Label: "c.own", Decoder: cookie.Pairs('&', '=')}}}
	w := mustChain(t, Cookies("cookie", x)).NewWorker(LTSV{})
	assert.Equal(t, []string{"c.admin=no", "c.own.x=1", "cookie=admin=yes; own=x=2&y=3; b=4; PHPSESSID=5", "c.own.y=3", "c.b=4"},
		process(t, w, "c.admin:no\tc.own.x:1\tcookie:admin=yes; own=x=2&y=3; b=4; PHPSESSID=5"))
	assert.EqualValues(t, 2, w.Stats().Stages[0].Failed)
	_, err := mustChain(t, OnError(OnErrorReject, Cookies("cookie", x))).NewWorker(LTSV{}).Process([]byte("c.a:no\tcookie:a=yes"))
	require.ErrorIs(t, err, errLabelTaken)
}

func TestCookiesRefuses(t *testing.T) {
	field := cookie.Field{Name: "a", Label: "a"}
	refused(t,
		Cookies("", cookie.Extract{Fields: []cookie.Field{field}}),
		Cookies("cookie", cookie.Extract{Fields: []cookie.Field{field, field}}),
		Cookies("cookie", cookie.Extract{Fields: []cookie.Field{{Name: "a"}}}),
		Cookies("cookie", cookie.Extract{Fields: []cookie.Field{{Name: "a", Label: "a", Decoder: cookie.KeyedHash(nil)}}}),
		Cookies("cookie", cookie.Extract{Fields: []cookie.Field{field}, Options: cookie.Options{Duplicates: cookie.AllOf}}),
	)
	_, err := NewChain(Cookies("cookie", someCookies()), Set("cookie.uid", Null))
	require.Error(t, err, "written twice")
}

type leakyDecoder struct{ Key string }

func (leakyDecoder) Bind() cookie.DecodeFunc { return cookie.Text{}.Bind() }

func TestCookiesPrints(t *testing.T) {
	x := someCookies()
	x.Rest, x.RestDecoder, x.Deny = "cookie.rest", leakyDecoder{cookieSecret}, []string{"x"}
	x.Denied = cookie.KeyedHash([]byte(cookieSecret))
	x.Options.Comma = true
	text := mustChain(t, Cookies("cookie", x)).String()
	for _, secret := range []string{cookieSecret, fmt.Sprint([]byte(cookieSecret)), fmt.Sprintf("%x", cookieSecret)} {
		assert.NotContains(t, text, secret)
	}
	assert.Contains(t, text, `Cookies("cookie", cookie.Extract{Fields: []cookie.Field{{Name: "uid", Label: "cookie.uid", Decoder: cookie.Int}, {`)
	assert.Contains(t, text, `Members: []string{"seg", "rank", "src"}`)
	assert.Contains(t, text, `Rest: "cookie.rest", RestDecoder: transform.leakyDecoder, Deny: []string{"x"}`)
	assert.Contains(t, text, `Comma:true`)
}

// TestCookiesKeep: the record keeps its values when the worker's scratch is used again,
// and the configuration when the caller changes his.
func TestCookiesKeep(t *testing.T) {
	x := someCookies()
	s := Cookies("cookie", x)
	x.Fields[0].Label = "changed"
	c := mustChain(t, s)
	w := c.NewWorker(LTSV{})
	rec, err := w.Process([]byte("cookie:theme=aaaa; uid=12345"))
	require.NoError(t, err)
	got := dump(rec)
	results := mustExtractor(t, someCookies()).Bind()
	require.NoError(t, results.Extract([]byte("theme=bbbb; uid=99999")))
	assert.Equal(t, got, dump(rec))
	assert.Equal(t, []string{"cookie=theme=aaaa; uid=12345", "cookie.uid=12345", "cookie.theme=aaaa"}, got)
	fresh := bytes.Clone([]byte("cookie:theme=cc; uid=1"))
	before := string(fresh)
	_, err = w.Process(fresh)
	require.NoError(t, err)
	assert.Equal(t, before, string(fresh))
}

func mustExtractor(t *testing.T, x cookie.Extract) *cookie.Extractor {
	t.Helper()
	e, err := cookie.NewExtractor(x)
	require.NoError(t, err)
	return e
}

// TestCookiesOnRealLogs compares with package cookie on the headers that were sent.
func TestCookiesOnRealLogs(t *testing.T) {
	for name, e := range map[string]ltsv.Escaping{
		logtest.Nginx: ltsv.EscapeNginx, logtest.NginxJSON: ltsv.EscapeJSON, logtest.Apache: ltsv.EscapeApache,
	} {
		w := mustChain(t, Missing(e), Unescape(e), Cookies("cookie", someCookies())).NewWorker(LTSV{})
		results := mustExtractor(t, someCookies()).Bind()
		truth := logtest.Truth(name)
		fields, failed := 0, 0
		for i, line := range logtest.Lines(name) {
			rec, err := w.Process(line)
			require.NoError(t, err)
			if v, _ := rec.Get("cookie"); v.Kind == KindNull {
				continue
			}
			if err := results.Extract(truth[i].Cookie); err != nil {
				failed++
			}
			failed += len(results.Failures())
			for k := range results.Len() {
				r := results.At(k)
				got, ok := rec.Get(string(r.Label))
				require.True(t, ok)
				require.Equal(t, r.Kind == cookie.KindNumber, got.Kind == KindNumber)
				require.Equal(t, string(r.Bytes), string(got.Bytes))
				fields++
			}
		}
		require.Greater(t, fields, 100)
		assert.EqualValues(t, failed, w.Stats().Stages[2].Failed)
	}
}

func TestCookiesAllocs(t *testing.T) {
	x := someCookies()
	x.Rest = "cookie.rest"
	allocatesNothing(t, logtest.Lines(logtest.Nginx)[:200], Missing(ltsv.EscapeNginx), Unescape(ltsv.EscapeNginx), Cookies("cookie", x))
}

// FuzzCookies: the fields of a record are what package cookie gives, but for labels
// that the record has.
func FuzzCookies(f *testing.F) {
	for _, s := range []string{"uid=1; own=seg%3Db", `theme="dark"; a=b`, "sess=eyJ1aWQiOjF9; x", "connect.sid=s%3Ax.y; taken=1"} {
		f.Add([]byte(s))
	}
	x := someCookies()
	x.Rest = "cookie.rest"
	chain, err := NewChain(Cookies("cookie", x))
	if err != nil {
		f.Fatal(err)
	}
	extractor, err := cookie.NewExtractor(x)
	if err != nil {
		f.Fatal(err)
	}
	w, results := chain.NewWorker(LTSV{}), extractor.Bind()
	f.Fuzz(func(t *testing.T, header []byte) {
		rec, err := w.Decode([]byte("cookie.rest.taken:mine"))
		if err != nil {
			t.Fatal(err)
		}
		before := string(header)
		rec.Set("cookie", String(header))
		if err := w.Run(); err != nil || string(header) != before {
			t.Fatal(err)
		}
		_ = results.Extract(header)
		n := 2
		for i := range results.Len() {
			r := results.At(i)
			got, ok := rec.Get(string(r.Label))
			if string(r.Label) == "cookie.rest.taken" {
				if string(got.Bytes) != "mine" {
					t.Fatal("forged")
				}
				continue
			}
			n++
			if !ok || int(got.Kind) != int(r.Kind) || got.Kind != KindNull && !bytes.Equal(got.Bytes, r.Bytes) {
				t.Fatalf("%s", r.Label)
			}
		}
		if rec.Len() != n {
			t.Fatal(rec.Len(), n)
		}
	})
}

// cookiesPlainly does what the stage does by the standard library.
func cookiesPlainly(header string) map[string]any {
	out := map[string]any{}
	r := http.Request{Header: http.Header{"Cookie": {header}}}
	if c, err := r.Cookie("uid"); err == nil {
		out["cookie.uid"] = c.Value
	}
	if c, err := r.Cookie("theme"); err == nil {
		out["cookie.theme"] = c.Value
	}
	if c, err := r.Cookie("own"); err == nil {
		if text, err := url.PathUnescape(c.Value); err == nil {
			if q, err := url.ParseQuery(text); err == nil {
				for _, name := range []string{"seg", "rank", "src"} {
					if q.Has(name) {
						out["cookie.own."+name] = q.Get(name)
					}
				}
			}
		}
	}
	if c, err := r.Cookie("sess"); err == nil {
		if v, err := sessPlainly(c.Value); err == nil {
			for _, name := range []string{"uid", "lang", "t"} {
				if member, ok := v[name]; ok {
					out["cookie.sess."+name] = member
				}
			}
		}
	}
	return out
}

func sessPlainly(value string) (map[string]any, error) {
	text, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil {
		return nil, err
	}
	var v map[string]any
	return v, json.Unmarshal(text, &v)
}
