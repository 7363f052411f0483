package cookie_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

// unsigned stands in for the decoder of a signed cookie: those are in package
// signed, and tested there.
type unsigned struct{}

var errUnsigned = fmt.Errorf("%w: test", cookie.ErrUnverified)

func (unsigned) Bind() cookie.DecodeFunc {
	return func(dst *cookie.Values, _, value []byte) error {
		body, ok := bytes.CutPrefix(value, []byte("s:"))
		text, _, ok2 := bytes.Cut(body, []byte("."))
		if !ok || !ok2 {
			return errUnsigned
		}
		return dst.Add(nil, cookie.KindString, text)
	}
}

func job1() cookie.Extract {
	return cookie.Extract{Fields: []cookie.Field{
		{Name: "uid", Label: "cookie.uid", Decoder: cookie.Int{}},
		{Name: "own", Label: "cookie.own", Decoder: cookie.Chain(cookie.Percent{}, ampersed, form), Members: []string{"seg", "rank", "src"}},
		{Name: "sess", Label: "cookie.sess", Decoder: cookie.Chain(base64u, cookie.JSON{}), Members: []string{"uid", "lang", "t"}},
		{Name: "connect.sid", Label: "cookie.sid", Decoder: cookie.Chain(cookie.Percent{}, unsigned{})},
		{Name: "theme", Label: "cookie.theme"},
	}}
}

// extract runs e over header and shows label=kind:bytes, joined by |.
func extract(t testing.TB, e cookie.Extract, header string) (string, cookie.Counts, error) {
	t.Helper()
	x, err := cookie.NewExtractor(e)
	require.NoError(t, err)
	r := x.Bind()
	err = r.Extract([]byte(header))
	return results(t, x, r), r.Counts(), err
}

func results(t testing.TB, x *cookie.Extractor, r *cookie.Results) string {
	labels := x.Labels()
	var all []string
	for i := range r.Len() {
		res := r.At(i)
		if res.Index >= 0 {
			require.Equal(t, labels[res.Index], string(res.Label))
		}
		all = append(all, fmt.Sprintf("%s=%c:%s", res.Label, "snb0j"[res.Kind], res.Bytes))
	}
	return strings.Join(all, "|")
}

// Every real header, against what Python's standard library makes of it.
func TestExtractRealHeaders(t *testing.T) {
	x, err := cookie.NewExtractor(job1())
	require.NoError(t, err)
	r := x.Bind()
	labels := x.Labels()
	for _, h := range realHeaders(t) {
		require.NoError(t, r.Extract([]byte(h.Header)))
		require.Empty(t, r.Failures(), "%q", h.Header)
		got := map[string]any{}
		last := -1
		for i := range r.Len() {
			res := r.At(i)
			require.Greater(t, res.Index, last, "results come in the order of labels")
			last = res.Index
			require.Equal(t, labels[res.Index], string(res.Label))
			got[string(res.Label)] = string(res.Bytes)
			if res.Kind == cookie.KindNumber {
				n, err := strconv.ParseFloat(string(res.Bytes), 64)
				require.NoError(t, err)
				got[string(res.Label)] = n
			}
		}
		require.Equal(t, h.Want, got, "%q", h.Header)
	}
}

