package live

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible returns text as it may be shown: what is not UTF-8, or a control, format or
// private character, among them those that turn the direction of text round, is
// U+FFFD. A sequence that was cut off at the end is gone.
func visible(text []byte) string {
	for i := 1; i < utf8.UTFMax && i <= len(text); i++ {
		if start := len(text) - i; utf8.RuneStart(text[start]) {
			if !utf8.FullRune(text[start:]) {
				text = text[:start]
			}
			break
		}
	}
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) {
			return utf8.RuneError
		}
		return r
	}, string(text))
}
