package transform

import (
	"errors"
	"strconv"
)

// ErrSkip is what a stage returns to drop a record that is not wanted. It is not
// an error: the record counts as skipped, not as rejected.
var ErrSkip = errors.New("transform: record skipped")

// A StageError says which stage rejected a record and why. It does not hold the
// record or any value of it.
type StageError struct {
	Index int    // of the stage in its chain, from 0
	Stage string // as the chain prints it
	Err   error
}

func (e *StageError) Error() string {
	return "transform: stage " + strconv.Itoa(e.Index) + ", " + e.Stage + ": " + e.Err.Error()
}

func (e *StageError) Unwrap() error { return e.Err }