func TestExtract(t *testing.T) {
	abc := func(o cookie.Options, d cookie.Decoder, members ...string) cookie.Extract {
		return cookie.Extract{Options: o, Fields: []cookie.Field{{Name: "b", Label: "L.b"}, {Name: "a", Label: "L.a", Decoder: d, Members: members}}}
	}
	rest := func(e cookie.Extract) cookie.Extract {
		e.Rest = "c"
		e.Fields = []cookie.Field{{Name: "uid", Label: "c.id", Decoder: cookie.Int{}}}
		return e
	}
	for _, tt := range []struct {
		name   string
		e      cookie.Extract
		header string
		want   string
		counts cookie.Counts
	}{
		{"order of fields", abc(cookie.Options{}, nil), "x=1; a=2; b=3", "L.b=s:3|L.a=s:2", cookie.Counts{Cookies: 3, Decoded: 2}},
		{"nothing", abc(cookie.Options{}, nil), "", "", cookie.Counts{}},
		{"missing value of a log", abc(cookie.Options{}, nil), "-", "", cookie.Counts{Cookies: 1}},
		{"quotes", abc(cookie.Options{}, nil), `a="x"`, "L.a=s:x", cookie.Counts{Cookies: 1, Decoded: 1}},
		{"the first counts", abc(cookie.Options{}, nil), "a=1; a=2", "L.a=s:1", cookie.Counts{Cookies: 2, Decoded: 1}},
		{"the first counts, also if it is wrong", abc(cookie.Options{}, cookie.Int{}), "a=x; a=2", "", cookie.Counts{Cookies: 2, Malformed: 1}},
		{"the last counts", abc(cookie.Options{Duplicates: cookie.Last}, nil), "a=1; b=0; a=2", "L.b=s:0|L.a=s:2", cookie.Counts{Cookies: 3, Decoded: 2}},
		{"all count", abc(cookie.Options{Duplicates: cookie.AllOf}, nil), "a=1; b=0; a=2", "L.b=s:0|L.a=s:1|L.a=s:2", cookie.Counts{Cookies: 3, Decoded: 3}},
		{"case", abc(cookie.Options{FoldCase: true}, nil), "A=1; a=2", "L.a=s:1", cookie.Counts{Cookies: 2, Decoded: 1}},
		{"malformed", abc(cookie.Options{}, cookie.Int{}), "a=x; b=1", "L.b=s:1", cookie.Counts{Cookies: 2, Decoded: 1, Malformed: 1}},
		{"unverified", abc(cookie.Options{}, unsigned{}), "a=x; b=1", "L.b=s:1", cookie.Counts{Cookies: 2, Decoded: 1, Unverified: 1}},
		{"too large", abc(cookie.Options{}, ampersed), "a=" + strings.Repeat("x&", 65) + "; b=1", "L.b=s:1", cookie.Counts{Cookies: 2, Decoded: 1, TooLarge: 1}},
		{"members in their order", abc(cookie.Options{}, ampersed, "z", "y"), "a=x=1&y=2&z=3", "L.a.z=s:3|L.a.y=s:2", cookie.Counts{Cookies: 1, Decoded: 1}},
		{"member of one value", abc(cookie.Options{}, nil, ""), "a=1", "L.a=s:1", cookie.Counts{Cookies: 1, Decoded: 1}},
		{"no such member", abc(cookie.Options{}, nil, "x"), "a=1", "", cookie.Counts{Cookies: 1, Decoded: 1}},
		{"all members", abc(cookie.Options{}, ampersed), "a=x=1&y=2&x=3", "L.a.x=s:1|L.a.y=s:2", cookie.Counts{Cookies: 1, Decoded: 1, Repeated: 1}},
		{"names that can be no label", abc(cookie.Options{}, ampersed), "a=ok=1&.x=2&x.=3&x..y=4&\x01=5&\xff=6&" + strings.Repeat("n", 129) + "=7&肌=8",
			"L.a.ok=s:1|L.a.肌=s:8", cookie.Counts{Cookies: 1, Decoded: 1, LeftOut: 6}},

		{"rest", rest(cookie.Extract{}), "uid=7; theme=dark; x=1", "c.id=n:7|c.theme=s:dark|c.x=s:1", cookie.Counts{Cookies: 3, Decoded: 3}},
		{"rest, repeated", rest(cookie.Extract{}), "x=1; x=2", "c.x=s:1", cookie.Counts{Cookies: 2, Decoded: 1}},
		{"rest, repeated, last", rest(cookie.Extract{Options: cookie.Options{Duplicates: cookie.Last}}), "x=1; y=3; x=2", "c.x=s:2|c.y=s:3", cookie.Counts{Cookies: 3, Decoded: 2}},
		{"rest, dots", rest(cookie.Extract{}), "a.b=1; a_b=2; a=3", "c.a_b=s:1|c.a=s:3", cookie.Counts{Cookies: 3, Decoded: 2}},
		{"rest, case", rest(cookie.Extract{Options: cookie.Options{FoldCase: true}}), "x=1; X=2; UID=3", "c.id=n:3|c.x=s:1", cookie.Counts{Cookies: 3, Decoded: 2}},
		{"rest, unfit names", rest(cookie.Extract{}), "=v; a b=1; é=2; " + strings.Repeat("n", 129) + "=3; {=4", "", cookie.Counts{Cookies: 5, LeftOut: 5}},
		{"rest must not forge a field", rest(cookie.Extract{}), "id=0; x=1", "c.x=s:1", cookie.Counts{Cookies: 2, Decoded: 1, LeftOut: 1}},
		{"rest, denied", rest(cookie.Extract{}), "PHPSESSID=1; connect.sid=2; __Host-x=3; x=4; XSRF-TOKEN=5; AWSALB=6; rememberMe=7",
			"c.x=s:4", cookie.Counts{Cookies: 7, Decoded: 1, LeftOut: 6}},
		{"rest, more denied", rest(cookie.Extract{Deny: []string{"Cart"}}), "mycart=1; jwt=2; x=3", "c.x=s:3", cookie.Counts{Cookies: 3, Decoded: 1, LeftOut: 2}},
		{"rest, denied are redacted", rest(cookie.Extract{Denied: cookie.Redact{}}), "jwt=1; x=2", "c.jwt=s:[redacted]|c.x=s:2", cookie.Counts{Cookies: 2, Decoded: 2}},
		{"rest, denied are hashed", rest(cookie.Extract{Denied: hashed}), "jwt=1", "c.jwt=s:" + hmacHex("key", "1"), cookie.Counts{Cookies: 1, Decoded: 1}},
		{"rest, decoder", rest(cookie.Extract{RestDecoder: ampersed}), "x=a=1&b=2; y=c", "c.x.a=s:1|c.x.b=s:2|c.y.c=s:", cookie.Counts{Cookies: 2, Decoded: 2}},
		{"rest, fails", rest(cookie.Extract{RestDecoder: cookie.Int{}}), "x=a; y=1", "c.y=n:1", cookie.Counts{Cookies: 2, Decoded: 1, Malformed: 1}},
		{"rest, all of a name", rest(cookie.Extract{Options: cookie.Options{Duplicates: cookie.AllOf}}), "x=1; x=2; uid=3; uid=4", "c.id=n:3|c.id=n:4|c.x=s:1", cookie.Counts{Cookies: 4, Decoded: 3}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, counts, err := extract(t, tt.e, tt.header)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
			require.Equal(t, tt.counts, counts)
		})
	}
}

