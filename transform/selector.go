package transform

// A Selector finds the values of a few labels in records, whatever decoder and chain
// they come from; encoders use it. It remembers where the [Record] that it was given
// last keeps its labels: while that is the same one, as with the records of one worker,
// a value costs no more than by its slot, and nothing is allocated.
//
// A Selector is for one goroutine.
type Selector struct {
	labels []string
	table  *byte // of the names, the address of which no other table has
	names  []*name
}

// NewSelector returns a Selector of labels. The same label may be given twice.
func NewSelector(labels ...string) *Selector {
	return &Selector{labels: labels, names: make([]*name, len(labels))}
}

// Select sets the elements of dst to the places of the values in r, in the order of the
// labels given to [NewSelector], or to nil where r has none. dst must have one element
// for each label. The values may be read until r changes. Like reading, Select may
// change what r remembers of its labels: no other goroutine may use r meanwhile.
func (s *Selector) Select(dst []*Value, r *Record) {
	if s.table == nil || s.table != r.names.table {
		s.meet(r)
	}
	dst = dst[:len(s.names)]
	generation, fields := r.names.generation, r.fields
	for i, n := range s.names {
		var v *Value
		if n.generation == generation {
			v = &fields[n.field].value
		}
		dst[i] = v
	}
}

// meet looks the labels up in the names of r.
func (s *Selector) meet(r *Record) {
	for i, label := range s.labels {
		s.names[i] = r.names.named(label)
	}
	s.table = r.names.table
}
