package avroschema

import (
	"strconv"
	"strings"
)

// Canonical returns the schema's Parsing Canonical Form by the Avro specification:
// what a reader of data needs, and nothing else. Docs, defaults, aliases, logical types
// and properties are not in it. (hamba/avro keeps logical types in its own, so that its
// fingerprints are not those of Java.)
func (s *Schema) Canonical() string { return s.canonical }

// canonical appends the canonical form of n; seen are the types defined before.
func (n *node) canonical(dst []byte, seen map[*node]bool) []byte {
	if n.kind.named() {
		if seen[n] {
			return strconv.AppendQuote(dst, n.fullName())
		}
		seen[n] = true
		dst = append(dst, `{"name":"`+n.fullName()+`","type":"`+n.kind.String()+`"`...)
	}
	switch n.kind {
	case kindRecord:
		dst = append(dst, `,"fields":[`...)
		for i, f := range n.fields {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, `{"name":"`+f.name+`","type":`...)
			dst = append(f.typ.canonical(dst, seen), '}')
		}
		return append(dst, "]}"...)
	case kindEnum:
		return append(dst, `,"symbols":["`+strings.Join(n.symbols, `","`)+`"]}`...)
	case kindFixed:
		return append(strconv.AppendInt(append(dst, `,"size":`...), int64(n.size), 10), '}')
	case kindArray:
		return append(n.items.canonical(append(dst, `{"type":"array","items":`...), seen), '}')
	case kindMap:
		return append(n.items.canonical(append(dst, `{"type":"map","values":`...), seen), '}')
	case kindUnion:
		dst = append(dst, '[')
		for i, b := range n.branches {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = b.canonical(dst, seen)
		}
		return append(dst, ']')
	}
	return append(dst, `"`+n.kind.String()+`"`...)
}
