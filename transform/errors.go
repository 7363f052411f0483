package transform

import (
	"errors"
	"strconv"
)

// ErrSkip is what a stage returns to drop a record that is not wanted. It is not
// an error: the record counts as skipped, not as rejected.
var ErrSkip = errors.New("transform: record skipped")

// Mistakes in the configuration of stages.
var (
	errNilStage = errors.New("stage is nil")
	errNilFunc  = errors.New("function is nil")
	errNilMake  = errors.New("Bind returned a nil factory")
	errUnnamed  = errors.New("name is empty")
	errNoLabel  = errors.New("label is empty")
	errNoLabels = errors.New("no label is given")

	errUnknownKind = errors.New("kind of the value is unknown")
	errValue       = errors.New("value is not what its kind says")
	errNegative    = errors.New("number is negative")
)

// A StageError says which stage rejected a record and why. It does not hold the
// record or any value of it. Under OnErrorFail errors.Is(err, [ErrFatal]).
type StageError struct {
	Index int    // of the stage in its chain, from 0
	Stage string // as the chain prints it
	// Label of the value that the stage could not work on; of the field that it could not
	// make, if there was no value at all, as To of a Time that is Required; in a stage of
	// the caller's own, of what was given to [Record.Fail]. Empty if it is the record as a
	// whole.
	Label string
	Err   error
}

func (e *StageError) Error() string {
	s := "transform: stage " + strconv.Itoa(e.Index) + ", " + e.Stage
	if e.Label != "" {
		s += ", label " + e.Label
	}
	return s + ": " + e.Err.Error()
}

func (e *StageError) Unwrap() error { return e.Err }

// newStageError places an error that a stage returned.
func newStageError(index int, stage string, err error) *StageError {
	e := &StageError{Index: index, Stage: stage, Err: err}
	if f, ok := err.(*fieldError); ok {
		e.Label = f.label
		if !f.fatal {
			e.Err = f.err
		}
	}
	return e
}
