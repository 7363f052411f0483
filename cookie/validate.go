package cookie

import (
	"errors"
	"fmt"
)

// A SyntaxError says where a header first departs from the grammar, and how.
// It quotes nothing of it.
type SyntaxError struct {
	Offset int   // of the first byte that cannot stand, counted from 0; the header's length if something is missing at its end
	Err    error // ErrName, ErrNoEqual, ErrValue, ErrQuote, ErrSeparator, or a *LimitError
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("cookie: offset %d: %v", e.Offset, e.Err)
}

// Is reports that every SyntaxError is ErrMalformed, but for limits.
func (e *SyntaxError) Is(target error) bool {
	return target == ErrMalformed && !errors.Is(e.Err, ErrTooLarge)
}

func (e *SyntaxError) Unwrap() error { return e.Err }

// The causes of a SyntaxError.
var (
	ErrName      = errors.New("name is empty or not a token")
	ErrNoEqual   = errors.New("no '=' behind the name")
	ErrValue     = errors.New("byte not allowed in a value")
	ErrQuote     = errors.New("quote without its partner")
	ErrSeparator = errors.New("cookies not separated by exactly \"; \"")
)

// Validate reports whether header is written as the grammar of RFC 6265
// section 4.2.1 (the same in 6265bis) has it: pairs of a token, '=' and a
// value of permitted bytes, plain or between quotes, joined by "; ", and white
// space around the whole. Many real headers are not; a Cursor reads them all
// the same. The error is nil or a *SyntaxError.
func Validate(header []byte) error {
	i, end := 0, len(header)
	for i < end && (header[i] == ' ' || header[i] == '\t') {
		i++
	}
	for end > i && (header[end-1] == ' ' || header[end-1] == '\t') {
		end--
	}
	h := header[:end]
	for n := 0; ; n++ {
		if n == MaxCookies {
			return &SyntaxError{i, errCookies}
		}
		at, err := validPair(h, i)
		if at > MaxHeader {
			return &SyntaxError{MaxHeader, errHeader}
		}
		if err != nil {
			return &SyntaxError{at, err}
		}
		if at == len(h) {
			return nil
		}
		if at+1 == len(h) || h[at+1] != ' ' {
			return &SyntaxError{at + 1, ErrSeparator}
		}
		i = at + 2
	}
}

// validPair checks the pair that starts at i. It returns where the pair ends,
// or where and how it breaks.
func validPair(h []byte, i int) (at int, err error) {
	start := i
	for i < len(h) && isToken(h[i]) {
		i++
	}
	switch {
	case i == start:
		return i, ErrName
	case i == len(h) || h[i] == ';':
		return i, ErrNoEqual
	case h[i] != '=':
		return i, ErrName
	}
	i++
	quoted := i < len(h) && h[i] == '"'
	if quoted {
		i++
	}
	for i < len(h) && isValue(h[i]) {
		i++
	}
	if quoted {
		if i == len(h) || h[i] == ';' {
			return i, ErrQuote
		}
		if h[i] == '"' {
			i++
			quoted = false
		}
	}
	switch {
	case i == len(h) || h[i] == ';':
		return i, nil
	case h[i] == '"':
		return i, ErrQuote
	}
	return i, ErrValue
}

// isValue reports whether c is a cookie-octet of RFC 6265 section 4.1.1.
func isValue(c byte) bool {
	return c > ' ' && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\'
}

// isToken reports whether c is a tchar of RFC 9110 section 5.6.2.
func isToken(c byte) bool {
	switch {
	case c-'0' <= 9, c|0x20 >= 'a' && c|0x20 <= 'z':
		return true
	}
	switch c {
	case '!', '#', '$', '%', '&', '\'', '*', '+', '-', '.', '^', '_', '`', '|', '~':
		return true
	}
	return false
}
