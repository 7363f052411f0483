package bulk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// A Template makes an index template, or a component template, for the body of
// a request to the server:
//
//	PUT /_index_template/access        JSON()
//	PUT /_component_template/access    JSON() of one with Component
//
// What it does not name is kept in the document and not indexed, so that labels
// nobody listed do not make the mapping grow. Its zero value is for an index
// with the fields of AccessLog in Elasticsearch, and needs Patterns.
type Template struct {
	// Patterns are those of the indices' names, for instance "access-*".
	Patterns []string

	// Fields are what is indexed. Nil means AccessLog().
	Fields []Field

	// ECS gives fields their names of the Elastic Common Schema: see Field.ECS.
	ECS bool

	// Rest is the member that holds, in one object, what is not in Fields: it
	// can be searched by its members' texts, and is one field of the mapping,
	// flattened. Empty means "labels".
	Rest string

	// OpenSearch says flat_object instead of flattened.
	OpenSearch bool

	// DataStream is for data streams: documents need a field @timestamp, and Op
	// must be Create.
	DataStream bool

	// Component makes a component template, without Patterns, Priority and
	// DataStream, which are those of the index template that is composed of it.
	Component bool

	// Priority decides which template counts of those whose patterns match.
	// 0 means 200, which is above the server's own.
	Priority int

	// Settings are the indices', for instance "number_of_shards": 3.
	Settings map[string]any
}

// A Field is a member of a document and how it is indexed.
type Field struct {
	Name string // of the member; dots stand for objects
	ECS  string // its name in the Elastic Common Schema; empty means Name
	Type string // of the mapping, such as "keyword", "long" or "ip"
}

// timestampField is what data streams need.
const timestampField = "@timestamp"

// maxKeyword is how many characters of a text are indexed: a longer one is kept
// in the document only, where it otherwise could be too long for the index.
const maxKeyword = 1024

// JSON returns the template, indented.
func (t Template) JSON() ([]byte, error) {
	properties, err := t.properties()
	if err != nil {
		return nil, err
	}
	inner := templateBody{Settings: t.Settings}
	inner.Mappings.Properties = properties
	out := template{Template: inner}
	if !t.Component {
		if len(t.Patterns) == 0 {
			return nil, errors.New("bulk: Template.Patterns is empty")
		}
		if t.Priority < 0 {
			return nil, errors.New("bulk: Template.Priority is negative")
		}
		out.Patterns, out.Priority = t.Patterns, max(t.Priority, 0)
		if t.Priority == 0 {
			out.Priority = 200
		}
		if t.DataStream {
			out.DataStream = &struct{}{}
		}
	}
	text, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("bulk: Template.Settings: %w", err)
	}
	return append(text, '\n'), nil
}

type template struct {
	Patterns   []string     `json:"index_patterns,omitempty"`
	DataStream *struct{}    `json:"data_stream,omitempty"`
	Priority   int          `json:"priority,omitempty"`
	Template   templateBody `json:"template"`
}

type templateBody struct {
	Settings map[string]any `json:"settings,omitempty"`
	Mappings struct {
		Dynamic    bool       `json:"dynamic"`
		Properties properties `json:"properties"`
	} `json:"mappings"`
}

// properties are fields by name, in the order in which they were given.
type properties []property

type property struct {
	name        string
	Type        string `json:"type"`
	IgnoreAbove int    `json:"ignore_above,omitempty"`
}

func (t Template) properties() (all properties, err error) {
	fields := t.Fields
	if fields == nil {
		fields = AccessLog()
	}
	seen := make(map[string]bool)
	add := func(p property) {
		if seen[p.name] {
			err = fmt.Errorf("bulk: Template.Fields: %s is there twice", p.name)
		}
		seen[p.name] = true
		all = append(all, p)
	}
	for i, f := range fields {
		p := property{name: f.Name, Type: f.Type}
		if t.ECS && f.ECS != "" {
			p.name = f.ECS
		}
		if p.name == "" || p.Type == "" {
			return nil, fmt.Errorf("bulk: Template.Fields[%d] lacks a name or a type", i)
		}
		if p.Type == "keyword" {
			p.IgnoreAbove = maxKeyword
		}
		add(p)
	}
	rest := property{name: "labels", Type: "flattened", IgnoreAbove: maxKeyword}
	if t.Rest != "" {
		rest.name = t.Rest
	}
	if t.OpenSearch { // which has no limit of its own for it
		rest.Type, rest.IgnoreAbove = "flat_object", 0
	}
	add(rest)
	if t.DataStream && !seen[timestampField] {
		return nil, errors.New("bulk: Template.Fields lack @timestamp, which a data stream needs")
	}
	return all, err
}

func (p properties) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range p {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(f.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(f)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
