package avroschema

import "errors"

// What a [SchemaError] wraps.
var (
	ErrSyntax    = errors.New("not a JSON text by RFC 8259, nested no deeper than 64 levels")
	ErrTooLarge  = errors.New("schema is too large")                      // over MaxSchemaBytes or MaxFields, or too deep with its references
	ErrType      = errors.New("unknown or malformed type")                // or a name that no reference defines
	ErrName      = errors.New("not a name by the Avro specification")     // letters, digits and _, no digit in front
	ErrDuplicate = errors.New("defined twice")                            // a type, field, label, symbol or branch of a union
	ErrDefault   = errors.New("default does not fit the type")            // of a union: the first branch
	ErrPolicy    = errors.New("failure policy does not fit the field")    // see FailurePolicy
	ErrProperty  = errors.New("property ltsv.… does not fit the field")   // layouts of what is no time, a label that is no string
	ErrCollision = errors.New("labels come to one name")                  // see Spec.Collisions
	ErrRefused   = errors.New("hamba/avro, the second judge, refuses it") // what our own rules let pass
)

var errNoSchema = errors.New("avroschema: no schema")

// A SchemaError says where in a schema something is wrong, and what. Schemas are no
// log content: it names names.
type SchemaError struct {
	Path string // field names joined with dots; [] is an array's items, {} a map's values, |2 the third branch of a union
	Err  error  // wraps ErrType, ErrName, …
}

func (e *SchemaError) Error() string {
	if e.Path == "" {
		return "avroschema: " + e.Err.Error()
	}
	return "avroschema: " + e.Path + ": " + e.Err.Error()
}

func (e *SchemaError) Unwrap() error { return e.Err }
