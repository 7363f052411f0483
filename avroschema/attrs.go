package avroschema

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
)

// attrs are the attributes of a JSON object of a schema. Reading one takes it out: what
// is left are properties.
type attrs map[string]json.RawMessage

const wrongJSON = "has the wrong JSON type"

// An attributeError is an attribute that is missing or of the wrong JSON type.
type attributeError struct{ name, reason string }

func (e *attributeError) Error() string {
	return ErrType.Error() + ": attribute " + e.name + " " + e.reason
}

func (e *attributeError) Unwrap() error { return ErrType }

// newAttrs reads text, which is an object of valid JSON.
func newAttrs(text []byte) attrs {
	var a attrs
	json.Unmarshal(text, &a) // it cannot fail
	return a
}

// take returns an attribute and takes it out.
func (a attrs) take(name string) (json.RawMessage, bool) {
	text, ok := a[name]
	delete(a, name)
	return text, ok
}

// read reads an attribute into v, which stays as it is if there is none, or a null, which
// some programs write for none.
func (a attrs) read(name string, v any) error {
	text, ok := a.take(name)
	if !ok || string(text) == "null" {
		return nil
	}
	if json.Unmarshal(text, v) != nil {
		return &attributeError{name, wrongJSON}
	}
	return nil
}

// properties returns what is left, by name.
func (a attrs) properties() []property {
	var all []property
	for name, text := range a {
		all = append(all, property{name, jsonscan.AppendCompact(nil, text)})
	}
	slices.SortFunc(all, func(a, b property) int { return strings.Compare(a.name, b.name) })
	return all
}