func TestExtractNamedCookieMayBeDenied(t *testing.T) {
	got, _, err := extract(t, cookie.Extract{Rest: "c", Fields: []cookie.Field{{Name: "connect.sid", Label: "sid"}}}, "connect.sid=x")
	require.NoError(t, err)
	require.Equal(t, "sid=s:x", got)
}

// A limit of the header ends the cookies there; what came before stands.
func TestExtractLimits(t *testing.T) {
	e := cookie.Extract{Fields: []cookie.Field{{Name: "a", Label: "a"}, {Name: "b", Label: "b"}}}
	got, counts, err := extract(t, e, "a=1; x="+strings.Repeat("x", cookie.MaxHeader)+"; b=2")
	require.ErrorIs(t, err, cookie.ErrTooLarge)
	require.Equal(t, "a=s:1", got)
	require.Equal(t, cookie.Counts{Cookies: 1, Decoded: 1, TooLarge: 1}, counts)
	got, counts, err = extract(t, e, "a=1;"+strings.Repeat("x=1;", cookie.MaxCookies)+"b=2")
	require.ErrorIs(t, err, cookie.ErrTooLarge)
	require.Equal(t, "a=s:1", got)
	require.Equal(t, cookie.Counts{Cookies: cookie.MaxCookies, Decoded: 1, TooLarge: 1}, counts)

	// All results of a header together are bounded too.
	e.Options.MaxHeader = -1
	got, counts, err = extract(t, e, "a="+strings.Repeat("x", cookie.MaxDecoded)+"; b=2")
	require.NoError(t, err)
	require.Equal(t, cookie.Counts{Cookies: 2, Decoded: 1, TooLarge: 1}, counts)
	require.Equal(t, "a=s:"+strings.Repeat("x", cookie.MaxDecoded), got)
}

