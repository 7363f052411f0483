package jsonscan

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
	"unsafe"

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

// TestAppendStringRoom: what is returned is right whatever room there is, and nothing
// is written behind the capacity of dst or before its end.
func TestAppendStringRoom(t *testing.T) {
	for size := range 70 {
		for room := range size + 20 {
			for _, c := range []byte{'a', '"'} {
				s := append(bytes.Repeat([]byte("a"), size), c)
				buf := bytes.Repeat([]byte{'#'}, 3+room+40)
				out := AppendString(buf[:3:3+room], s)
				want := "###\"" + string(s) + "\""
				if c == '"' {
					want = "###\"" + string(s[:size]) + "\\\"\""
				}
				if string(out) != want || len(bytes.Trim(buf[3+room:], "#")) > 0 {
					t.Fatalf("%s in %s", out, buf)
				}
			}
		}
	}
}

// TestCopyPlain compares the two copies at every size up to some blocks and every
// place in a page that matters, with and without a byte that is not plain.
func TestCopyPlain(t *testing.T) {
	const page = 4096
	src := make([]byte, 4*page)
	start := page - int(uintptr(unsafe.Pointer(&src[0]))%page) // of a page
	dst, want := make([]byte, 128), make([]byte, 128)
	require.Zero(t, copyPlain(dst[:slack], nil))
	for size := range 100 {
		for from := start + page - 40; from < start+page+20; from++ {
			s := src[from : from+size : from+size]
			for _, c := range []byte{'!', ' ', '~', '"', '\\', 0x1f, 0x80, 0xff} {
				for at := range max(size, 1) {
					for i := range s {
						s[i] = 'x'
					}
					if size > 0 {
						s[at] = c
					}
					n, m := copyPlain(dst[:size+slack], s), copyPlainGeneric(want[:size+slack], s)
					if n != m || !bytes.Equal(dst[:n], want[:n]) || !bytes.Equal(dst[:n], s[:n]) {
						t.Fatalf("%d of %d bytes, %d by the generic copy: %q", n, size, m, s)
					}
				}
			}
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
