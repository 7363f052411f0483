package avroschema

import (
	"fmt"

	"github.com/ltsvpipe/ltsvpipe/internal/textconv"
)

// maxDecimal is the greatest precision of a decimal that Hive can hold.
const maxDecimal = 38

// Schema makes the schema that s describes. Errors are a [*SchemaError].
func (s *Spec) Schema() (*Schema, error) {
	var pinned *node
	if s.Previous != nil {
		pinned = s.Previous.root
	}
	root, err := s.record("", s.Namespace, pinned, 0)
	if err != nil {
		return nil, err
	}
	return Parse(string(root.json(nil, "", map[*node]bool{})))
}

// record makes the record that s describes. What it does not check, Parse does.
func (s *Spec) record(path, space string, pinned *node, depth int) (*node, error) {
	if depth > maxDefaultDepth {
		return nil, &SchemaError{path, ErrTooLarge}
	}
	if pinned != nil && pinned.kind != kindRecord {
		pinned = nil
	}
	if s.Name == "" {
		return nil, &SchemaError{path, fmt.Errorf("%w: Spec.Name is empty", ErrName)}
	}
	n := &node{kind: kindRecord, name: s.Name, space: space, doc: s.Doc, aliases: s.Aliases, nulls: s.Nulls}
	labels := make([]string, len(s.Fields))
	for i, f := range s.Fields {
		if labels[i] = f.Label; labels[i] == "" {
			labels[i] = f.Name
		}
		if labels[i] == "" {
			return nil, &SchemaError{path, fmt.Errorf("%w: a field has neither label nor name", ErrName)}
		}
		labels[i] = string([]rune(labels[i])) // as records have it
	}
	names, err := s.names(labels, pinned)
	if err != nil {
		return nil, err
	}
	for i := range s.Fields {
		path := join(path, names[i])
		f := &field{name: names[i], label: labels[i]}
		if err := f.fill(path, space, &s.Fields[i], pinned, depth); err != nil {
			return nil, place(path, err)
		}
		n.fields = append(n.fields, f)
	}
	if s.Extras != "" {
		n.extras = &field{
			name: s.Extras, label: s.Extras, autoError: true, def: []byte("{}"),
			typ: &node{kind: kindMap, items: &node{kind: kindString}},
		}
		n.fields = append(n.fields, n.extras)
	}
	return n, nil
}

// fill makes f of its description. pinned is the record around it that was published.
func (f *field) fill(path, space string, d *Field, pinned *node, depth int) error {
	f.doc, f.aliases, f.layouts = d.Doc, d.Aliases, d.Layouts
	f.nulls, f.ownNulls = d.Nulls, d.Nulls != nil
	f.onError, f.autoError = d.OnError, d.OnError == OnErrorAuto
	if int(d.OnError) >= len(policyNames) {
		return fmt.Errorf("%w: unknown", ErrPolicy)
	}
	if len(d.Layouts) == 0 {
		f.layouts = nil
	}
	typ, err := d.node(path, space, f.name, pinned, depth)
	if err != nil {
		return err
	}
	if typ.logical.isTime() {
		for _, l := range d.Layouts {
			if err := textconv.CheckLayout(l); err != nil {
				return fmt.Errorf("%w: %w", ErrProperty, err)
			}
		}
	}
	if d.Default != nil {
		if f.def, err = d.defaultJSON(); err != nil {
			return err
		}
	}
	null := &node{kind: kindNull}
	switch {
	case d.Required:
		f.typ = typ
	case d.Default != nil: // which must be of the first branch
		f.typ = &node{kind: kindUnion, branches: []*node{typ, null}}
	default:
		f.typ = &node{kind: kindUnion, branches: []*node{null, typ}}
		f.def = []byte("null")
	}
	return nil
}

// node makes the type of d's values that are not null.
func (d *Field) node(path, space, name string, pinned *node, depth int) (*node, error) {
	if (d.Type == TypeRecord) != (d.Record != nil) {
		return nil, fmt.Errorf("%w: TypeRecord and Record go together", ErrType)
	}
	if d.Type != TypeDecimal && (d.Precision != 0 || d.Scale != 0) {
		return nil, fmt.Errorf("%w: precision and scale are those of a decimal", ErrType)
	}
	switch d.Type {
	case TypeString:
		return &node{kind: kindString}, nil
	case TypeInt:
		return &node{kind: kindInt}, nil
	case TypeLong:
		return &node{kind: kindLong}, nil
	case TypeFloat:
		return &node{kind: kindFloat}, nil
	case TypeDouble:
		return &node{kind: kindDouble}, nil
	case TypeBool:
		return &node{kind: kindBoolean}, nil
	case TypeBytes:
		return &node{kind: kindBytes}, nil
	case TypeTimestampMillis:
		return &node{kind: kindLong, logical: logicalTimestampMillis}, nil
	case TypeTimestampMicros:
		return &node{kind: kindLong, logical: logicalTimestampMicros}, nil
	case TypeDate:
		return &node{kind: kindInt, logical: logicalDate}, nil
	case TypeMap:
		return &node{kind: kindMap, items: &node{kind: kindString}}, nil
	case TypeArray:
		return &node{kind: kindArray, items: &node{kind: kindString}}, nil
	case TypeDecimal:
		if d.Precision < 1 || d.Precision > maxDecimal || d.Scale < 0 || d.Scale > d.Precision {
			return nil, fmt.Errorf("%w: precision or scale out of range", ErrType)
		}
		return &node{kind: kindBytes, logical: logicalDecimal, precision: d.Precision, scale: d.Scale}, nil
	case TypeRecord:
		return d.nested(path, space, name, pinned, depth)
	}
	return nil, ErrType
}

// nested makes a record in a record.
func (d *Field) nested(path, space, name string, pinned *node, depth int) (*node, error) {
	if d.Record.Extras != "" || d.Record.Previous != nil {
		return nil, fmt.Errorf("%w: a nested record has neither Extras nor Previous", ErrType)
	}
	if d.Record.Namespace != "" {
		space = d.Record.Namespace
	}
	var before *node
	if pinned != nil {
		if f := pinned.byName(name); f != nil {
			before = f.typ.value()
		}
	}
	return d.Record.record(path, space, before, depth+1)
}
