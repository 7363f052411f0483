package jsonrec

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// A Struct takes records into values of the caller's struct T and back, by way of
// JSON: T is described by its json tags, and may have methods of encoding/json. It
// is for logic that wants types and is not on the hot path; a stage that works on
// the record itself is several times faster.
//
// The work is done by sonic on amd64 and arm64, and by encoding/json elsewhere and
// with the build tag purego. Both go by the same rules, but for corners: sonic
// reads -0 as 0, refuses a number in quotes (the tag ",string") that has zeros in
// front, and does not check the padding of base64 for a []byte.
//
// A Struct is for one goroutine at a time.
type Struct[T any] struct {
	Encoder Encoder // its options say how fields become the JSON that T is read from
	Decoder Decoder // its options say how the JSON of T becomes fields

	buf []byte
}

// What a [StructError] wraps.
var (
	ErrNotStruct = errors.New("is not a struct")
	ErrMismatch  = errors.New("a value does not fit its field of the struct")
	ErrMarshal   = errors.New("a value of the struct has no JSON")
)

// A StructError says what kept a record and a struct apart. It quotes no value.
type StructError struct {
	Type  string // the struct
	Label string // the member of the JSON object that did not fit, if it is known
	Err   error  // ErrNotStruct, ErrMismatch or ErrMarshal
}

func (e *StructError) Error() string {
	if e.Label == "" {
		return "jsonrec: " + e.Type + ": " + e.Err.Error()
	}
	return fmt.Sprintf("jsonrec: %s: member %q: %v", e.Type, e.Label, e.Err)
}

func (e *StructError) Unwrap() error { return e.Err }

// NewStruct returns a Struct for T. It compiles what is needed for T, which takes
// some milliseconds with sonic, so that the first record does not.
func NewStruct[T any]() (*Struct[T], error) {
	s := new(Struct[T])
	t := reflect.TypeFor[T]()
	if t.Kind() != reflect.Struct {
		return nil, s.error(ErrNotStruct)
	}
	// sonic finds out about a type without JSON, such as a channel, only when it
	// meets a value.
	_, err := json.Marshal(new(T))
	if _, unsupported := errors.AsType[*json.UnsupportedTypeError](err); unsupported {
		return nil, s.error(ErrMarshal)
	}
	if err := pretouch(t); err != nil {
		return nil, s.error(ErrMarshal)
	}
	return s, nil
}

func (s *Struct[T]) error(err error) error {
	return &StructError{Type: reflect.TypeFor[T]().String(), Err: err}
}

// Load sets *dst to the fields of rec; what has no field is zero. *dst shares no
// memory with the record. The error is a [*StructError], or of the Encoder's
// options; *dst is zero then.
func (s *Struct[T]) Load(dst *T, rec *transform.Record) error {
	var zero T
	*dst = zero
	text, err := s.Encoder.Append(s.buf[:0], rec)
	if err != nil {
		return err
	}
	s.buf = text
	offset, err := unmarshal(text, dst)
	if err != nil {
		*dst = zero
		return &StructError{reflect.TypeFor[T]().String(), memberAt(text, offset), ErrMismatch}
	}
	return nil
}

// Store makes rec the record of src, whose fields come in the order of the struct,
// with the kinds that the JSON of src has. rec shares no memory with src. The error
// is a [*StructError], or a [*SyntaxError] if the JSON of src goes beyond what the
// Decoder takes; rec is empty then.
func (s *Struct[T]) Store(rec *transform.Record, src *T) error {
	rec.Reset()
	text, err := marshal(s.buf[:0], src)
	if err != nil {
		return s.error(ErrMarshal)
	}
	s.buf = text
	return s.Decoder.decodeCopy(rec, text)
}

// memberAt returns the label of the member of object whose text reaches up to
// offset or over it.
func memberAt(object []byte, offset int) string {
	var s jsonscan.Scanner
	s.Reset(object)
	s.Next()
	for s.Next() && s.Kind != jsonscan.End {
		key := s.Key
		if s.Skip() && s.Offset() >= offset {
			return string(jsonscan.AppendUnescape(nil, key))
		}
	}
	return ""
}
