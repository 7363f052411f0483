package jsonrec

import (
	"strings"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
)

// An OptionError says which option of an [Encoder] cannot be, and why.
type OptionError struct {
	Option string // the name of the field
	Reason string
}

func (e *OptionError) Error() string { return "jsonrec: " + e.Option + ": " + e.Reason }

// Check returns an [*OptionError] if the options contradict each other, for
// programs that want to know before the first record.
func (e *Encoder) Check() error {
	if e.Unlisted == "" {
		if len(e.Listed) > 0 {
			return &OptionError{"Listed", "there is no Unlisted to take the other fields"}
		}
		return nil
	}
	unlisted := repaired(e.Unlisted)
	for _, label := range e.Listed {
		label = repaired(label)
		if label == unlisted {
			return &OptionError{"Unlisted", "is the label of a listed field"}
		}
		if e.Nested && nests(label) && strings.HasPrefix(label, unlisted+".") {
			return &OptionError{"Unlisted", "is the object of a listed field"}
		}
	}
	return nil
}

// prepare makes of the options what Append needs.
func (e *Encoder) prepare() {
	e.prepared = true
	e.recent = new([recents]*member)
	if e.bad = e.Check(); e.bad != nil || e.Unlisted == "" {
		return
	}
	e.unlisted = jsonscan.NewName(e.Unlisted)
	e.listed = make(map[string]bool, len(e.Listed))
	for _, label := range e.Listed {
		e.listed[repaired(label)] = true
	}
}

// repaired returns label as records have it: U+FFFD for each byte that is not UTF-8.
func repaired(label string) string { return string([]rune(label)) }
