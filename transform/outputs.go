package transform

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

var errSameLabel = errors.New("two outputs have one label")

// output returns the slot of a label that a stage writes to, which may be one that it
// reads from: then it changes the field in its place, and adds none.
func output(b *Binder, label string, from ...string) Slot {
	if slices.Contains(from, label) {
		return b.Slot(label)
	}
	return b.Output(label)
}

// failInto is [Record.Fail] for a stage that reads the value at one slot and writes
// what it makes of it to others: what the policy does to a value, it does to those.
func (r *Record) failInto(p Policy, from Slot, to []Slot, err error) error {
	switch p {
	case OnErrorNull:
		r.setNull(to)
		p = OnErrorKeep
	case OnErrorDropField:
		for _, slot := range to {
			r.Remove(slot)
		}
		p = OnErrorKeep
	}
	return r.Fail(p, from, err)
}

func (r *Record) setNull(to []Slot) {
	for _, slot := range to {
		r.SetValue(slot, Null)
	}
}

// literal prints an option struct as the Go code that makes it. Fields come as names
// and their code in turn; one without code is left out.
func literal(name string, fields ...string) string {
	var parts []string
	for i := 0; i < len(fields); i += 2 {
		if fields[i+1] != "" {
			parts = append(parts, fields[i]+": "+fields[i+1])
		}
	}
	return name + "{" + strings.Join(parts, ", ") + "}"
}

// literalStrings is the code of a list of strings, empty for an empty one.
func literalStrings(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return "[]string{" + strings.TrimPrefix(quoted(list), ", ") + "}"
}

// literalString is the code of a string, empty for an empty one.
func literalString(s string) string { return strings.TrimPrefix(quoted(nonEmpty(s)), ", ") }

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// literalTrue is the code of a bool, empty for false.
func literalTrue(b bool) string {
	if b {
		return "true"
	}
	return ""
}

// outputs returns the slots of labels that a stage writes, each once.
func outputs(b *Binder, from string, labels []string) ([]Slot, error) {
	slots := make([]Slot, len(labels))
	for i, l := range labels {
		if slices.Contains(labels[:i], l) {
			return nil, errSameLabel
		}
		slots[i] = output(b, l, from)
	}
	return slots, nil
}

func orElse(s, byDefault string) string {
	if s == "" {
		return byDefault
	}
	return s
}

func intOrElse(n, byDefault int) int {
	if n == 0 {
		return byDefault
	}
	return n
}

// literalInt is the code of a number, empty for 0.
func literalInt(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
