package avroschema

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
)

// maxSteps bounds the work on the defaults of a schema: those of records hold those of
// their fields, and may double with every level.
const maxSteps = 100_000

// A reader makes the tree of a schema's JSON.
type reader struct {
	types    map[string]*node // that the schema holds
	given    map[string]*node // of references
	defaults []pendingDefault
	steps    int
}

type pendingDefault struct {
	path  string
	field *field
}

// typ reads one type, which stands in the namespace space.
func (r *reader) typ(path, space string, text json.RawMessage) (*node, error) {
	switch text[0] {
	case '"':
		var name string
		json.Unmarshal(text, &name)
		return r.byName(path, space, name)
	case '[':
		return r.union(path, space, text)
	case '{':
		return r.object(path, space, newAttrs(text))
	}
	return nil, &SchemaError{path, ErrType}
}

// byName returns a primitive type, or the named type that name is in space.
func (r *reader) byName(path, space, name string) (*node, error) {
	if k, ok := primitive(name); ok {
		return &node{kind: k}, nil
	}
	full := qualified(split(space, name))
	if n, ok := r.types[full]; ok {
		return n, nil
	}
	if n, ok := r.given[full]; ok {
		r.adopt(n)
		return n, nil
	}
	return nil, &SchemaError{path, ErrType}
}

// adopt makes a reference's type, and those in it, types of this schema.
func (r *reader) adopt(n *node) {
	if n.kind.named() {
		if r.types[n.fullName()] == n {
			return
		}
		r.types[n.fullName()] = n
	}
	for _, f := range n.fields {
		r.adopt(f.typ)
	}
	for _, b := range n.branches {
		r.adopt(b)
	}
	if n.items != nil {
		r.adopt(n.items)
	}
}

func (r *reader) union(path, space string, text json.RawMessage) (*node, error) {
	var branches []json.RawMessage
	json.Unmarshal(text, &branches)
	if len(branches) > MaxFields {
		return nil, &SchemaError{path, ErrTooLarge}
	}
	n := &node{kind: kindUnion}
	seen := map[string]bool{}
	for i, text := range branches {
		path := fmt.Sprintf("%s|%d", path, i)
		b, err := r.typ(path, space, text)
		if err != nil {
			return nil, err
		}
		if b.kind == kindUnion {
			return nil, &SchemaError{path, fmt.Errorf("%w: a union in a union", ErrType)}
		}
		if seen[b.typeName()] {
			return nil, &SchemaError{path, fmt.Errorf("%w in a union", ErrDuplicate)}
		}
		seen[b.typeName()] = true
		n.branches = append(n.branches, b)
	}
	return n, nil
}

// typeName is what the branches of a union are told apart by.
func (n *node) typeName() string {
	if n.kind.named() {
		return n.fullName()
	}
	return n.kind.String()
}

func (r *reader) object(path, space string, a attrs) (*node, error) {
	text, ok := a.take("type")
	if !ok {
		return nil, &SchemaError{path, &attributeError{"type", "is missing"}}
	}
	if text[0] == '[' { // which hamba/avro takes too
		return r.union(path, space, text)
	}
	var name string
	if json.Unmarshal(text, &name) != nil {
		return nil, &SchemaError{path, &attributeError{"type", wrongJSON}}
	}
	if k, ok := primitive(name); ok {
		n := &node{kind: k}
		n.logic(a)
		n.props = a.properties()
		return n, nil
	}
	var err error
	n := new(node)
	switch name {
	case "record", "error":
		n.kind, n.isError = kindRecord, name == "error"
		err = r.record(path, space, n, a)
	case "enum":
		n.kind = kindEnum
		err = r.enum(space, n, a)
	case "fixed":
		n.kind = kindFixed
		err = r.fixed(space, n, a)
	case "array":
		n.kind = kindArray
		err = r.items(path, space, "items", "[]", n, a)
	case "map":
		n.kind = kindMap
		err = r.items(path, space, "values", "{}", n, a)
	default:
		return r.byName(path, space, name)
	}
	if err != nil {
		return nil, place(path, err)
	}
	n.props = a.properties()
	return n, nil
}

// place gives an error a path unless it has one.
func place(path string, err error) error {
	if _, placed := err.(*SchemaError); placed {
		return err
	}
	return &SchemaError{path, err}
}

// names reads what named types share, and makes n known.
func (r *reader) names(space string, n *node, a attrs) error {
	var name string
	var aliases []string
	if err := a.read("name", &name); err != nil {
		return err
	}
	given := space
	if err := a.read("namespace", &given); err != nil {
		return err
	}
	if err := a.read("doc", &n.doc); err != nil {
		return err
	}
	if err := a.read("aliases", &aliases); err != nil {
		return err
	}
	n.space, n.name = split(given, name)
	if !validName(n.name) || !validSpace(n.space) {
		return ErrName
	}
	if _, ok := primitive(n.name); ok && n.space == "" {
		return fmt.Errorf("%w: that of a primitive type", ErrName)
	}
	for _, alias := range aliases {
		space, name := split(n.space, alias)
		if !validName(name) || !validSpace(space) {
			return fmt.Errorf("%w: an alias", ErrName)
		}
		n.aliases = append(n.aliases, qualified(space, name))
	}
	full := n.fullName()
	if r.types[full] != nil || r.given[full] != nil {
		return fmt.Errorf("%w: type %s", ErrDuplicate, full)
	}
	r.types[full] = n
	return nil
}

