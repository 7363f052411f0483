package transform

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/ltsvpipe/ltsvpipe/internal/textconv"
)

var (
	errNotInt   = errors.New("not an integer")
	errNotFloat = errors.New("not a number")
	errNotBool  = errors.New("neither true nor false")
)

// Int turns the strings under labels into integers: decimal digits, with a sign in front
// or not, up to 64 bits. Zeros in front are taken off: 000, which nginx writes for a
// request without a status, becomes 0. What is no integer becomes null, unless [OnError]
// says otherwise.
func Int(labels ...string) Stage {
	return textStage{text: call("Int", labels...), labels: labels, make: same(toInt)}
}

func toInt(r *Record, text []byte) (Value, error) {
	if n := plainDigits(text); n > 0 && n == len(text) {
		return Value{KindNumber, text}, nil // as nearly all are
	}
	digits := text
	negative := len(text) > 0 && text[0] == '-'
	if negative || len(text) > 0 && text[0] == '+' {
		digits = text[1:]
	}
	zeros := 0
	for zeros < len(digits)-1 && digits[zeros] == '0' {
		zeros++
	}
	digits = digits[zeros:]
	if !isInt64(digits, negative) {
		return Value{}, errNotInt
	}
	return signed(r, text, digits, negative && digits[0] != '0'), nil
}

// plainDigits returns how many digits text starts with, if they are a number as JSON has
// it, and so few that neither an int64 nor a float64 is too small for it; else 0.
func plainDigits(text []byte) int {
	n := textconv.CountDigits(text)
	if n > 1 && text[0] == '0' || n > 18 {
		return 0
	}
	return n
}

// signed returns the number digits, which are the end of text, with a minus sign or
// without. Zeros may have stood between sign and digits.
func signed(r *Record, text, digits []byte, negative bool) Value {
	switch {
	case !negative:
		return Value{KindNumber, digits}
	case len(text) == 1+len(digits):
		return Value{KindNumber, text}
	}
	b := r.Alloc(1 + len(digits))
	b[0] = '-'
	copy(b[1:], digits)
	return Value{KindNumber, b}
}

// isInt64 reports whether digits, without zeros in front, are a number of 64 bits.
func isInt64(digits []byte, negative bool) bool {
	if len(digits) == 0 || len(digits) > 19 {
		return false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return false
		}
	}
	limit := "9223372036854775807"
	if negative {
		limit = "9223372036854775808"
	}
	return len(digits) < 19 || string(digits) <= limit
}

// Float turns the strings under labels into numbers by the grammar of JSON, their digits
// kept: 0.000 stays 0.000. Zeros in front are taken off. What is no number (NaN, 1e999,
// over 1.8e308) becomes null, unless [OnError] says otherwise.
//
// Of a list as nginx writes $upstream_response_time, 0.001, 0.002 : -, the last number
// counts.
func Float(labels ...string) Stage {
	return textStage{text: call("Float", labels...), labels: labels, make: same(toFloat)}
}

func toFloat(r *Record, text []byte) (Value, error) {
	if n := plainDigits(text); n > 0 && n < len(text) && text[n] == '.' {
		if end := n + 1 + textconv.CountDigits(text[n+1:]); end == len(text) && end > n+1 {
			return Value{KindNumber, text}, nil // as nearly all are
		}
	}
	text, none := lastOfList(text)
	if none {
		return Null, nil
	}
	digits := text
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		digits = text[1:]
	}
	for len(digits) > 1 && digits[0] == '0' && isDigit(digits[1]) {
		digits = digits[1:]
	}
	if !isFloat(digits) {
		return Value{}, errNotFloat
	}
	return signed(r, text, digits, negative), nil
}

// lastOfList returns the last item of a list with commas or colons between its items
// that is not "-"; none is true if all items are that, or there is no item.
func lastOfList(text []byte) (item []byte, none bool) {
	for {
		i := len(text) - 1
		for i >= 0 && text[i] != ',' && text[i] != ':' {
			i--
		}
		item = bytes.Trim(text[i+1:], " ")
		if len(item) > 0 && string(item) != "-" {
			return item[:len(item):len(item)], false
		}
		if i < 0 {
			return nil, true
		}
		text = text[:i]
	}
}

