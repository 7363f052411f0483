package kafkaio

import "strconv"

// An Action is what becomes of a record that could not be handled.
type Action uint8

const (
	// Stop ends Run with a *RecordError. Nothing of the polled batch is
	// produced and nothing is committed, so the record is met again.
	Stop Action = iota
	// Skip drops the record and counts it.
	Skip
	// DeadLetter sends the record to Pipeline.DeadLetter.
	DeadLetter
)

// String returns the action's name.
func (a Action) String() string {
	switch a {
	case Stop:
		return "Stop"
	case Skip:
		return "Skip"
	case DeadLetter:
		return "DeadLetter"
	}
	return "Action(" + strconv.Itoa(int(a)) + ")"
}
