// Package textconv reads what texts of logs mean: integers, floats, decimals, bools,
// dates and times. Nothing in it allocates, but for what its comments say, and no error
// quotes a text.
package textconv

import "errors"

// Why a text has no value of a type.
var (
	ErrSyntax    = errors.New("does not convert to the type")       // it is no such thing at all
	ErrRange     = errors.New("out of range of the type")           // it is, but the type does not go so far
	ErrPrecision = errors.New("more digits than the type can hold") // it is, but digits would be lost
)