func TestFailures(t *testing.T) {
	x, err := cookie.NewExtractor(cookie.Extract{
		Fields: []cookie.Field{{Name: "a", Label: "a", Decoder: unsigned{}}, {Name: "b", Label: "b", Decoder: cookie.Int{}}},
		Rest:   "r", RestDecoder: base64u,
	})
	require.NoError(t, err)
	r := x.Bind()
	require.NoError(t, r.Extract([]byte("b=SECRET; a=SECRET; SECRET=!")))
	f := r.Failures()
	require.Len(t, f, 3)
	require.Equal(t, []int{0, 1, -1}, []int{f[0].Field, f[1].Field, f[2].Field})
	require.ErrorIs(t, f[0].Err, cookie.ErrUnverified)
	require.ErrorIs(t, f[1].Err, cookie.ErrMalformed)
	for _, f := range f {
		require.NotContains(t, f.Err.Error(), "SECRET")
	}
	require.NoError(t, r.Extract(nil))
	require.Empty(t, r.Failures())
	require.Equal(t, cookie.Counts{}, r.Counts())
}

// A decoder of somebody else's may break the rules: nothing half decoded comes
// out, and an error that is none of ours counts as malformed.
type half struct{}

func (half) Bind() cookie.DecodeFunc {
	return func(dst *cookie.Values, _, value []byte) error {
		_ = dst.Add([]byte("half"), cookie.KindString, value)
		return errors.New("no")
	}
}

func TestExtractUndoesHalf(t *testing.T) {
	e := cookie.Extract{Fields: []cookie.Field{{Name: "a", Label: "a", Decoder: half{}}, {Name: "b", Label: "b"}}, Rest: "r", RestDecoder: half{}}
	got, counts, err := extract(t, e, "a=1; b=2; c=3")
	require.NoError(t, err)
	require.Equal(t, "b=s:2", got)
	require.Equal(t, 2, counts.Malformed)
}

func TestNewExtractorRefuses(t *testing.T) {
	f := func(fields ...cookie.Field) cookie.Extract { return cookie.Extract{Fields: fields} }
	for name, e := range map[string]cookie.Extract{
		"no name":              f(cookie.Field{Label: "a"}),
		"no label":             f(cookie.Field{Name: "a"}),
		"name twice":           f(cookie.Field{Name: "a", Label: "a"}, cookie.Field{Name: "a", Label: "b"}),
		"label twice":          f(cookie.Field{Name: "a", Label: "a"}, cookie.Field{Name: "b", Label: "a"}),
		"label below a label":  f(cookie.Field{Name: "a", Label: "c"}, cookie.Field{Name: "b", Label: "c.b"}),
		"member twice":         f(cookie.Field{Name: "a", Label: "a", Members: []string{"x", "x"}}),
		"member below another": f(cookie.Field{Name: "a", Label: "a", Members: []string{"x.y", "x"}}),
		"member is a label":    f(cookie.Field{Name: "a", Label: "a", Members: []string{"x"}}, cookie.Field{Name: "b", Label: "a.x"}),
		"rest decoder":         {Rest: "c", RestDecoder: cookie.Chain()},
		"denied decoder":       {Rest: "c", Denied: cookie.Text{}},
		"denied without a key": {Rest: "c", Denied: cookie.KeyedHash(nil)},
		"empty denied text":    {Rest: "c", Deny: []string{""}},
	} {
		x, err := cookie.NewExtractor(e)
		require.Error(t, err, name)
		require.Nil(t, x)
	}
	folded := f(cookie.Field{Name: "a", Label: "a"}, cookie.Field{Name: "A", Label: "b"})
	_, err := cookie.NewExtractor(folded)
	require.NoError(t, err)
	folded.Options.FoldCase = true
	_, err = cookie.NewExtractor(folded)
	require.Error(t, err)
	_, err = cookie.NewExtractor(cookie.Extract{})
	require.NoError(t, err)
}

