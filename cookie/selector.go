package cookie

// A Selector takes a few named cookies out of a header in one pass. It is
// immutable; any number of goroutines may share it.
type Selector struct {
	names *names
	// alias[i] is the index of the first name equal to name i.
	alias    []int
	distinct int
}

// NewSelector returns a Selector of these names with the zero Options.
func NewSelector(names ...string) *Selector { return Options{}.NewSelector(names...) }

// NewSelector returns a Selector of these names that reads as o says. With
// Last, the last cookie of a name is given, else the first.
func (o Options) NewSelector(names ...string) *Selector {
	s := &Selector{names: newNames(o, names)}
	for i, name := range names {
		s.alias = append(s.alias, s.names.find([]byte(name)))
		if s.alias[i] == i {
			s.distinct++
		}
	}
	return s
}

// Select appends one value to dst for each name, in the order of the names:
// nil if header has no such cookie, else a sub-slice of header, empty but not
// nil for an empty value. The error is nil or the *LimitError that ended the
// cookies early; what came before it stands.
func (s *Selector) Select(dst [][]byte, header []byte) ([][]byte, error) {
	base := len(dst)
	for range s.alias {
		dst = append(dst, nil)
	}
	out := dst[base:]
	c := Cursor{Options: s.names.opts}
	last := c.Options.Duplicates == Last
	missing := s.distinct
	c.Reset(header)
	for missing > 0 && c.Next() {
		i := s.names.find(c.Name)
		if i < 0 || (out[i] != nil && !last) {
			continue
		}
		out[i] = c.Value
		if !last {
			missing--
		}
	}
	if s.distinct < len(out) {
		for i, first := range s.alias {
			out[i] = out[first]
		}
	}
	return dst, c.err
}
