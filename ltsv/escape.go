package ltsv

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// An Escaping is how a server writes bytes that it does not want in its log as
// they are. A line is split first; then each value may be unescaped, once.
type Escaping uint8

const (
	// EscapeNone writes every byte as it is: nginx with escape=none, Envoy,
	// Rack::LtsvLogger. A TAB or LF sent by a client then breaks the line.
	EscapeNone Escaping = iota
	// EscapeNginx is nginx by default (ngx_http_log_escape): bytes below 0x20
	// and from 0x7F, " and \ become \xHH in upper case.
	EscapeNginx
	// EscapeApache is Apache's mod_log_config (ap_escape_logitem): \b \n \r \t
	// \v \\ \", other bytes below 0x20 and from 0x7F become \xhh in lower case.
	// It also undoes varnishncsa, which writes a part of these, and h2o, as far
	// as h2o can be undone: it leaves the backslash itself alone.
	EscapeApache
	// EscapeJSON is nginx with escape=json (ngx_escape_json): \" \\ \n \r \t \b
	// \f, other bytes below 0x20 become \u00HH. Bytes from 0x7F stay, so that
	// invalid UTF-8 reaches the log.
	EscapeJSON
	// EscapeHAProxy is HAProxy's for captured headers: bytes below 0x20 and from
	// 0x7F and " # { | } become #HH in upper case.
	EscapeHAProxy
)

// String returns the name of e, which [ParseEscaping] reads.
func (e Escaping) String() string {
	if int(e) < len(escapingNames) {
		return escapingNames[e]
	}
	return "unknown"
}

var escapingNames = [...]string{"none", "nginx", "apache", "json", "haproxy"}

// ParseEscaping returns the Escaping whose String is name.
func ParseEscaping(name string) (Escaping, bool) {
	for e, n := range escapingNames {
		if n == name {
			return Escaping(e), true
		}
	}
	return EscapeNone, false
}

// Missing reports whether value, still escaped, is what such servers write when
// there is no value: "-" for nginx, Apache, varnish and HAProxy; empty for nginx
// with escape=json. EscapeNone takes both: nginx with escape=none writes an empty
// value, Envoy and Rack "-".
func (e Escaping) Missing(value []byte) bool {
	switch e {
	case EscapeJSON:
		return len(value) == 0
	case EscapeNone:
		return len(value) == 0 || string(value) == "-"
	}
	return string(value) == "-"
}

// Escaped reports whether value holds the byte that begins an escape. If not,
// unescaping changes nothing.
func (e Escaping) Escaped(value []byte) bool { return e.Index(value) >= 0 }

// Index returns the position in value of the first byte that begins an escape, or -1.
func (e Escaping) Index(value []byte) int {
	switch e {
	case EscapeNginx, EscapeApache, EscapeJSON:
		return bytes.IndexByte(value, '\\')
	case EscapeHAProxy:
		return bytes.IndexByte(value, '#')
	}
	return -1
}

// AppendUnescape appends value to dst as it was before the server escaped it. An escape
// that is cut short, or of a kind that the server does not use, stays as it is;
// hexadecimal digits may be of either case. value must not lie in the memory that dst
// grows into.
func AppendUnescape(dst, value []byte, e Escaping) []byte {
	mark, unescape := byte('\\'), unescapeNginx
	switch e {
	default:
		return append(dst, value...)
	case EscapeNginx:
	case EscapeApache:
		unescape = unescapeApache
	case EscapeJSON:
		unescape = unescapeJSON
	case EscapeHAProxy:
		mark, unescape = '#', unescapeHAProxy
	}
	for {
		i := bytes.IndexByte(value, mark)
		if i < 0 {
			return append(dst, value...)
		}
		dst = append(dst, value[:i]...)
		value = value[i:]
		var n int
		if dst, n = unescape(dst, value); n == 0 {
			dst = append(dst, mark)
			n = 1
		}
		value = value[n:]
	}
}

// The functions below undo one escape at the start of s, which begins with the
// mark, and return its length; 0 if it is not one.

func unescapeNginx(dst, s []byte) ([]byte, int) {
	if len(s) >= 4 && s[1] == 'x' {
		if c, ok := hexByte(s[2], s[3]); ok {
			return append(dst, c), 4
		}
	}
	return dst, 0
}

func unescapeHAProxy(dst, s []byte) ([]byte, int) {
	if len(s) >= 3 {
		if c, ok := hexByte(s[1], s[2]); ok {
			return append(dst, c), 3
		}
	}
	return dst, 0
}

