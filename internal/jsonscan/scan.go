// Package jsonscan is the one strict, bounded JSON scanner and string escaper
// of this module.
//
// A [Scanner] pulls the values of one JSON text (RFC 8259, nothing more) out
// of a byte slice, one value a call:
//
//	var s jsonscan.Scanner
//	s.Reset(src)
//	for s.Next() {
//		switch s.Kind {
//		case jsonscan.Object, jsonscan.Array: // s.Key is its name; Skip to keep it whole
//		case jsonscan.End: // of the innermost object or array
//		default: // s.Key, s.Kind and s.Value are a member with its value
//		}
//	}
//	if err := s.Err(); err != nil { … }
//
// A member of an object comes as one value with its Key set, so a flat object
// of n members takes n+2 calls, and dotted names are made by pushing Key on
// Object and popping on End.
package jsonscan

import (
	"errors"
	"fmt"
	"unicode/utf8"
)

// MaxDepth is the greatest number of objects and arrays that may be open at
// once. It is also the default of [Scanner.Depth].
const MaxDepth = 64

// What a [SyntaxError] wraps.
var (
	ErrSyntax = errors.New("not JSON")                       // the grammar of RFC 8259 is broken, or the text ends early
	ErrUTF8   = errors.New("invalid UTF-8 in a JSON string") // RFC 8259 section 8.1
	ErrDepth  = errors.New("JSON is nested too deep")        // more than Scanner.Depth levels
)

// A SyntaxError says where a scan stopped and why. It quotes nothing.
type SyntaxError struct {
	Offset int   // of the first byte that cannot stand, counted from 0
	Err    error // ErrSyntax, ErrUTF8 or ErrDepth
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("jsonscan: offset %d: %v", e.Offset, e.Err)
}

func (e *SyntaxError) Unwrap() error { return e.Err }

// Kind is what a scanned value is.
type Kind uint8

// The kinds that Next gives. Object and Array open; End closes either.
const (
	None Kind = iota // before the first Next, and after the last
	Object
	Array
	End
	String
	Number
	True
	False
	Null
)

// A Scanner reads one JSON text. It copies nothing and allocates nothing: Key
// and Value are sub-slices of the text (clipped), as good as long as that is.
// The zero Scanner is ready for Reset. A Scanner belongs to one goroutine.
type Scanner struct {
	Kind       Kind   // of the value
	KeyEscaped bool   // Key holds a backslash: AppendUnescape it
	Escaped    bool   // Value holds a backslash: AppendUnescape it
	Key        []byte // the member's name as written, between its quotes; nil in an array and at the top
	Value      []byte // a string as written, between its quotes; a number or literal as written; nil for Object, Array, End

	// Depth is how many objects and arrays may be open at once: 1 to MaxDepth,
	// anything else means MaxDepth. Set it before Reset.
	Depth int

	src   []byte
	pos   int
	depth int
	limit int
	// objects has one bit a level, the innermost lowest: 1 for an object.
	// That is why MaxDepth is 64.
	objects uint64
	state   state
	cause   error // a sentinel; pos is where
}

type state uint8

const (
	wantValue state = iota // nothing read yet
	opened                 // just behind '{' or '['
	between                // just behind a value
	failed
)

// Reset starts on the text src. It keeps Depth and nothing else.
func (s *Scanner) Reset(src []byte) {
	depth := s.Depth
	*s = Scanner{} // at once, in place; one with fields set would be copied from elsewhere
	s.src, s.Depth, s.limit = src, depth, depth
	if depth < 1 || depth > MaxDepth {
		s.limit = MaxDepth
	}
}

// Next reads the next value. It returns false behind the last one, when only
// white space may follow, and at the first byte that cannot stand; Err tells
// the two apart.
func (s *Scanner) Next() bool {
	src, i := s.src, s.pos
	s.Key, s.Value, s.KeyEscaped, s.Escaped = nil, nil, false, false
	if i < len(src) && src[i] <= ' ' {
		i = skipSpace(src, i)
	}
	switch s.state {
	case between:
		if s.depth == 0 {
			return s.finish(i)
		}
		if i == len(src) {
			return s.fail(i, ErrSyntax)
		}
		if src[i] != ',' {
			return s.close(i)
		}
		i++
		if i < len(src) && src[i] <= ' ' {
			i = skipSpace(src, i)
		}
	case opened:
		if i < len(src) && (src[i] == '}' || src[i] == ']') {
			return s.close(i)
		}
	case failed:
		return false
	}
	if s.depth > 0 && s.objects&1 != 0 {
		if i == len(src) || src[i] != '"' {
			return s.fail(i, ErrSyntax)
		}
		i++
		end, escaped, err := scanString(src, i)
		if err != nil {
			return s.fail(end, err)
		}
		s.KeyEscaped = escaped
		s.Key = src[i:end:end]
		i = end + 1
		if i < len(src) && src[i] <= ' ' {
			i = skipSpace(src, i)
		}
		if i == len(src) || src[i] != ':' {
			return s.fail(i, ErrSyntax)
		}
		i++
		if i < len(src) && src[i] <= ' ' {
			i = skipSpace(src, i)
		}
	}
	return s.value(i)
}

