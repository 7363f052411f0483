package transform

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"unicode/utf8"
)

var (
	errGlobEscape = errors.New("pattern ends in a backslash")
	errGlobUTF8   = errors.New("pattern is not UTF-8")
	errLimitNaN   = errors.New("limit is not a number")
	errLimits     = errors.New("the lower limit is above the upper one")
)

// Suffix is true if the text of the value ends with suffix.
func Suffix(label, suffix string) Predicate {
	end := []byte(suffix)
	return valuePredicate{
		text: call("Suffix", label, suffix), label: label,
		ask: func(v []byte) bool { return bytes.HasSuffix(v, end) },
	}
}

// Contains is true if part is somewhere in the text of the value.
func Contains(label, part string) Predicate {
	inside := []byte(part)
	return valuePredicate{
		text: call("Contains", label, part), label: label,
		ask: func(v []byte) bool { return bytes.Contains(v, inside) },
	}
}

// Glob is true if pattern matches the whole text of the value. In a pattern * stands
// for any number of characters, slashes included, ? for one, and a backslash in front
// of one of the three for that character itself; any other is itself, case included. A
// character is a UTF-8 sequence, or a byte that is not part of one. The time it takes
// is bounded by the length of the value times that of the pattern.
func Glob(label, pattern string) Predicate {
	tokens, err := parseGlob(pattern)
	return valuePredicate{
		text: call("Glob", label, pattern), label: label, err: err,
		ask: func(v []byte) bool { return matchGlob(tokens, v) },
	}
}

// A token of a pattern is a byte or one of these.
const (
	globAny = 256 + iota // *
	globOne              // ?
)

func parseGlob(pattern string) ([]uint16, error) {
	if !utf8.ValidString(pattern) {
		return nil, errGlobUTF8
	}
	var tokens []uint16
	for i := 0; i < len(pattern); i++ {
		token := uint16(pattern[i])
		switch pattern[i] {
		case '*':
			token = globAny
		case '?':
			token = globOne
		case '\\':
			if i++; i == len(pattern) {
				return nil, errGlobEscape
			}
			token = uint16(pattern[i])
		}
		tokens = append(tokens, token)
	}
	return tokens, nil
}

// matchGlob goes through both at once. Where they part it lets the last * take one
// character more; no * before it has to, since the last can take what they would.
func matchGlob(tokens []uint16, text []byte) bool {
	at, i := 0, 0
	star, taken := -1, 0 // place of the last *, and where the text begins that it has not taken
	for i < len(text) {
		if at < len(tokens) {
			switch token := tokens[at]; {
			case token == globAny:
				if at++; at == len(tokens) {
					return true
				}
				star, taken = at, i
				continue
			case token == globOne:
				i += charLen(text[i:])
				at++
				continue
			case byte(token) == text[i]:
				i++
				at++
				continue
			}
		}
		if star < 0 {
			return false
		}
		taken += charLen(text[taken:])
		if next := tokens[star]; next < globAny { // nothing before the next such byte will do
			skip := bytes.IndexByte(text[taken:], byte(next))
			if skip < 0 {
				return false
			}
			taken += skip
		}
		at, i = star, taken
	}
	for at < len(tokens) && tokens[at] == globAny {
		at++
	}
	return at == len(tokens)
}

func charLen(text []byte) int {
	if len(text) == 0 || text[0] < utf8.RuneSelf {
		return 1
	}
	_, n := utf8.DecodeRune(text)
	return n
}

// maxMatch is how many bytes of a value Match looks at.
const maxMatch = 4096

// Match is true if the regular expression pattern (package [regexp]) matches somewhere
// in the text of the value, of which the first 4096 bytes count: to the expression the
// text ends there, also for $. So a huge value costs no more than a long one. [Prefix],
// [Suffix], [Contains], [Glob] and [In] are faster, and have no such limit. Package
// regexp has its scratch in a pool and allocates it anew now and then.
func Match(label, pattern string) Predicate {
	re, err := regexp.Compile(pattern)
	if err != nil {
		err = fmt.Errorf("regular expression: %w", err)
	}
	return valuePredicate{
		text: call("Match", label, pattern), label: label, err: err,
		ask: func(v []byte) bool { return re.Match(v[:min(len(v), maxMatch)]) },
	}
}

// Greater is true if the value is a number above limit. A number is a value of
// [KindNumber] or the text of one: decimal digits with a sign, a fraction, an exponent
// or without, zeros in front allowed, as far as a float64 holds it. It is compared as a
// float64. Any other value is neither greater nor less.
func Greater(label string, limit float64) Predicate {
	return compare("Greater", label, math.Inf(1), limit, func(n float64) bool { return n > limit })
}

// Less is true if the value is a number, as for [Greater], below limit.
func Less(label string, limit float64) Predicate {
	return compare("Less", label, math.Inf(1), limit, func(n float64) bool { return n < limit })
}

// Between is true if the value is a number, as for [Greater], from low to high, both
// included.
func Between(label string, low, high float64) Predicate {
	p := compare("Between", label, high, low, func(n float64) bool { return low <= n && n <= high })
	p.text = fmt.Sprintf("Between(%q, %v, %v)", label, low, high)
	return p
}

func compare(name, label string, high, low float64, ask func(float64) bool) valuePredicate {
	p := valuePredicate{text: fmt.Sprintf("%s(%q, %v)", name, label, low), label: label, ask: func(v []byte) bool {
		n, ok := numberOf(v)
		return ok && ask(n)
	}}
	switch {
	case math.IsNaN(low) || math.IsNaN(high):
		p.err = errLimitNaN
	case low > high:
		p.err = errLimits
	}
	return p
}

// numberOf returns the number that text is.
func numberOf(text []byte) (float64, bool) {
	digits := text
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		digits = text[1:]
	}
	n, ok := shortDecimal(digits)
	if !ok {
		if !isFloat(digits) { // ParseFloat knows more, and allocates for its errors
			return 0, false
		}
		n, _ = strconv.ParseFloat(string(digits), 64)
	}
	if text[0] == '-' {
		n = -n
	}
	return n, true
}

var powersOf10 = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// shortDecimal reads up to 15 digits with a point in between or without. Digits and
// power of ten are exact as float64, so their quotient is the nearest there is.
func shortDecimal(s []byte) (float64, bool) {
	if len(s) == 0 || len(s) > 16 || s[0] == '.' || s[len(s)-1] == '.' {
		return 0, false
	}
	n, point := uint64(0), -1
	for i, c := range s {
		switch {
		case isDigit(c):
			n = 10*n + uint64(c-'0')
		case c == '.' && point < 0:
			point = i
		default:
			return 0, false
		}
	}
	if point < 0 {
		return float64(n), len(s) < 16
	}
	return float64(n) / powersOf10[len(s)-1-point], true
}

// IsNull is true if the record has the label, and null there.
func IsNull(label string) Predicate { return isNull{label} }

type isNull struct{ label string }

func (p isNull) String() string { return call("IsNull", p.label) }

func (p isNull) Bind(b *Binder) (func() func(*Record) bool, error) {
	if p.label == "" {
		return nil, errNoLabel
	}
	slot := b.Slot(p.label)
	ask := func(r *Record) bool {
		v, ok := r.Value(slot)
		return ok && v.Kind == KindNull
	}
	return func() func(*Record) bool { return ask }, nil
}
