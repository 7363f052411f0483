package registry

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
)

// Lookup returns the id under which a subject has schema, or an error that is
// [ErrNotFound]. It registers nothing, for where schemas are registered by another hand.
// With other refs than it was registered with, it is another: see [Client.Register].
func (c *Client) Lookup(ctx context.Context, subject string, schema *avroschema.Schema, refs ...Registered) (Registered, error) {
	e := Error{Op: "look up", Subject: subject}
	path, err := c.place(e, schema)
	if err != nil {
		return Registered{}, err
	}
	key := keyOf(subject, schema, refs)
	if r, _, ok := c.known.hit(key); ok {
		return r, nil
	}
	text, err := c.text(ctx, e, schema, refs)
	if err != nil {
		return Registered{}, err
	}
	r, err := c.post(ctx, e, path, schema, text)
	if err == nil {
		c.known.put(key, r)
	}
	return r, err
}

// Register makes schema the next version of a subject, unless it is one already, and
// returns its id. To register again what is registered is one request, or none if this
// client did it.
//
// A schema that breaks what the subject's compatibility mode promises is refused with an
// [*IncompatibleError] before the registry hears of it: see [Client.Check]. The registry
// then judges by its own rules; if it refuses, that is an [*Error]. Both wrap
// [ErrIncompatible]. An error that is [ErrUnavailable] may come after the registry took
// the schema: to try again does no harm.
//
// The schema is registered whole, unless refs say which of its types the registry has
// elsewhere, each a [Registered] as BySubject, Lookup and Register return it: then it refers
// to these versions, by the full names of their types. What a reference defines, itself or
// by its own references, schema must have too and alike, or it is [ErrSchema]; the types
// that none of them defines are registered with schema. Registered with other refs, or none,
// it is another schema with another id.
func (c *Client) Register(ctx context.Context, subject string, schema *avroschema.Schema, refs ...Registered) (Registered, error) {
	e := Error{Op: "register", Subject: subject}
	path, err := c.place(e, schema)
	if err != nil {
		return Registered{}, err
	}
	r, err := c.known.get(ctx, keyOf(subject, schema, refs), func(ctx context.Context) (Registered, error) {
		text, err := c.text(ctx, e, schema, refs)
		if err != nil {
			return Registered{}, err
		}
		r, err := c.post(ctx, e, path, schema, text)
		if !errors.Is(err, ErrNotFound) {
			return r, err
		}
		if miss, ok := errors.AsType[*Error](err); c.rules != NoRules && !(ok && miss.Code == codeNoSubject) {
			if _, err := c.Check(ctx, subject, schema); err != nil {
				return Registered{}, err
			}
		}
		return c.post(ctx, e, path+"/versions", schema, text)
	})
	return r, waited(ctx, e, err)
}

// codeNoSubject says that there is no subject, so that there is nothing to compare with.
const codeNoSubject = 40401

// posted is a schema as registries take it. Avro is their default.
type posted struct {
	Schema     string               `json:"schema"`
	References []sr.SchemaReference `json:"references,omitempty"`
}

func (c *Client) place(e Error, schema *avroschema.Schema) (path string, err error) {
	if schema == nil || schema.JSON() == "" {
		e.Err = fmt.Errorf("%w: none given", ErrSchema)
		return "", &e
	}
	return subjectPath(e)
}

// post asks for a registration: of the path of a subject whether there is one, of that of
// its versions to make one.
func (c *Client) post(ctx context.Context, e Error, path string, schema *avroschema.Schema, text posted) (Registered, error) {
	var a answer
	if err := c.ask(ctx, e, http.MethodPost, path, text, &a); err != nil {
		return Registered{}, err
	}
	if !validID(a.ID) {
		e.Err = fmt.Errorf("%w: an id out of range", ErrResponse)
		return Registered{}, &e
	}
	return Registered{schema, a.ID, e.Subject, max(a.Version, 0)}, nil
}