func unescapeApache(dst, s []byte) ([]byte, int) {
	if len(s) < 2 {
		return dst, 0
	}
	if c, ok := shortEscape(s[1]); ok {
		return append(dst, c), 2
	}
	if s[1] == 'v' {
		return append(dst, '\v'), 2
	}
	return unescapeNginx(dst, s)
}

// shortEscape returns what c means behind a backslash, to Apache and in JSON.
func shortEscape(c byte) (raw byte, ok bool) {
	switch c {
	case 'b':
		return '\b', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case '\\', '"':
		return c, true
	}
	return 0, false
}

func unescapeJSON(dst, s []byte) ([]byte, int) {
	if len(s) < 2 {
		return dst, 0
	}
	if c, ok := shortEscape(s[1]); ok {
		return append(dst, c), 2
	}
	switch s[1] {
	case 'f':
		return append(dst, '\f'), 2
	case '/':
		return append(dst, '/'), 2
	}
	r, ok := hexRune(s)
	if !ok {
		return dst, 0
	}
	if utf16.IsSurrogate(r) {
		low, ok := hexRune(s[6:])
		if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
			return dst, 0
		}
		return utf8.AppendRune(dst, r), 12
	}
	return utf8.AppendRune(dst, r), 6
}

// hexRune reads the \uHHHH at the start of s.
func hexRune(s []byte) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	hi, ok1 := hexByte(s[2], s[3])
	lo, ok2 := hexByte(s[4], s[5])
	return rune(hi)<<8 | rune(lo), ok1 && ok2
}

func hexByte(hi, lo byte) (byte, bool) {
	h, l := hexValue[hi], hexValue[lo]
	return h<<4 | l&0x0f, h|l < 0x80
}

// hexValue is the value of a hexadecimal digit of either case, 0x80 for any other
// byte.
var hexValue = func() (t [256]byte) {
	for c := range t {
		switch {
		case '0' <= c && c <= '9':
			t[c] = byte(c - '0')
		case 'a' <= c && c <= 'f':
			t[c] = byte(c - 'a' + 10)
		case 'A' <= c && c <= 'F':
			t[c] = byte(c - 'A' + 10)
		default:
			t[c] = 0x80
		}
	}
	return t
}()

// AppendEscape appends value to dst as such a server would write it. Unescaping gives
// value again, and except with EscapeNone there is no NUL, TAB, LF or CR in what is
// appended.
func AppendEscape(dst, value []byte, e Escaping) []byte {
	if int(e) >= len(escaped) || e == EscapeNone {
		return append(dst, value...)
	}
	table := &escaped[e]
	from := 0
	for i, c := range value {
		if table[c] {
			dst = append(dst, value[from:i]...)
			dst = appendEscaped(dst, c, e)
			from = i + 1
		}
	}
	return append(dst, value[from:]...)
}

// escaped tells which bytes each Escaping does not write as they are.
var escaped = func() (t [len(escapingNames)][256]bool) {
	for c := range 256 {
		control, quote := c < 0x20, c == '"' || c == '\\'
		t[EscapeNginx][c] = control || c >= 0x7f || quote
		t[EscapeApache][c] = control || c >= 0x7f || quote
		t[EscapeJSON][c] = control || quote
		t[EscapeHAProxy][c] = control || c >= 0x7f || bytes.IndexByte([]byte(`"#{|}`), byte(c)) >= 0
	}
	return t
}()

const (
	upperHex = "0123456789ABCDEF"
	lowerHex = "0123456789abcdef"
)

func appendEscaped(dst []byte, c byte, e Escaping) []byte {
	switch e {
	case EscapeNginx:
		return append(dst, '\\', 'x', upperHex[c>>4], upperHex[c&15])
	case EscapeHAProxy:
		return append(dst, '#', upperHex[c>>4], upperHex[c&15])
	}
	short := byte(0)
	switch c {
	case '"', '\\':
		short = c
	case '\b':
		short = 'b'
	case '\n':
		short = 'n'
	case '\r':
		short = 'r'
	case '\t':
		short = 't'
	case '\v':
		if e == EscapeApache {
			short = 'v'
		}
	case '\f':
		if e == EscapeJSON {
			short = 'f'
		}
	}
	switch {
	case short != 0:
		return append(dst, '\\', short)
	case e == EscapeApache:
		return append(dst, '\\', 'x', lowerHex[c>>4], lowerHex[c&15])
	}
	return append(dst, '\\', 'u', '0', '0', upperHex[c>>4], upperHex[c&15])
}
