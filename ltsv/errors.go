package ltsv

import (
	"errors"
	"strconv"
)

// What can be wrong with a line. A [*SyntaxError] wraps one of these.
var (
	ErrNoColon       = errors.New("field has no colon")
	ErrEmptyLabel    = errors.New("label is empty")
	ErrEmptyField    = errors.New("field is empty")
	ErrInvalidLabel  = errors.New("label has a byte other than 0-9 A-Z a-z _ . -")
	ErrInvalidByte   = errors.New("value has a NUL, TAB, LF or CR")
	ErrTooManyFields = errors.New("line has too many fields")
	ErrLineTooLong   = errors.New("line is too long")
)

// A SyntaxError says where a line is wrong and why. It holds no byte of the
// line: access logs are personal data.
//
// Such an error costs one record. [Reader.Read] goes on at the next line after
// it has returned one.
type SyntaxError struct {
	Line   int64 // number of the line in its input, from 1; 0 if the line was given alone
	Offset int64 // byte offset in the input of the line's first byte; 0 if the line was given alone
	Column int   // position in the line of the byte that is wrong, in bytes from 1; 0 if the line as a whole is
	Err    error // ErrNoColon, ErrEmptyLabel, …
}

func (e *SyntaxError) Error() string {
	b := append(make([]byte, 0, 96), "ltsv: "...)
	if e.Line > 0 {
		b = append(b, "line "...)
		b = strconv.AppendInt(b, e.Line, 10)
		b = append(b, ", offset "...)
		b = strconv.AppendInt(b, e.Offset, 10)
		b = append(b, ": "...)
	}
	if e.Column > 0 {
		b = append(b, "column "...)
		b = strconv.AppendInt(b, int64(e.Column), 10)
		b = append(b, ": "...)
	}
	return string(append(b, e.Err.Error()...))
}

func (e *SyntaxError) Unwrap() error { return e.Err }
