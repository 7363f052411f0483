package ltsv

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

var escapings = []Escaping{EscapeNone, EscapeNginx, EscapeApache, EscapeJSON, EscapeHAProxy}

func TestEscapeTable(t *testing.T) {
	const raw = "a\x00\b\t\n\v\f\r\x1f \"#\\{|}~\x7f\x80é"
	for e, want := range map[Escaping]string{
		EscapeNone:    raw,
		EscapeNginx:   `a\x00\x08\x09\x0A\x0B\x0C\x0D\x1F \x22#\x5C{|}~\x7F\x80\xC3\xA9`,
		EscapeApache:  `a\x00\b\t\n\v\x0c\r\x1f \"#\\{|}~\x7f\x80\xc3\xa9`,
		EscapeJSON:    `a\u0000\b\t\n\u000B\f\r\u001F \"#\\{|}~` + "\x7f\x80é",
		EscapeHAProxy: `a#00#08#09#0A#0B#0C#0D#1F #22#23\#7B#7C#7D~#7F#80#C3#A9`,
	} {
		assert.Equal(t, want, string(AppendEscape(nil, []byte(raw), e)), e.String())
		assert.Equal(t, "kept"+raw, string(AppendUnescape([]byte("kept"), []byte(want), e)), e.String())
	}
}

func TestUnescape(t *testing.T) {
	for _, tt := range []struct {
		e          Escaping
		value, raw string
	}{
		{EscapeNone, `\x41\n#41`, `\x41\n#41`},
		{EscapeNginx, `\x41\x4a\x4A`, "AJJ"},
		{EscapeNginx, `\n\\\"\u0041`, `\n\\\"\u0041`}, // nginx writes none of these
		{EscapeNginx, `\`, `\`},
		{EscapeNginx, `\x`, `\x`},
		{EscapeNginx, `\x4`, `\x4`},
		{EscapeNginx, `\xzz\x4g\xg4`, `\xzz\x4g\xg4`},
		{EscapeNginx, `\x5Cx41`, `\x41`}, // once, not twice
		{EscapeNginx, `\\x41`, `\A`},
		{EscapeApache, `\\x41`, `\x41`},
		{EscapeApache, `\b\n\r\t\v\"\\\x7f\xC3\xa9`, "\b\n\r\t\v\"\\\x7fé"},
		{EscapeApache, `\f\a\u0041\`, `\f\a\u0041\`},
		{EscapeApache, `plain`, `plain`},
		{EscapeJSON, `\b\f\n\r\t\"\\\/`, "\b\f\n\r\t\"\\/"},
		{EscapeJSON, `\u001F\u0041\u00e9`, "\x1fAé"},
		{EscapeJSON, `\u3042`, "あ"},
		{EscapeJSON, `\ud83d\uDE00`, "😀"},
		{EscapeJSON, `\ud83d`, `\ud83d`},
		{EscapeJSON, `\ud83d\u0041`, `\ud83dA`},
		{EscapeJSON, `\ude00\ud83d`, `\ude00\ud83d`},
		{EscapeJSON, `\u12`, `\u12`},
		{EscapeJSON, `\u12g4\x41\v`, `\u12g4\x41\v`},
		{EscapeJSON, "\xff\xfe", "\xff\xfe"},
		{EscapeHAProxy, `#41#4a#23#`, "AJ##"},
		{EscapeHAProxy, `#4#zz\x41`, `#4#zz\x41`},
		{Escaping(99), `\x41#41`, `\x41#41`},
	} {
		assert.Equal(t, tt.raw, string(AppendUnescape(nil, []byte(tt.value), tt.e)), "%v %s", tt.e, tt.value)
	}
}

func TestEscapeRoundTrip(t *testing.T) {
	var all []byte
	for a := range 256 {
		for b := range 256 {
			all = append(all, byte(a), byte(b))
		}
	}
	for _, e := range escapings {
		escaped := AppendEscape(nil, all, e)
		assert.Equal(t, all, AppendUnescape(nil, escaped, e), e.String())
		if e != EscapeNone {
			assert.Equal(t, len(escaped), valueEnd(escaped))
			assert.Negative(t, bytes.IndexByte(escaped, '\t'))
		}
	}
}

func TestMissing(t *testing.T) {
	for _, tt := range []struct {
		e           Escaping
		dash, empty bool
	}{
		{EscapeNone, true, true},
		{EscapeNginx, true, false},
		{EscapeApache, true, false},
		{EscapeJSON, false, true},
		{EscapeHAProxy, true, false},
	} {
		assert.Equal(t, tt.dash, tt.e.Missing([]byte("-")), tt.e.String())
		assert.Equal(t, tt.empty, tt.e.Missing(nil), tt.e.String())
		assert.Equal(t, tt.empty, tt.e.Missing([]byte{}), tt.e.String())
		for _, v := range []string{"--", " -", "- ", "a-b", "0"} {
			assert.False(t, tt.e.Missing([]byte(v)), v)
		}
	}
}

func TestEscapingNames(t *testing.T) {
	for _, e := range escapings {
		got, ok := ParseEscaping(e.String())
		assert.True(t, ok)
		assert.Equal(t, e, got)
	}
	_, ok := ParseEscaping("envoy")
	assert.False(t, ok)
	assert.Equal(t, "unknown", Escaping(99).String())
}
