package jsonrec

import (
	"errors"
	"strconv"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
)

// What a [SyntaxError] wraps.
var (
	ErrSyntax    = jsonscan.ErrSyntax                              // not JSON by RFC 8259, or cut off
	ErrUTF8      = jsonscan.ErrUTF8                                // a string is not UTF-8
	ErrDepth     = jsonscan.ErrDepth                               // nested deeper than MaxDepth
	ErrNotObject = errors.New("not a JSON object")                 // JSON, perhaps, but no record
	ErrTrailing  = errors.New("bytes behind the JSON object")      // other than white space
	ErrDuplicate = errors.New("duplicate member in a JSON object") // at any level
	ErrTooLarge  = errors.New("JSON is too large")                 // over MaxBytes
	ErrMembers   = errors.New("JSON object has too many members")  // over MaxMembers
	ErrLabel     = errors.New("JSON member has too long a name")   // under Flatten, over MaxLabel
)

// A SyntaxError says where in its input a [Decoder] stopped and why. It quotes
// nothing of it. It costs that record only.
type SyntaxError struct {
	Offset int   // from 0, of the byte that stopped it: where it stands, or behind the member that must not be there
	Err    error // ErrSyntax, ErrUTF8, …
}

func (e *SyntaxError) Error() string {
	return "jsonrec: offset " + strconv.Itoa(e.Offset) + ": " + e.Err.Error()
}

func (e *SyntaxError) Unwrap() error { return e.Err }