// Changing the configuration afterwards changes nothing.
func TestExtractorIsImmutable(t *testing.T) {
	e := job1()
	x, err := cookie.NewExtractor(e)
	require.NoError(t, err)
	e.Fields[0].Name = "other"
	e.Fields[1].Members[0] = "other"
	x.Labels()[0] = "other"
	r := x.Bind()
	require.NoError(t, r.Extract([]byte("uid=1; own=seg%3Db")))
	require.Equal(t, "cookie.uid=n:1|cookie.own.seg=s:b", results(t, x, r))
	_ = append(r.At(0).Label, "XXXX"...)
	_ = append(r.At(0).Bytes, "XXXX"...)
	require.Equal(t, "cookie.uid=n:1|cookie.own.seg=s:b", results(t, x, r))
	require.Equal(t, []string{"cookie.uid", "cookie.own.seg", "cookie.own.rank", "cookie.own.src",
		"cookie.sess.uid", "cookie.sess.lang", "cookie.sess.t", "cookie.sid", "cookie.theme"}, x.Labels())
}

// Results outlive the header's memory, and a used Results is as a new one.
func TestResultsKeepNothing(t *testing.T) {
	x, err := cookie.NewExtractor(job1())
	require.NoError(t, err)
	r := x.Bind()
	header := []byte(tenCookies)
	require.NoError(t, r.Extract(header))
	want := results(t, x, r)
	for i := range header {
		header[i] = '#'
	}
	require.Equal(t, want, results(t, x, r))
	require.Error(t, r.Extract([]byte(strings.Repeat("uid=1;", math.MaxUint8))))
	require.NoError(t, r.Extract([]byte(tenCookies)))
	require.Equal(t, want, results(t, x, r))
	fresh := x.Bind()
	require.NoError(t, fresh.Extract([]byte(tenCookies)))
	require.Equal(t, want, results(t, x, fresh))
}

func TestExtractAllocs(t *testing.T) {
	withRest := job1()
	withRest.Rest, withRest.Denied, withRest.RestDecoder = "cookie", hashed, cookie.Percent{}
	open := job1()
	open.Fields[1].Members, open.Fields[2].Members = nil, nil
	for name, e := range map[string]cookie.Extract{"job 1": job1(), "rest": withRest, "open": open} {
		x, err := cookie.NewExtractor(e)
		require.NoError(t, err)
		r := x.Bind()
		good, bad := []byte(tenCookies), []byte(`uid=x; own=`+strings.Repeat("a&", 100)+`; sess=!!; connect.sid=s; theme="`+strings.Repeat(";x=%", 200))
		require.Zero(t, testing.AllocsPerRun(50, func() {
			_ = r.Extract(good)
			_ = r.Extract(bad)
			for i := range r.Len() {
				_ = r.At(i)
			}
		}), name)
	}
}

func TestDenied(t *testing.T) {
	for _, name := range []string{"PHPSESSID", "JSESSIONID", "ASP.NET_SessionId", "connect.sid", "csrftoken", "XSRF-TOKEN", "__Host-a", "__Secure-a",
		"AWSALBCORS", "remember_me", "mfa", "Nonce", "oidc.state", "access_token", "auth", "jwt"} {
		require.True(t, cookie.Denied([]byte(name)), name)
	}
	for _, name := range []string{"", "_ga", "uid", "theme", "own", "__Hos"} {
		require.False(t, cookie.Denied([]byte(name)), name)
	}
	list := cookie.DefaultDeny()
	list[0] = "other"
	require.Equal(t, "session", cookie.DefaultDeny()[0])
}

func BenchmarkExtract(b *testing.B) {
	x, err := cookie.NewExtractor(job1())
	require.NoError(b, err)
	r, h := x.Bind(), header()
	bench(b, len(h), func() {
		if err := r.Extract(h); err != nil || r.Len() != 9 {
			b.Fatal(err, r.Len())
		}
	})
}

// Per header, over all real ones.
func BenchmarkExtractRealHeaders(b *testing.B) {
	x, err := cookie.NewExtractor(job1())
	require.NoError(b, err)
	r := x.Bind()
	var all [][]byte
	size := 0
	for _, h := range realHeaders(b) {
		all = append(all, []byte(h.Header))
		size += len(h.Header)
	}
	i := 0
	bench(b, size/len(all), func() {
		if err := r.Extract(all[i]); err != nil {
			b.Fatal(err)
		}
		if i++; i == len(all) {
			i = 0
		}
	})
}
