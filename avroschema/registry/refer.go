package registry

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
)

// keyOf says what a registration is of: the same schema with other references is another.
func keyOf(subject string, schema *avroschema.Schema, refs []Registered) registration {
	var b strings.Builder
	for _, ref := range refs {
		fmt.Fprintf(&b, "%d %d %q ", ref.ID, ref.Version, ref.Subject)
	}
	return registration{subject, schema.JSON(), b.String()}
}

// text returns what is posted of a schema with its references.
func (c *Client) text(ctx context.Context, e Error, schema *avroschema.Schema, refs []Registered) (posted, error) {
	if len(refs) == 0 {
		return posted{Schema: schema.JSON()}, nil
	}
	if len(refs) > MaxReferences {
		e.Err = fmt.Errorf("%w: more than %d references", ErrLimit, MaxReferences)
		return posted{}, &e
	}
	var p posted
	var schemas []*avroschema.Schema
	for _, ref := range refs {
		if ref.Schema == nil || ref.Schema.JSON() == "" {
			e.Err = fmt.Errorf("%w: a reference has none", ErrSchema)
			return posted{}, &e
		}
		version, err := c.versionOf(ctx, ref)
		if err != nil {
			return posted{}, err
		}
		schemas = append(schemas, ref.Schema)
		p.References = append(p.References, sr.SchemaReference{Name: ref.Schema.Name(), Subject: ref.Subject, Version: version})
	}
	var err error
	if p.Schema, err = schema.JSONWith(schemas...); err != nil {
		e.Err = fmt.Errorf("%w: %w", ErrSchema, err)
		return posted{}, &e
	}
	return p, nil
}

// versionOf returns the version of a reference, which a registry need not have said when it
// was registered.
func (c *Client) versionOf(ctx context.Context, ref Registered) (int, error) {
	if ref.Version > 0 {
		return ref.Version, nil
	}
	e := Error{Op: "find version of reference", Subject: ref.Subject, ID: ref.ID}
	if !validID(ref.ID) {
		e.Err = fmt.Errorf("%w: neither a version nor an id", ErrRefused)
		return 0, &e
	}
	var all []struct {
		Subject string `json:"subject"`
		Version int    `json:"version"`
	}
	if err := c.ask(ctx, e, http.MethodGet, "/schemas/ids/"+strconv.FormatUint(uint64(ref.ID), 10)+"/versions", nil, &all); err != nil {
		return 0, err
	}
	for _, at := range all {
		if at.Subject == ref.Subject && at.Version > 0 {
			return at.Version, nil
		}
	}
	e.Err = fmt.Errorf("%w: the subject does not have this id", ErrNotFound)
	return 0, &e
}