// value reads the value that starts at i.
func (s *Scanner) value(i int) bool {
	src := s.src
	if i == len(src) {
		return s.fail(i, ErrSyntax)
	}
	end := i
	switch c := src[i]; c {
	case '"':
		i++
		stop, escaped, err := scanString(src, i)
		if err != nil {
			return s.fail(stop, err)
		}
		s.Kind, s.Value, s.Escaped = String, src[i:stop:stop], escaped
		s.pos, s.state = stop+1, between
		return true
	case '{', '[':
		return s.open(i)
	case 't':
		s.Kind, end = True, Literal(src, i, "true")
	case 'f':
		s.Kind, end = False, Literal(src, i, "false")
	case 'n':
		s.Kind, end = Null, Literal(src, i, "null")
	default:
		if n := NumberPrefix(src[i:]); n > 0 {
			s.Kind, end = Number, i+n
		}
	}
	if end == i {
		return s.fail(i, ErrSyntax)
	}
	s.Value = src[i:end:end]
	s.pos, s.state = end, between
	return true
}

func (s *Scanner) open(i int) bool {
	if s.depth == s.limit {
		return s.fail(i, ErrDepth)
	}
	s.depth++
	s.objects <<= 1
	s.Kind = Array
	if s.src[i] == '{' {
		s.Kind = Object
		s.objects |= 1
	}
	s.pos, s.state = i+1, opened
	return true
}

func (s *Scanner) close(i int) bool {
	want := byte(']')
	if s.objects&1 != 0 {
		want = '}'
	}
	if s.src[i] != want {
		return s.fail(i, ErrSyntax)
	}
	s.depth--
	s.objects >>= 1
	s.Kind = End
	s.pos, s.state = i+1, between
	return true
}

// finish is Next behind the last value: nothing may follow.
func (s *Scanner) finish(i int) bool {
	s.Kind = None
	s.pos = i
	if i < len(s.src) {
		return s.fail(i, ErrSyntax)
	}
	return false
}

func (s *Scanner) fail(i int, err error) bool {
	s.Kind, s.Key, s.Value = None, nil, nil
	s.pos, s.state, s.cause = i, failed, err
	return false
}

// Skip reads on to the End of the object or array that Next just opened,
// checking every byte of it, and leaves its whole text in Value and its name
// in Key; the End is not given again. After any other value it does nothing.
// It returns false if the text breaks on the way.
func (s *Scanner) Skip() bool {
	if s.state != opened {
		return s.state != failed
	}
	kind, key, escaped := s.Kind, s.Key, s.KeyEscaped
	start, outer := s.pos-1, s.depth-1
	for s.depth > outer {
		if !s.Next() {
			return false
		}
	}
	s.Kind, s.Key, s.KeyEscaped = kind, key, escaped
	s.Value = s.src[start:s.pos:s.pos]
	return true
}

// Resume goes on behind a value at i, which another reader found there: members of the
// innermost object, all of them checked.
func (s *Scanner) Resume(i int) { s.pos, s.state = i, between }

// ScanString returns where the string ends whose text starts at i, the place of its
// closing quote, and whether it holds an escape. It is not ok if that is no string.
func ScanString(src []byte, i int) (end int, escaped, ok bool) {
	end, escaped, err := scanString(src, i)
	return end, escaped, err == nil
}

// Level returns how many objects and arrays are open.
func (s *Scanner) Level() int { return s.depth }

// Offset returns where reading goes on: behind what Next gave last, or at the byte
// that stopped it.
func (s *Scanner) Offset() int { return s.pos }

// Cause returns what stopped the scan, one of the sentinels, or nil. Unlike
// Err it does not allocate.
func (s *Scanner) Cause() error { return s.cause }

// Err returns nil or a *SyntaxError.
func (s *Scanner) Err() error {
	if s.cause == nil {
		return nil
	}
	return &SyntaxError{Offset: s.pos, Err: s.cause}
}

// Valid reports whether src is one JSON text in valid UTF-8, nested no deeper
// than MaxDepth.
func Valid(src []byte) bool {
	var s Scanner
	s.Reset(src)
	for s.Next() {
	}
	return s.cause == nil
}

func skipSpace(src []byte, i int) int {
	for i < len(src) && (src[i] == ' ' || src[i] == '\n' || src[i] == '\r' || src[i] == '\t') {
		i++
	}
	return i
}

// Literal returns where word ends if it stands at i, else i.
func Literal(src []byte, i int, word string) int {
	if len(src)-i >= len(word) && string(src[i:i+len(word)]) == word {
		return i + len(word)
	}
	return i
}

// NumberPrefix returns the length of the longest JSON number (RFC 8259 section
// 6) that b starts with, 0 if there is none. b is a number and nothing else if
// that is len(b), and len(b) is not 0.
func NumberPrefix(b []byte) int {
	i := 0
	if i < len(b) && b[i] == '-' {
		i++
	}
	if i == len(b) || b[i]-'0' > 9 {
		return 0
	}
	if b[i] == '0' {
		i++
	} else {
		i = digits(b, i)
	}
	if i+1 < len(b) && b[i] == '.' && b[i+1]-'0' <= 9 {
		i = digits(b, i+1)
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		j := i + 1
		if j < len(b) && (b[j] == '+' || b[j] == '-') {
			j++
		}
		if end := digits(b, j); end > j {
			i = end
		}
	}
	return i
}

func digits(b []byte, i int) int {
	for i < len(b) && b[i]-'0' <= 9 {
		i++
	}
	return i
}

// checkUTF8 returns the offset in b of the first byte that is not UTF-8, or -1.
func checkUTF8(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; ; {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
}
