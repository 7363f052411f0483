package transform

// A Selector finds the values of some labels in records, whatever decoder and chain they
// come from, for encoders: it remembers where the record that it was given last keeps
// its labels. As long as that is the same one, as it is of one worker, a value costs what
// it costs a stage by its slot. Its use allocates nothing then.
//
// A Selector is for one goroutine.
type Selector struct {
	labels []string
	table  *byte // of the names, the address of which no other table has
	names  []*name
}

// NewSelector returns a Selector of labels, of which some may be the same.
func NewSelector(labels ...string) *Selector {
	return &Selector{labels: labels, names: make([]*name, len(labels))}
}

// Select sets dst, which is as long as there are labels, to the places of their values
// in r, in the order given to [NewSelector]; to nil where r has none. The values may be
// read until r changes. Select may move what r remembers, as reading does.
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
