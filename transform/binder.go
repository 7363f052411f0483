package transform

import "fmt"

// A Slot is the number that a chain gives to a label. By its slot a stage reaches a
// field in a few nanoseconds, without looking the label up. A slot is of use only on
// records of the workers of the chain that gave it.
type Slot int

// A Binder is what a stage learns of the chain that it is put into, and tells it.
// It is valid during Bind.
type Binder struct {
	slots   map[string]Slot
	labels  []string // by slot
	writers map[string]int
	stage   int
	inside  int // how many If the stage is inside of
	policy  Policy
	chosen  bool // policy was chosen by OnError
	err     error
}

// Slot returns the slot of label, the same for every stage of the chain.
func (b *Binder) Slot(label string) Slot {
	s, ok := b.slots[label]
	if !ok {
		if b.slots == nil {
			b.slots = map[string]Slot{}
		}
		s = Slot(len(b.labels))
		b.slots[label] = s
		b.labels = append(b.labels, label)
	}
	return s
}

// Slots returns the slots of labels.
func (b *Binder) Slots(labels []string) []Slot {
	slots := make([]Slot, len(labels))
	for i, l := range labels {
		slots[i] = b.Slot(l)
	}
	return slots
}

// Output returns the slot of a label that the stage adds to records. Two stages that
// add the same label are a mistake, which NewChain reports, unless one of them is
// inside an If or a stage between them takes the label away (see Free).
func (b *Binder) Output(label string) Slot {
	if label == "" && b.err == nil {
		b.err = errNoLabel
	}
	if b.inside == 0 {
		if first, taken := b.writers[label]; taken && first != b.stage && b.err == nil {
			b.err = fmt.Errorf("label %s is written by stage %d already", label, first)
		}
		if b.writers == nil {
			b.writers = map[string]int{}
		}
		b.writers[label] = b.stage
	}
	return b.Slot(label)
}

// Free says that the stage takes label away, so that a later one may add it again.
func (b *Binder) Free(label string) { delete(b.writers, label) }

// Policy returns what the stage does with a value that it cannot work on: what
// OnError said, or byDefault.
func (b *Binder) Policy(byDefault Policy) Policy {
	if b.chosen {
		return b.policy
	}
	return byDefault
}
