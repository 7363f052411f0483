package cookie_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

// read gives every cookie as name=value, or ~value without '=', with q in
// front if it is quoted.
func read(o cookie.Options, header string) (all []string, err error) {
	c := cookie.Cursor{Options: o}
	c.Reset([]byte(header))
	for c.Next() {
		text := string(c.Name) + "=" + string(c.Value)
		if !c.HasEqual {
			text = "~" + text
		}
		if c.Quoted {
			text = "q" + text
		}
		all = append(all, text)
	}
	return all, c.Err()
}

func TestCursor(t *testing.T) {
	for _, tt := range []struct{ header, want string }{
		// RFC 6265 sections 3.1 and 5.4.
		{"SID=31d4d96e407aad42; lang=en-US", "SID=31d4d96e407aad42|lang=en-US"},
		{"a=b", "a=b"},
		{"a=b;", "a=b"},
		{"a=b; c=d; ", "a=b|c=d"},
		{"a=b;c=d", "a=b|c=d"},
		{"a = b ;\tc\t=\td\t", "a=b|c=d"},
		{" a=b ", "a=b"},
		{"a=b=c==", "a=b=c=="},
		{"a==", "a=="},
		{"a=", "a="},
		{"=a", "=a"},
		{" = a", "=a"},
		{"=", "="},
		{"a", "~=a"},
		{"a=1; foo; b=2", "a=1|~=foo|b=2"},
		{"a=x y", "a=x y"},
		{"a b=c", "a b=c"},
		// Quotes.
		{`a="b"`, "qa=b"},
		{`a=" b "`, "qa= b "},
		{`a = "b" ;c=d`, "qa=b|c=d"},
		{`a=""`, "qa="},
		{`a="`, `a="`},
		{`a=b"`, `a=b"`},
		{`a="b`, `a="b`},
		{`a="1;2"`, `a="1|~=2"`},
		{`a="1=;2"; b=3`, `a="1=|~=2"|b=3`},
		{`a="b\"c"`, `qa=b\"c`},
		{`"a"=b`, `"a"=b`},
		{`"a"`, `q~=a`},
		{`"`, `~="`},
		// Must survive.
		{"", ""},
		{"-", "~=-"},
		{"; ;", ""},
		{";;;", ""},
		{" \t ", ""},
		{`a=b\`, `a=b\`},
		{"%", "~=%"},
		{"a=%zz; b=%", "a=%zz|b=%"},
		{"a=\xe8\x82; \xe3\x81\x82=\xe3\x81\x84", "a=\xe8\x82|\xe3\x81\x82=\xe3\x81\x84"},
		{"a\x00b=c\x00; d=\x01", "a\x00b=c\x00|d=\x01"},
		{"\xa0a=b\xa0", "\xa0a=b\xa0"},
		{"a=1; a=2; A=3", "a=1|a=2|A=3"},
		{"a=1, b=2", "a=1, b=2"},
		{`$Version="1"; a="b"; $Path="/"`, "q$Version=1|qa=b|q$Path=/"},
		{"__proto__=1; constructor=2", "__proto__=1|constructor=2"},
		{"a=1\r\nX: y", "a=1\r\nX: y"},
	} {
		got, err := read(cookie.Options{}, tt.header)
		require.NoError(t, err)
		require.Equal(t, tt.want, strings.Join(got, "|"), "%q", tt.header)
	}
}

func TestOptions(t *testing.T) {
	for _, tt := range []struct {
		o            cookie.Options
		header, want string
	}{
		{cookie.Options{Bare: cookie.BareName}, "foo; a=1; \tbar \t", "~foo=|a=1|~bar="},
		{cookie.Options{Bare: cookie.BareName}, `"x"`, `~"x"=`},
		{cookie.Options{Bare: cookie.BareSkip}, "foo; a=1; bar", "a=1"},
		{cookie.Options{KeepQuotes: true}, `a="b"; c=d; e= "f" ; "g"`, `qa="b"|c=d|qe="f"|q~="g"`},
		// Apache joins two Cookie headers by ", ".
		{cookie.Options{Comma: true}, "a=1, b=2; c=3,4,\td=5", "a=1|b=2|c=3,4|d=5"},
		{cookie.Options{Comma: true}, "a=1,", "a=1,"},
		{cookie.Options{Comma: true}, ", , a=1, , ; ,b=2", "a=1|,b=2"},
		{cookie.Options{Comma: true}, `a="x, y", foo, b=1`, `a="x|~=y"|~=foo|b=1`},
		{cookie.Options{Comma: true}, "a, b=1", "~=a|b=1"},
	} {
		got, err := read(tt.o, tt.header)
		require.NoError(t, err)
		require.Equal(t, tt.want, strings.Join(got, "|"), "%q %+v", tt.header, tt.o)
	}
}

func TestHeaderLimit(t *testing.T) {
	long := func(n int) string { return "a=1; b=" + strings.Repeat("x", n-7) }
	for _, tt := range []struct {
		name    string
		max     int
		header  string
		cookies int
		cut     bool
	}{
		{"as long as may be", 0, long(cookie.MaxHeader), 2, false},
		{"one byte more", 0, long(cookie.MaxHeader + 1), 1, true},
		{"cut between cookies", 0, long(cookie.MaxHeader) + ";c=1", 2, true},
		{"cut behind the separator", 0, long(cookie.MaxHeader-1) + ";c=1", 2, true},
		{"a separator more", 0, long(cookie.MaxHeader) + ";", 2, true},
		{"1 MB", 0, long(1 << 20), 1, true},
		{"own limit", 10, "a=1; b=2; c=3", 2, true},
		{"own limit, inside a cookie", 8, "a=1; b=22", 1, true},
		{"no limit", -1, long(1 << 20), 2, false},
		{"a bare part is cut too", 8, "a=1; foobar", 1, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := read(cookie.Options{MaxHeader: tt.max}, tt.header)
			require.Len(t, got, tt.cookies)
			if !tt.cut {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, cookie.ErrTooLarge)
			var limit *cookie.LimitError
			require.ErrorAs(t, err, &limit)
			require.Equal(t, cookie.LimitHeader, limit.Limit)
		})
	}
}

func TestCookieLimit(t *testing.T) {
	got, err := read(cookie.Options{}, strings.Repeat("a=1;", cookie.MaxCookies))
	require.NoError(t, err)
	require.Len(t, got, cookie.MaxCookies)
	got, err = read(cookie.Options{}, strings.Repeat("a=1;", cookie.MaxCookies+1))
	var limit *cookie.LimitError
	require.ErrorAs(t, err, &limit)
	require.Equal(t, cookie.LimitCookies, limit.Limit)
	require.Len(t, got, cookie.MaxCookies)
	got, err = read(cookie.Options{MaxCookies: 2}, "a;b=;c=")
	require.ErrorIs(t, err, cookie.ErrTooLarge)
	require.Len(t, got, 2)
	got, err = read(cookie.Options{MaxCookies: -1}, strings.Repeat("a=1;", 1000))
	require.NoError(t, err)
	require.Len(t, got, 1000)

	// Empty parts are no cookies: 10^5 of them only reach the header's limit.
	got, err = read(cookie.Options{}, strings.Repeat(";", 100_000))
	require.ErrorIs(t, err, cookie.ErrTooLarge)
	require.Empty(t, got)
	got, err = read(cookie.Options{MaxHeader: -1}, strings.Repeat(";", 100_000)+"a=1")
	require.NoError(t, err)
	require.Equal(t, []string{"a=1"}, got)
}

// A cursor at its end stays there, and one that was reset is as a new one.
func TestCursorReset(t *testing.T) {
	var c cookie.Cursor
	require.False(t, c.Next())
	c.Reset([]byte(`a="` + strings.Repeat("x", cookie.MaxHeader)))
	for range 3 {
		require.False(t, c.Next())
		require.Error(t, c.Err())
		require.Nil(t, c.Value)
	}
	c.Reset([]byte(`a="1"; b`))
	require.NoError(t, c.Err())
	require.True(t, c.Next())
	require.True(t, c.Next())
	require.False(t, c.Next())
	c.Reset(nil)
	var fresh cookie.Cursor
	fresh.Reset(nil)
	require.Equal(t, fresh, c)
}

// What a cursor hands out may be appended to without harm to the header.
func TestCursorClips(t *testing.T) {
	for _, bare := range []cookie.Bare{cookie.BareValue, cookie.BareName} {
		header := []byte(`a="1"; foo ; b=2 ; =3; "x"; c=`)
		keep := bytes.Clone(header)
		c := cookie.Cursor{Options: cookie.Options{Bare: bare}}
		for c.Reset(header); c.Next(); {
			_ = append(c.Name, "XXXX"...)
			_ = append(c.Value, "XXXX"...)
		}
		require.Equal(t, string(keep), string(header))
	}
}

func TestAll(t *testing.T) {
	var got []string
	for name, value := range cookie.All([]byte("a=1; b; a=2")) {
		got = append(got, fmt.Sprintf("%s=%s", name, value))
	}
	require.Equal(t, []string{"a=1", "=b", "a=2"}, got)
	for range cookie.All([]byte("a=1; b=2")) {
		break
	}
	got = nil
	for name := range (cookie.Options{Comma: true, Bare: cookie.BareName}).All([]byte("a=1, b")) {
		got = append(got, string(name))
	}
	require.Equal(t, []string{"a", "b"}, got)
}

func TestGet(t *testing.T) {
	const header = `a=1; b=2; a=3; foo; B=4; empty=; q="x"`
	for _, tt := range []struct {
		o    cookie.Options
		name string
		want string
		ok   bool
	}{
		{cookie.Options{}, "a", "1", true},
		{cookie.Options{}, "b", "2", true},
		{cookie.Options{}, "B", "4", true},
		{cookie.Options{}, "c", "", false},
		{cookie.Options{}, "", "foo", true},
		{cookie.Options{}, "foo", "", false},
		{cookie.Options{}, "empty", "", true},
		{cookie.Options{}, "q", "x", true},
		{cookie.Options{Duplicates: cookie.Last}, "a", "3", true},
		{cookie.Options{Duplicates: cookie.AllOf}, "a", "1", true},
		{cookie.Options{FoldCase: true, Duplicates: cookie.Last}, "b", "4", true},
		{cookie.Options{FoldCase: true}, "EMPTY", "", true},
		{cookie.Options{Bare: cookie.BareName}, "foo", "", true},
	} {
		got, ok := tt.o.Get([]byte(header), tt.name)
		require.Equal(t, tt.ok, ok, "%+v", tt)
		require.Equal(t, tt.want, string(got), "%+v", tt)

		// A Selector finds the same.
		sel, err := tt.o.NewSelector("x", tt.name, "y", tt.name).Select([][]byte{[]byte("kept")}, []byte(header))
		require.NoError(t, err)
		require.Len(t, sel, 5)
		require.Equal(t, "kept", string(sel[0]))
		require.Equal(t, tt.ok, sel[2] != nil)
		require.Equal(t, tt.want, string(sel[2]))
		require.Equal(t, sel[2], sel[4])
	}
	_, ok := cookie.Get([]byte(header), "a")
	require.True(t, ok)
}

func TestSelector(t *testing.T) {
	// Many names that share a place in the hash.
	var names []string
	var header []string
	for i := range 100 {
		names = append(names, fmt.Sprintf("n%02dz", i))
		header = append(header, fmt.Sprintf("n%02dz=%d", 99-i, 99-i))
	}
	got, err := cookie.NewSelector(names...).Select(nil, []byte(strings.Join(header, "; ")))
	require.NoError(t, err)
	for i := range 100 {
		require.Equal(t, fmt.Sprint(i), string(got[i]))
	}
	got, err = cookie.NewSelector().Select(nil, []byte("a=1"))
	require.NoError(t, err)
	require.Empty(t, got)
	// The limit ends the search; what came before stands.
	got, err = cookie.Options{MaxCookies: 1}.NewSelector("a", "b").Select(nil, []byte("a=1; b=2"))
	require.ErrorIs(t, err, cookie.ErrTooLarge)
	require.Equal(t, "1", string(got[0]))
	require.Nil(t, got[1])
}

func TestHeaderAllocs(t *testing.T) {
	header := []byte(`_ga=GA1.2.540650868.1528792785; uid=4840603; theme="dark"; foo`)
	hostile := []byte(strings.Repeat("a=1;", 1000))
	sel := cookie.NewSelector("uid", "theme", "nope")
	dst := make([][]byte, 0, 3)
	var c cookie.Cursor
	require.Zero(t, testing.AllocsPerRun(100, func() {
		for c.Reset(header); c.Next(); {
		}
		for c.Reset(hostile); c.Next(); {
		}
		if c.Err() == nil {
			t.Error("no limit")
		}
		for name, value := range cookie.All(header) {
			_, _ = name, value
		}
		if _, ok := cookie.Get(header, "theme"); !ok {
			t.Error("not found")
		}
		dst, _ = sel.Select(dst[:0], header)
	}))
}
