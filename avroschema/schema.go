package avroschema

import (
	"fmt"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
)

// MaxSchemaBytes is the greatest length of a schema's JSON. It nests no deeper than 64
// levels of objects and arrays, of which a record takes three. Both count its references'
// types as its own.
const MaxSchemaBytes = 1 << 20

// MaxFields is the greatest number of fields of a record, and of branches of a union.
const MaxFields = 4096

// A Schema is an Avro schema, checked and immutable: any number of goroutines may use
// it. [Spec.Schema] and [Parse] make one; the zero value is of no use.
type Schema struct {
	root      *node
	types     map[string]*node // all named types in it, by full name
	json      string
	canonical string
	crc       uint64
	second    second
}

// Parse reads a schema's JSON. It may be of any type; [Compile] takes records only. Names
// that it uses and does not define are looked up in refs, whose types it may not define
// again. Nothing is kept between calls.
//
// Parse follows the Avro specification, 1.11: what it and hamba/avro do not both accept
// is refused with a [*SchemaError]. Logical types that are unknown or not valid are
// ignored and kept, as the specification says. The default of a union must fit its first
// branch, which readers before 1.12 demand.
//
// The label of a field is its name unless the property ltsv.label says otherwise; see
// [Field] for the other properties that Parse knows.
func Parse(schema string, refs ...*Schema) (*Schema, error) {
	r := reader{types: map[string]*node{}, given: map[string]*node{}, steps: maxSteps}
	for _, ref := range refs {
		if ref == nil {
			return nil, errNoSchema
		}
		for name, n := range ref.types {
			if other, ok := r.given[name]; ok && !same(n, other) {
				return nil, &SchemaError{name, fmt.Errorf("%w: by two references", ErrDuplicate)}
			}
			r.given[name] = n
		}
	}
	root, err := r.read(schema)
	if err != nil {
		return nil, err
	}
	s := &Schema{
		root:      root,
		types:     r.types,
		json:      string(root.json(nil, "", map[*node]bool{})),
		canonical: string(root.canonical(nil, map[*node]bool{})),
	}
	if len(s.json) > MaxSchemaBytes || !jsonscan.Valid([]byte(s.json)) {
		return nil, &SchemaError{"", fmt.Errorf("%w with its references", ErrTooLarge)}
	}
	if s.second, err = judge(s.json); err != nil {
		return nil, &SchemaError{"", err}
	}
	s.crc = crc64(s.canonical)
	return s, nil
}

// same reports whether two types are equal in all that their JSON says.
func same(a, b *node) bool {
	return a == b || string(a.json(nil, "", map[*node]bool{})) == string(b.json(nil, "", map[*node]bool{}))
}

// read reads the whole schema, then its defaults, which may be of types that end after
// them.
func (r *reader) read(schema string) (*node, error) {
	if len(schema) > MaxSchemaBytes {
		return nil, &SchemaError{"", ErrTooLarge}
	}
	text := []byte(schema)
	if !jsonscan.Valid(text) {
		return nil, &SchemaError{"", ErrSyntax}
	}
	root, err := r.typ("", "", text)
	if err != nil {
		return nil, err
	}
	for _, d := range r.defaults {
		if err := r.fits(d.field.typ, d.field.def, 0); err != nil {
			return nil, &SchemaError{d.path, err}
		}
	}
	return root, nil
}

// Name returns the full name of the schema's type: with its namespace if it has one,
// or that of a type without a name, such as long.
func (s *Schema) Name() string {
	if s.root.kind.named() {
		return s.root.fullName()
	}
	return s.root.kind.String()
}

// JSON returns the schema in full: docs, defaults, aliases, logical types and
// properties. It is compact, needs no references, and [Parse] makes an equal schema of
// it.
func (s *Schema) JSON() string { return s.json }

// JSONWith returns the schema's JSON as it stands beside refs: of the types that are theirs
// it has the names only, and [Parse] with the same refs makes an equal schema of it. A type
// that refs define otherwise than the schema does is [ErrDuplicate], and so is one of theirs
// that is the whole schema. Where a type has no namespace and what uses it has one, no name
// leads to it, which is [ErrType].
func (s *Schema) JSONWith(refs ...*Schema) (string, error) {
	theirs := map[*node]bool{}
	for _, ref := range refs {
		if ref == nil {
			return "", errNoSchema
		}
		for name, n := range ref.types {
			mine, ok := s.types[name]
			switch {
			case !ok:
				continue
			case mine == s.root || !same(mine, n):
				return "", &SchemaError{name, fmt.Errorf("%w: here and by a reference", ErrDuplicate)}
			}
			theirs[mine] = true
		}
	}
	text := string(s.root.json(nil, "", theirs))
	_, err := Parse(text, refs...) // a type without namespace has no name in one
	if err != nil {
		return "", err
	}
	return text, nil
}

// String returns s.JSON().
func (s *Schema) String() string { return s.json }
