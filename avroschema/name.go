package avroschema

import "strings"

// Name returns the name that a field gets for a label: ASCII letters in lower case,
// digits and _ as they are, any other rune as one _, and f_ in front if the result
// does not begin with a letter. It is a name by the Avro specification, and by Hive's,
// whose column names know no case and may not begin with _.
//
// Different labels may come to one name: see [Collision].
func Name(label string) string {
	var b strings.Builder
	for i, r := range label {
		switch {
		case 'A' <= r && r <= 'Z':
			r |= 0x20
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
		default:
			r = '_'
		}
		if i == 0 && (r < 'a' || r > 'z') {
			b.WriteString("f_")
		}
		b.WriteByte(byte(r))
	}
	if b.Len() == 0 {
		return "f_"
	}
	return b.String()
}

// validName reports whether s is a name without a namespace.
func validName(s string) bool {
	if s == "" || '0' <= s[0] && s[0] <= '9' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return true
}

// validSpace reports whether s is a namespace: names with dots between them, or
// nothing.
func validSpace(s string) bool {
	if s == "" {
		return true
	}
	for part := range strings.SplitSeq(s, ".") {
		if !validName(part) {
			return false
		}
	}
	return true
}

// split returns the namespace and the rest of name, which stands in the namespace
// outer unless it has dots.
func split(outer, name string) (space, rest string) {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[:i], name[i+1:]
	}
	return outer, name
}

func qualified(space, name string) string {
	if space == "" {
		return name
	}
	return space + "." + name
}
