package jsonscan

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAppendString(t *testing.T) {
	for in, want := range map[string]string{
		"":                           `""`,
		"plain text of words":        `"plain text of words"`,
		`say "hi" \o/`:               `"say \"hi\" \\o/"`,
		"\x00\x01\b\t\n\f\r\x1f\x7f": `"\u0000\u0001\b\t\n\f\r\u001f` + "\x7f\"",
		"<&>\u2028\u2029":            "\"<&>\u2028\u2029\"",
		"化粧水 😀":                      `"化粧水 😀"`,
		"a\xffb\xc3":                 `"a` + "\uFFFD" + `b` + "\uFFFD" + `"`,
		"\xed\xa0\x80":               `"` + strings.Repeat("\uFFFD", 3) + `"`, // half a surrogate pair
		"\xf4\x90\x80\x80":           `"` + strings.Repeat("\uFFFD", 4) + `"`, // over U+10FFFF
		"\xc0\xaf":                   `"` + strings.Repeat("\uFFFD", 2) + `"`, // too long for what it is
		"\uFFFD":                     `"` + "\uFFFD" + `"`,
	} {
		assert.Equal(t, want, string(AppendString(nil, []byte(in))), "%q", in)
		assert.Equal(t, "kept"+want, string(AppendString([]byte("kept"), []byte(in))), "%q", in)
	}
}

// TestAppendStringAtEveryPlace moves each byte through strings of every length up
// to those that take two rounds of the loop and a rest.
func TestAppendStringAtEveryPlace(t *testing.T) {
	for size := 1; size < 42; size++ {
		for at := range size {
			for c := range 256 {
				s := bytes.Repeat([]byte("!"), size) // one above 0x20
				s[at] = byte(c)
				want := append(append([]byte{'"'}, s...), '"')
				if c < 0x20 || c == '"' || c == '\\' {
					want = append(append(append([]byte{'"'}, s[:at]...), appendEscape(nil, byte(c))...), append(s[at+1:], '"')...)
				} else if c >= utf8.RuneSelf {
					want = append([]byte{'"'}, repaired(s)...)
					want = append(want, '"')
				}
				if got := AppendString(nil, s); !bytes.Equal(got, want) {
					t.Fatalf("%q → %s, want %s", s, got, want)
				}
			}
		}
	}
}

// TestAppendStringRoom: nothing is written behind what is returned.
func TestAppendStringRoom(t *testing.T) {
	for size := range 42 {
		buf := bytes.Repeat([]byte{'#'}, 64)
		out := AppendString(buf[:3], bytes.Repeat([]byte("a"), size))
		if string(out) != "###\""+strings.Repeat("a", size)+"\"" || len(bytes.Trim(buf[len(out):], "#")) > 0 {
			t.Fatalf("%s in %s", out, buf)
		}
	}
}

func checkString(t testing.TB, s []byte) {
	got := AppendString(nil, s)
	var back string
	if err := json.Unmarshal(got, &back); err != nil {
		require.NoError(t, err, "%q → %s", s, got)
	}
	if want := repaired(s); back != want {
		require.Equal(t, want, back)
	}
	if !utf8.Valid(got) {
		require.Fail(t, "invalid UTF-8", "%q", got)
	}
}

// repaired has a U+FFFD for each byte that is not UTF-8.
func repaired(s []byte) string {
	var b strings.Builder
	for _, r := range string(s) {
		b.WriteRune(r)
	}
	return b.String()
}

func FuzzAppendString(f *testing.F) {
	f.Add([]byte("a\xff\"\\\x00\u2028化"))
	f.Add([]byte("12345678\x1f2345678\xe3\x81"))
	f.Fuzz(func(t *testing.T, s []byte) {
		checkString(t, s)
		// encoding/json repairs the same bytes; it escapes more than must be.
		theirs, err := json.Marshal(string(s))
		require.NoError(t, err)
		var a, b string
		require.NoError(t, json.Unmarshal(theirs, &a))
		require.NoError(t, json.Unmarshal(AppendString(nil, s), &b))
		if a != b {
			t.Fatalf("%q: %q, encoding/json %q", s, b, a)
		}
	})
}

func TestAppendStringAllocatesNothing(t *testing.T) {
	buf := make([]byte, 0, 1024)
	s := []byte("GET /search?q=\"化粧水\"\xff\t HTTP/1.1")
	assert.Zero(t, testing.AllocsPerRun(100, func() { buf = AppendString(buf[:0], s) }))
}

func BenchmarkAppendString(b *testing.B) {
	s := []byte("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:120.0) Gecko/20100101 Firefox/115.0")
	buf := make([]byte, 0, 1024)
	b.Run("AppendString", func(b *testing.B) {
		for b.Loop() {
			buf = AppendString(buf[:0], s)
		}
	})
	b.Run("json.Marshal", func(b *testing.B) {
		for b.Loop() {
			_, _ = json.Marshal(string(s))
		}
	})
	b.Run("append", func(b *testing.B) {
		for b.Loop() {
			buf = append(buf[:0], s...)
		}
	})
}