func (r *reader) record(path, space string, n *node, a attrs) error {
	if err := r.names(space, n, a); err != nil {
		return err
	}
	if err := readTexts(a, propNulls, &n.nulls); err != nil {
		return err
	}
	var fields []json.RawMessage
	if err := a.read("fields", &fields); err != nil {
		return err
	}
	if fields == nil {
		return &attributeError{"fields", "is missing"}
	}
	if len(fields) > MaxFields {
		return ErrTooLarge
	}
	for _, text := range fields {
		if text[0] != '{' {
			return &attributeError{"fields", wrongJSON}
		}
		if err := r.field(path, n, newAttrs(text)); err != nil {
			return err
		}
	}
	for _, f := range n.fields {
		if err := f.onError.fits(f.nullable(), f.def != nil, n.extras != nil); err != nil {
			return &SchemaError{join(path, f.name), err}
		}
	}
	return nil
}

func (r *reader) enum(space string, n *node, a attrs) error {
	if err := r.names(space, n, a); err != nil {
		return err
	}
	if err := a.read("symbols", &n.symbols); err != nil {
		return err
	}
	if len(n.symbols) == 0 {
		return &attributeError{"symbols", "is missing"}
	}
	seen := map[string]bool{}
	for _, symbol := range n.symbols {
		if !validName(symbol) {
			return fmt.Errorf("%w: a symbol", ErrName)
		}
		if seen[symbol] {
			return fmt.Errorf("%w: symbol %s", ErrDuplicate, symbol)
		}
		seen[symbol] = true
	}
	if err := a.read("default", &n.symbol); err != nil {
		return err
	}
	if n.symbol != "" && !seen[n.symbol] {
		return ErrDefault
	}
	return nil
}

func (r *reader) fixed(space string, n *node, a attrs) error {
	if err := r.names(space, n, a); err != nil {
		return err
	}
	n.size = -1
	if err := a.read("size", &n.size); err != nil {
		return err
	}
	if n.size < 0 || n.size > maxFixed {
		return &attributeError{"size", "is missing or out of range"}
	}
	n.logic(a)
	return nil
}

// maxFixed is the greatest size of a fixed, so that a schema cannot ask for all memory.
const maxFixed = 1 << 20

func (r *reader) items(path, space, attribute, mark string, n *node, a attrs) (err error) {
	text, ok := a.take(attribute)
	if !ok {
		return &attributeError{attribute, "is missing"}
	}
	n.items, err = r.typ(path+mark, space, text)
	return err
}

// logic gives n its logical type, if a has one that the specification knows for n and
// that is valid. Else it stays in a.
func (n *node) logic(a attrs) {
	var name string
	if json.Unmarshal(a["logicalType"], &name) != nil {
		return
	}
	for l := logicalDecimal; int(l) < len(logicalNames); l++ {
		if logicalNames[l] != name || !n.carries(l) || l == logicalDecimal && !n.decimal(a) {
			continue
		}
		n.logical = l
		delete(a, "logicalType")
	}
}

// carries reports whether the logical type l is one of n's kind.
func (n *node) carries(l logical) bool {
	switch l {
	case logicalDecimal:
		return n.kind == kindBytes || n.kind == kindFixed
	case logicalUUID:
		return n.kind == kindString
	case logicalDate, logicalTimeMillis:
		return n.kind == kindInt
	case logicalDuration:
		return n.kind == kindFixed && n.size == 12
	}
	return n.kind == kindLong
}

// decimal reads precision and scale, and reports whether they are valid.
func (n *node) decimal(a attrs) bool {
	var precision, scale int
	if json.Unmarshal(a["precision"], &precision) != nil {
		return false
	}
	if text, ok := a["scale"]; ok && json.Unmarshal(text, &scale) != nil {
		return false
	}
	if precision < 1 || scale < 0 || scale > precision || n.kind == kindFixed && precision > maxPrecision(n.size) {
		return false
	}
	n.precision, n.scale = precision, scale
	delete(a, "precision")
	delete(a, "scale")
	return true
}

// maxPrecision returns how many decimal digits a two's complement number of size bytes
// always has room for.
func maxPrecision(size int) int { return int(float64(size*8-1) * math.Log10(2)) }

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// compact returns text without white space.
func compact(text []byte) []byte { return jsonscan.AppendCompact(nil, text) }
