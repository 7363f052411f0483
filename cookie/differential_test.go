package cookie_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/textproto"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

// bytesOf undoes what JSON needs: there every byte is one code point.
func bytesOf(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r))
	}
	return b.String()
}

func gzLines(t testing.TB, name string) [][]byte {
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	var lines [][]byte
	s := bufio.NewScanner(z)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		lines = append(lines, append([]byte(nil), s.Bytes()...))
	}
	require.NoError(t, s.Err())
	return lines
}

// realHeader is a Cookie header that a real server got, and what job 1 takes
// out of it; see testdata/make.
type realHeader struct {
	Header string
	Want   map[string]any
}

func realHeaders(t testing.TB) []realHeader {
	var all []realHeader
	for _, line := range gzLines(t, "testdata/real.jsonl.gz") {
		var h realHeader
		require.NoError(t, json.Unmarshal(line, &h))
		h.Header = bytesOf(h.Header)
		all = append(all, h)
	}
	require.Greater(t, len(all), 1000)
	return all
}

// What jshttp/cookie reads, we read, and nothing else.
func TestAgainstJSHTTP(t *testing.T) {
	lines := gzLines(t, "testdata/jshttp.jsonl.gz")
	require.Greater(t, len(lines), 21_000)
	for _, line := range lines {
		var row []string
		require.NoError(t, json.Unmarshal(line, &row))
		header := bytesOf(row[0])
		if len(header) < 2 {
			continue // it does not look at these; "=" is a cookie to us
		}
		want := map[string]string{}
		for i := 1; i < len(row); i += 2 {
			want[bytesOf(row[i])] = bytesOf(row[i+1])
		}
		got := map[string]string{}
		c := cookie.Cursor{Options: cookie.Options{KeepQuotes: true}}
		for c.Reset([]byte(header)); c.Next(); {
			if _, old := got[string(c.Name)]; c.HasEqual && !old {
				got[string(c.Name)] = string(c.Value)
			}
		}
		require.NoError(t, c.Err())
		require.Equal(t, want, got, "%q", header)
	}
}

// Nothing that net/http returns is missing from ours.
func TestAgainstNetHTTP(t *testing.T) {
	check := func(header string) {
		if strings.ContainsAny(header, "\r\n") {
			return // net/http takes line breaks for space; no header has them
		}
		cookies := (&http.Request{Header: http.Header{"Cookie": {header}}}).Cookies()
		if all, err := http.ParseCookie(header); err == nil {
			cookies = append(cookies, all...)
		}
		ours := map[string]bool{}
		var c cookie.Cursor
		for c.Reset([]byte(header)); c.Next(); {
			ours[fmt.Sprintf("%s=%s %v", c.Name, c.Value, c.Quoted)] = true
			// It leaves a space behind '=' in the value.
			ours[fmt.Sprintf("%s=%s %v", c.Name, textproto.TrimString(string(c.Value)), c.Quoted)] = true
		}
		for _, k := range cookies {
			value := k.Value
			if !k.Quoted {
				value = textproto.TrimString(value)
			}
			name := k.Name
			require.True(t, ours[fmt.Sprintf("%s=%s %v", name, value, k.Quoted)] || bare(k, ours), "%q: %q=%q", header, k.Name, k.Value)
		}
	}
	for _, h := range realHeaders(t) {
		check(h.Header)
	}
	for _, line := range gzLines(t, "testdata/jshttp.jsonl.gz") {
		var row []string
		require.NoError(t, json.Unmarshal(line, &row))
		check(bytesOf(row[0]))
	}
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"a", "b", "=", "=", ";", "; ", ";", " ", `"`, `"`, "$", "%41", ",", "\x00", "é", "\t", "1"}
	for range 50_000 {
		var b strings.Builder
		for range r.IntN(12) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		check(b.String())
	}
}

// bare reports whether net/http took a part without '=' for a name.
func bare(k *http.Cookie, ours map[string]bool) bool {
	return k.Value == "" && ours["="+k.Name+" false"]
}
