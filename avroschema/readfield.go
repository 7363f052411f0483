package avroschema

import (
	"encoding/json"
	"fmt"
)

// The properties in which a schema's JSON keeps what Avro has no place for. The first
// five are a field's, the fourth also a record's, for all its fields.
const (
	propLabel   = "ltsv.label"   // string: the label, where it is not the name
	propLayouts = "ltsv.layouts" // array of strings: Field.Layouts
	propOnError = "ltsv.onerror" // string: Field.OnError, unless it is OnErrorAuto
	propNulls   = "ltsv.nulls"   // array of strings: Field.Nulls, Spec.Nulls
	propExtras  = "ltsv.extras"  // true: the field is Spec.Extras
)

// field reads one field of the record n.
func (r *reader) field(outer string, n *node, a attrs) error {
	f := &field{nulls: n.nulls}
	if err := a.read("name", &f.name); err != nil {
		return err
	}
	if !validName(f.name) {
		return fmt.Errorf("%w: a field", ErrName)
	}
	path := join(outer, f.name)
	if err := f.describe(a); err != nil {
		return &SchemaError{path, err}
	}
	text, ok := a.take("type")
	if !ok {
		return &SchemaError{path, &attributeError{"type", "is missing"}}
	}
	var err error
	if f.typ, err = r.typ(path, n.space, text); err != nil {
		return err
	}
	if def, ok := a.take("default"); ok {
		f.def = compact(def)
		r.defaults = append(r.defaults, pendingDefault{path, f})
	}
	if err := f.conduct(n, a); err != nil {
		return &SchemaError{path, err}
	}
	for _, other := range n.fields {
		if other.name == f.name {
			return &SchemaError{path, fmt.Errorf("%w: field", ErrDuplicate)}
		}
		if other.label == f.label && n.extras != other && n.extras != f {
			return &SchemaError{path, fmt.Errorf("%w: label of the field %s", ErrDuplicate, other.name)}
		}
	}
	f.props = a.properties()
	n.fields = append(n.fields, f)
	return nil
}

// describe reads what changes no data.
func (f *field) describe(a attrs) error {
	if err := a.read("doc", &f.doc); err != nil {
		return err
	}
	if err := a.read("order", &f.order); err != nil {
		return err
	}
	switch f.order {
	case "", "descending", "ignore":
	case "ascending":
		f.order = ""
	default:
		return &attributeError{"order", "is unknown"}
	}
	if err := a.read("aliases", &f.aliases); err != nil {
		return err
	}
	for _, alias := range f.aliases {
		if !validName(alias) {
			return fmt.Errorf("%w: an alias", ErrName)
		}
	}
	return nil
}

// conduct reads the properties that say how the field of the record n takes values.
func (f *field) conduct(n *node, a attrs) error {
	f.label = f.name
	if text, ok := a.take(propLabel); ok && json.Unmarshal(text, &f.label) != nil {
		return ErrProperty
	}
	if err := readTexts(a, propLayouts, &f.layouts); err != nil {
		return err
	}
	if f.layouts != nil && !f.typ.value().logical.isTime() {
		return fmt.Errorf("%w: layouts of what is no time", ErrProperty)
	}
	if _, f.ownNulls = a[propNulls]; f.ownNulls {
		if err := readTexts(a, propNulls, &f.nulls); err != nil {
			return err
		}
	}
	if err := f.readPolicy(a); err != nil {
		return err
	}
	return f.readExtras(n, a)
}

func (f *field) readPolicy(a attrs) error {
	text, ok := a.take(propOnError)
	f.autoError = !ok
	if !ok {
		f.onError = OnErrorAuto.resolve(f.nullable())
		return nil
	}
	var name string
	if json.Unmarshal(text, &name) != nil {
		return ErrProperty
	}
	for p := OnErrorReject; int(p) < len(policyNames); p++ {
		if policyNames[p] == name {
			f.onError = p
			return nil
		}
	}
	return fmt.Errorf("%w: unknown", ErrPolicy)
}

func (f *field) readExtras(n *node, a attrs) error {
	text, ok := a.take(propExtras)
	if !ok {
		return nil
	}
	if string(text) != "true" || n.extras != nil {
		return fmt.Errorf("%w: extras", ErrProperty)
	}
	if t := f.typ.value(); t.kind != kindMap || t.items.kind != kindString {
		return fmt.Errorf("%w: extras must be a map of string", ErrProperty)
	}
	n.extras = f
	return nil
}

// nullable reports whether the field can be null.
func (f *field) nullable() bool {
	_, ok := f.typ.takesNull()
	return ok
}

// readTexts reads an array of strings.
func readTexts(a attrs, name string, texts *[]string) error {
	text, ok := a.take(name)
	if !ok {
		return nil
	}
	read := []string{}
	if string(text) == "null" || json.Unmarshal(text, &read) != nil {
		return fmt.Errorf("%w: %s is no array of strings", ErrProperty, name)
	}
	*texts = read
	return nil
}
