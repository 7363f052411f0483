package transform

import "fmt"

// A Slot is the number that a chain gives to a label. By its slot a stage reaches a
// field in a few nanoseconds, without looking the label up. A slot is good only for
// records of workers of its chain, which are the records that a [Func] is called with.
type Slot int

// A Binder stands for the chain while it is built: it gives a stage the slots of its
// labels, and takes note of the labels that the stage writes. It is valid during Bind
// only.
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

// Slot returns the slot of label, the same for every stage of the chain. It is for
// labels that the stage reads, removes, or changes in their place; for those that it
// adds there is Output.
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

// Output returns the slot of a label that the stage adds to records. That two stages add
// the same label is a mistake, which [NewChain] reports, unless one of them is inside an
// [If] or a stage between them takes the label away (see Free).
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

// Free says that the stage takes label away, so that a later stage may add it again.
func (b *Binder) Free(label string) { delete(b.writers, label) }

// Policy returns what the stage is to do with a value that it cannot work on, for
// [Record.Fail]: what [OnError] said, or byDefault.
func (b *Binder) Policy(byDefault Policy) Policy {
	if b.chosen {
		return b.policy
	}
	return byDefault
}
