package cookie

// Get returns the value of the first cookie of header that has this name, and
// whether there is one. The slice aliases header. For several names of one
// header, a Selector reads it once.
func Get(header []byte, name string) (value []byte, ok bool) {
	return Options{}.Get(header, name)
}

// Get returns the value of the cookie with this name, and whether there is
// one. With Last it is the last one's, else the first one's. The slice aliases
// header.
func (o Options) Get(header []byte, name string) (value []byte, ok bool) {
	c := Cursor{Options: o}
	c.Reset(header)
	for c.Next() {
		if !o.same(c.Name, name) {
			continue
		}
		value, ok = c.Value, true
		if o.Duplicates != Last {
			break
		}
	}
	return value, ok
}

// same reports whether a is the name b.
func (o Options) same(a []byte, b string) bool {
	if len(a) != len(b) {
		return false
	}
	if !o.FoldCase {
		return string(a) == b
	}
	for i, c := range a {
		if lower(c) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c-'A' < 26 {
		return c + ('a' - 'A')
	}
	return c
}
