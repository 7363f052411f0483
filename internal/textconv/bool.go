package textconv

// Bool reads true and false, yes and no, on and off, t and f, y and n, 1 and 0, in any
// case.
func Bool(text []byte) (b, ok bool) {
	for _, word := range boolWords[min(len(text), len(boolWords)-1)] {
		if EqualFold(text, word.text) {
			return word.means, true
		}
	}
	return false, false
}

// boolWords are the words of Bool, by their length.
var boolWords = [...][]struct {
	text  string
	means bool
}{
	1: {{"1", true}, {"0", false}, {"t", true}, {"f", false}, {"y", true}, {"n", false}},
	2: {{"on", true}, {"no", false}},
	3: {{"yes", true}, {"off", false}},
	4: {{"true", true}},
	5: {{"false", false}},
	6: nil, // and longer ones
}

// EqualFold compares ASCII without regard to case; lower has none of its own.
func EqualFold(text []byte, lower string) bool {
	if len(text) != len(lower) {
		return false
	}
	for i, c := range text {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
