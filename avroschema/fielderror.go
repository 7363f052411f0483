package avroschema

import (
	"errors"

	"github.com/ltsvpipe/ltsvpipe/internal/textconv"
)

// ErrUnsupported is why [Compile] refuses a type, in a [*SchemaError].
var ErrUnsupported = errors.New("cannot be encoded from records")

// What a [FieldError] wraps.
var (
	ErrValue          = textconv.ErrSyntax                                     // does not convert to the type of the field
	ErrRange          = textconv.ErrRange                                      // a number the type has no room for
	ErrPrecision      = textconv.ErrPrecision                                  // a number with digits that would be lost
	ErrMissing        = errors.New("missing or null, and there is no default") // of a field that is never null
	ErrRecordTooLarge = errors.New("record is too large")                      // over [Encoder.MaxBytes]
)

// A FieldError says why an [Encoder] rejected a record. It does not hold the record or
// any value of it. It costs that record only.
type FieldError struct {
	Path string // as in SchemaError; empty is the record as a whole
	Err  error  // ErrValue, ErrRange, ErrPrecision, ErrMissing or ErrRecordTooLarge
}

func (e *FieldError) Error() string {
	if e.Path == "" {
		return "avroschema: " + e.Err.Error()
	}
	return "avroschema: field " + e.Path + ": " + e.Err.Error()
}

func (e *FieldError) Unwrap() error { return e.Err }
