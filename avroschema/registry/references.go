package registry

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
)

// parse makes a schema of an answer and what it refers to.
func (c *Client) parse(ctx context.Context, e Error, a answer) (*avroschema.Schema, error) {
	w := walk{client: c, parsed: map[subjectVersion]*closure{}}
	whole, err := w.schema(ctx, e, a)
	if err != nil {
		return nil, err
	}
	return whole.schema, nil
}

// A walk is one schema's way through all that it refers to.
type walk struct {
	client *Client
	parsed map[subjectVersion]*closure
	path   []subjectVersion // from the schema to where the walk is
}

// A closure is a schema and all that it needs: what it refers to may use its own
// references' types, and so may it.
type closure struct {
	schema *avroschema.Schema
	needs  []*avroschema.Schema
}

func (w *walk) schema(ctx context.Context, e Error, a answer) (*closure, error) {
	if a.Schema == "" {
		e.Err = fmt.Errorf("%w: no schema in it", ErrResponse)
		return nil, &e
	}
	if a.SchemaType != "" && !strings.EqualFold(a.SchemaType, "AVRO") {
		e.Err = fmt.Errorf("%w: its type is another", ErrSchema)
		return nil, &e
	}
	whole := new(closure)
	for _, ref := range a.References {
		r, err := w.reference(ctx, e, ref)
		if err != nil {
			return nil, err
		}
		for _, s := range append(slices.Clip(r.needs), r.schema) {
			if !slices.Contains(whole.needs, s) {
				whole.needs = append(whole.needs, s)
			}
		}
	}
	var err error
	if whole.schema, err = avroschema.Parse(a.Schema, whole.needs...); err != nil {
		e.Err = fmt.Errorf("%w: %w", ErrSchema, err)
		return nil, &e
	}
	return whole, nil
}

// reference returns what a schema refers to. The errors name the reference.
func (w *walk) reference(ctx context.Context, from Error, ref sr.SchemaReference) (*closure, error) {
	at := subjectVersion{ref.Subject, ref.Version}
	e := Error{Op: "fetch reference", Subject: ref.Subject, Version: ref.Version, ID: from.ID}
	if slices.Contains(w.path, at) {
		e.Err = ErrReferences
		return nil, &e
	}
	if r, ok := w.parsed[at]; ok {
		return r, nil
	}
	if at.version < 1 {
		e.Err = fmt.Errorf("%w: a reference without a version", ErrResponse)
		return nil, &e
	}
	if len(w.parsed)+len(w.path) >= MaxReferences || len(w.path) >= MaxDepth {
		e.Err = fmt.Errorf("%w: more than %d references, or %d deep", ErrLimit, MaxReferences, MaxDepth)
		return nil, &e
	}
	a, err := w.client.referred.get(ctx, at, func(ctx context.Context) (answer, error) { return w.client.version(ctx, e) })
	if err != nil {
		return nil, waited(ctx, e, err)
	}
	w.path = append(w.path, at)
	r, err := w.schema(ctx, e, a)
	w.path = w.path[:len(w.path)-1]
	if err != nil {
		return nil, err
	}
	w.parsed[at] = r
	return r, nil
}
