package transform

// Value returns the value at slot.
func (r *Record) Value(slot Slot) (Value, bool) {
	if f := r.at(r.slots[slot]); f != nil {
		return f.value, true
	}
	return Value{}, false
}

// SetValue is [Record.Set] by slot.
func (r *Record) SetValue(slot Slot, v Value) { r.set(r.slots[slot], v) }

// Remove is [Record.Delete] by slot.
func (r *Record) Remove(slot Slot) bool { return r.remove(r.slots[slot]) }

// Relabel is [Record.Rename] by slot.
func (r *Record) Relabel(from, to Slot) bool { return r.rename(r.slots[from], r.slots[to]) }

// text returns the bytes at slot if they are those of a string, for stages that
// work on text.
func (r *Record) text(slot Slot) ([]byte, bool) {
	f := r.at(r.slots[slot])
	if f == nil || f.value.Kind != KindString {
		return nil, false
	}
	return f.value.Bytes, true
}

// bind gives the record the slots of a chain.
func (r *Record) bind(labels []string) {
	r.names.keep = labels
	r.slots = make([]*name, len(labels))
	for i, label := range labels {
		r.slots[i] = r.names.named(label)
	}
	r.names.next()
}