func isDigit(c byte) bool { return c-'0' <= 9 }

// isFloat reports whether s is a JSON number without a sign that a float64 can hold.
func isFloat(s []byte) bool {
	whole := textconv.CountDigits(s)
	if whole == 0 {
		return false
	}
	digits, rest := s[:whole], s[whole:]
	var fraction []byte
	if len(rest) > 0 && rest[0] == '.' {
		n := textconv.CountDigits(rest[1:])
		if n == 0 {
			return false
		}
		fraction, rest = rest[1:1+n], rest[1+n:]
	}
	if len(rest) == 0 {
		return whole < len(tooLarge) || !overflows(digits, fraction, 0)
	}
	if rest[0]|0x20 != 'e' {
		return false
	}
	exponent, ok := exponentOf(rest[1:])
	return ok && !overflows(digits, fraction, exponent)
}

// exponentOf reads what stands behind the e. One that is huge it makes smaller, but not
// so that it would matter.
func exponentOf(s []byte) (n int64, ok bool) {
	negative := len(s) > 0 && s[0] == '-'
	if negative || len(s) > 0 && s[0] == '+' {
		s = s[1:]
	}
	for _, c := range s {
		if !isDigit(c) {
			return 0, false
		}
		n = min(10*n+int64(c-'0'), 1<<40)
	}
	if negative {
		n = -n
	}
	return n, len(s) > 0
}

// tooLarge is 2^1024 - 2^970, the smallest number that is nearer to 2^1024, which a
// float64 has not, than to the largest that it has, or as near.
const tooLarge = "" +
	"17976931348623158079372897140530341507993413271003782693617377898044496829276475" +
	"09466490179775872070963302864166928879109465555478519404026306574886715058206819" +
	"08902000708383676273854845817711531764475730270069855571366959622842914819860834" +
	"936475292719074168444365510704342711559699508093042880177904174497792"

// overflows reports whether the number of these digits before the point and behind it,
// times ten to the exponent, is tooLarge or more. [strconv.ParseFloat] knows it too, but
// allocates to say so.
func overflows(whole, fraction []byte, exponent int64) bool {
	for len(whole) > 0 && whole[0] == '0' {
		whole = whole[1:]
	}
	length := int64(len(whole)) // of what is before the point, once the exponent is applied
	if len(whole) == 0 {
		for len(fraction) > 0 && fraction[0] == '0' {
			fraction = fraction[1:]
			length--
		}
		if len(fraction) == 0 {
			return false // zero
		}
	}
	if length += exponent; length != int64(len(tooLarge)) {
		return length > int64(len(tooLarge))
	}
	for i := range len(tooLarge) {
		digit := byte('0')
		if i < len(whole) {
			digit = whole[i]
		} else if i-len(whole) < len(fraction) {
			digit = fraction[i-len(whole)]
		}
		if digit != tooLarge[i] {
			return digit > tooLarge[i]
		}
	}
	return true
}

// Bool turns the strings under labels into bools: true and false, yes and no, on and
// off, t and f, y and n, 1 and 0, in any case. Anything else becomes null, unless
// [OnError] says otherwise.
func Bool(labels ...string) Stage {
	return textStage{text: call("Bool", labels...), labels: labels, make: same(toBool)}
}

func boolValue(b bool) Value {
	if b {
		return True
	}
	return False
}

func toBool(_ *Record, text []byte) (Value, error) {
	if b, ok := textconv.Bool(text); ok {
		return boolValue(b), nil
	}
	return Value{}, errNotBool
}

// NullTokens makes null of the strings that are exactly one of tokens; a value that
// contains one stays. Without labels it looks at every field.
func NullTokens(tokens []string, labels ...string) Stage {
	set := make(map[string]bool, len(tokens))
	longest := -1 // most values are longer than any token
	for _, t := range tokens {
		set[t] = true
		longest = max(longest, len(t))
	}
	text := fmt.Sprintf("NullTokens([]string{%s}%s)", strings.TrimPrefix(quoted(tokens), ", "), quoted(labels))
	return fieldStage{text: text, labels: labels, do: func(_ *Record, f *field) {
		if len(f.value.Bytes) <= longest && set[string(f.value.Bytes)] {
			f.value = Null
		}
	}}
}
