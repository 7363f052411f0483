package avroschema

import (
	"strconv"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
)

// json appends n as JSON, which stands in the namespace space; seen are the types
// defined before.
func (n *node) json(dst []byte, space string, seen map[*node]bool) []byte {
	switch {
	case n.kind == kindUnion:
		dst = append(dst, '[')
		for i, b := range n.branches {
			dst = comma(dst, i)
			dst = b.json(dst, space, seen)
		}
		return append(dst, ']')
	case n.kind.named() && seen[n]:
		return quote(dst, n.nameIn(space))
	case n.kind <= kindString && n.logical == logicalNone && len(n.props) == 0:
		return quote(dst, n.kind.String())
	}
	dst = append(dst, `{"type":`...)
	if n.isError {
		dst = quote(dst, "error")
	} else {
		dst = quote(dst, n.kind.String())
	}
	if n.kind.named() {
		seen[n] = true
		dst = n.appendNames(dst, space)
	}
	switch n.kind {
	case kindRecord:
		dst = n.appendFields(dst, seen)
	case kindEnum:
		dst = member(dst, "symbols")
		dst = texts(dst, n.symbols)
		if n.symbol != "" {
			dst = textMember(dst, "default", n.symbol)
		}
	case kindFixed:
		dst = strconv.AppendInt(member(dst, "size"), int64(n.size), 10)
	case kindArray:
		dst = n.items.json(member(dst, "items"), space, seen)
	case kindMap:
		dst = n.items.json(member(dst, "values"), space, seen)
	}
	if n.logical != logicalNone {
		dst = textMember(dst, "logicalType", n.logical.String())
	}
	if n.logical == logicalDecimal {
		dst = strconv.AppendInt(member(dst, "precision"), int64(n.precision), 10)
		dst = strconv.AppendInt(member(dst, "scale"), int64(n.scale), 10)
	}
	return append(appendProperties(dst, n.props), '}')
}

// nameIn returns what n is called in the namespace space.
func (n *node) nameIn(space string) string {
	if n.space == space {
		return n.name
	}
	return n.fullName()
}

func (n *node) appendNames(dst []byte, space string) []byte {
	dst = textMember(dst, "name", n.name)
	if n.space != space {
		dst = textMember(dst, "namespace", n.space)
	}
	if n.doc != "" {
		dst = textMember(dst, "doc", n.doc)
	}
	if len(n.aliases) > 0 {
		dst = texts(member(dst, "aliases"), n.aliases)
	}
	return dst
}

func (n *node) appendFields(dst []byte, seen map[*node]bool) []byte {
	dst = append(member(dst, "fields"), '[')
	for i, f := range n.fields {
		dst = f.json(comma(dst, i), n, seen)
	}
	dst = append(dst, ']')
	if n.nulls != nil {
		dst = texts(member(dst, propNulls), n.nulls)
	}
	return dst
}

// json appends f, a field of the record n.
func (f *field) json(dst []byte, n *node, seen map[*node]bool) []byte {
	dst = quote(append(dst, `{"name":`...), f.name)
	if f.doc != "" {
		dst = textMember(dst, "doc", f.doc)
	}
	dst = f.typ.json(member(dst, "type"), n.space, seen)
	if f.def != nil {
		dst = append(member(dst, "default"), f.def...)
	}
	if f.order != "" {
		dst = textMember(dst, "order", f.order)
	}
	if len(f.aliases) > 0 {
		dst = texts(member(dst, "aliases"), f.aliases)
	}
	if n.extras == f {
		dst = append(member(dst, propExtras), "true"...)
	}
	if f.label != f.name {
		dst = textMember(dst, propLabel, f.label)
	}
	if f.layouts != nil {
		dst = texts(member(dst, propLayouts), f.layouts)
	}
	if f.ownNulls {
		dst = texts(member(dst, propNulls), f.nulls)
	}
	if !f.autoError {
		dst = textMember(dst, propOnError, f.onError.String())
	}
	return append(appendProperties(dst, f.props), '}')
}

func appendProperties(dst []byte, all []property) []byte {
	for _, p := range all {
		dst = append(member(dst, p.name), p.value...)
	}
	return dst
}

func comma(dst []byte, i int) []byte {
	if i > 0 {
		return append(dst, ',')
	}
	return dst
}

func quote(dst []byte, s string) []byte { return jsonscan.AppendString(dst, []byte(s)) }

// member appends the name of a member that is not the first of its object.
func member(dst []byte, name string) []byte { return append(quote(append(dst, ','), name), ':') }

func textMember(dst []byte, name, text string) []byte { return quote(member(dst, name), text) }

func texts(dst []byte, all []string) []byte {
	dst = append(dst, '[')
	for i, s := range all {
		dst = quote(comma(dst, i), s)
	}
	return append(dst, ']')
}
