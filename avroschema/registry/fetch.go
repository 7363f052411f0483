package registry

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strconv"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
)

// Latest is the version of a subject that is its latest.
const Latest = -1

// A Registered is a schema as the registry has it.
type Registered struct {
	Schema  *avroschema.Schema
	ID      uint32 // that Confluent frames carry, 1 to 2,147,483,647
	Subject string
	Version int // in its subject, from 1; 0 if the registry did not say
}

// ByID returns the schema that has an id, as it stands in a Confluent frame. It is
// fetched once, with what it refers to: an id never means another schema. A schema that
// is known costs a lookup, and allocates nothing.
func (c *Client) ByID(ctx context.Context, id uint32) (*avroschema.Schema, error) {
	if schema, err, ok := c.schemas.hit(id); ok {
		return schema, err
	}
	e := Error{Op: "fetch", ID: id}
	if !validID(id) {
		e.Err = fmt.Errorf("%w: ids go from 1 to %d", ErrNotFound, math.MaxInt32)
		return nil, &e
	}
	schema, err := c.schemas.get(ctx, id, func(ctx context.Context) (*avroschema.Schema, error) {
		var a answer
		if err := c.ask(ctx, e, http.MethodGet, "/schemas/ids/"+strconv.FormatUint(uint64(id), 10), nil, &a); err != nil {
			return nil, err
		}
		return c.parse(ctx, e, a)
	})
	return schema, waited(ctx, e, err)
}

// Plan returns the schema that has an id compiled, for encoders of records. What is said
// of [Client.ByID] goes for it too.
func (c *Client) Plan(ctx context.Context, id uint32) (*avroschema.Plan, error) {
	if plan, err, ok := c.plans.hit(id); ok {
		return plan, err
	}
	e := Error{Op: "compile", ID: id}
	plan, err := c.plans.get(ctx, id, func(ctx context.Context) (*avroschema.Plan, error) {
		schema, err := c.ByID(ctx, id)
		if err != nil {
			return nil, err
		}
		plan, err := avroschema.Compile(schema)
		if err != nil {
			e.Err = fmt.Errorf("%w: %w", ErrSchema, err)
			return nil, &e
		}
		return plan, nil
	})
	return plan, waited(ctx, e, err)
}

// BySubject returns a version of a subject, or its [Latest]. Every call is a request,
// since versions come and may go.
func (c *Client) BySubject(ctx context.Context, subject string, version int) (Registered, error) {
	e := Error{Op: "fetch", Subject: subject, Version: version}
	a, err := c.version(ctx, e)
	if err != nil {
		return Registered{}, err
	}
	schema, failed, known := c.schemas.hit(a.ID)
	if !known || failed != nil { // by id, and a moment ago: here it is
		e.ID = a.ID
		if schema, err = c.parse(ctx, e, a); err != nil {
			return Registered{}, err
		}
		c.schemas.put(a.ID, schema)
	}
	return Registered{schema, a.ID, subject, max(a.Version, 0)}, nil
}

// version fetches the version that e names, unparsed.
func (c *Client) version(ctx context.Context, e Error) (a answer, err error) {
	path, err := subjectPath(e)
	if err != nil {
		return answer{}, err
	}
	name := "latest"
	if e.Version != Latest {
		name = strconv.Itoa(e.Version)
	}
	if e.Version < 1 && e.Version != Latest {
		e.Err = fmt.Errorf("%w: versions go from 1", ErrNotFound)
		return answer{}, &e
	}
	if err := c.ask(ctx, e, http.MethodGet, path+"/versions/"+name, nil, &a); err != nil {
		return answer{}, err
	}
	if !validID(a.ID) {
		e.Err = fmt.Errorf("%w: an id out of range", ErrResponse)
		return answer{}, &e
	}
	return a, nil
}

func validID(id uint32) bool { return id > 0 && id <= math.MaxInt32 }

// waited gives the error of a context that ended while another fetched what e names.
func waited(ctx context.Context, e Error, err error) error {
	if err == nil || err != ctx.Err() {
		return err
	}
	e.Err = err
	return &e
}
