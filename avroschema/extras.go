package avroschema

import "github.com/ltsvpipe/ltsvpipe/transform"

// An extra is a value that no field takes.
type extra struct {
	label string // of a record's field, or
	key   []byte // of a member of JSON
	text  []byte
}

// addExtra adds x, whose text is v's, to the extras of the record r in work, unless it
// is null.
func (e *Encoder) addExtra(r *recordPlan, x extra, v *transform.Value) {
	if v.Kind == transform.KindNull || r.fields[r.extras].isNull(v, r.fields[r.extras].nulls) {
		return
	}
	x.text = v.Bytes
	e.extras = append(e.extras, x)
}

// cutExtras takes the extras from base on away.
func (e *Encoder) cutExtras(base int) {
	clear(e.extras[base:])
	e.extras = e.extras[:base]
}

// appendExtras appends the extras from base on as the map f, and moves it to where it
// belongs: before fields that could add to it.
func (e *Encoder) appendExtras(dst []byte, f *fieldPlan, base, at int) []byte {
	all, end := e.extras[base:], len(dst)
	if len(all) == 0 {
		switch {
		case f.hasDef:
			dst = append(dst, f.def...)
		case f.nullable:
			dst = append(dst, f.nullText...)
		default:
			dst = append(dst, 0)
		}
	} else {
		dst = f.appendBranch(dst)
		first, entries, members := len(dst), len(e.entries), false
		dst = append(dst, 0)
		for i := range all {
			x, in := &all[i], entry{start: len(dst)}
			if x.key != nil {
				dst, members = e.string(dst, x.key), true
			} else {
				dst = appendText(dst, x.label)
			}
			in.value = len(dst)
			dst = e.string(dst, x.text)
			in.end = len(dst)
			e.entries = append(e.entries, in)
		}
		if members { // labels of a record are not repeated
			dst = e.dropRepeated(dst, entries)
		}
		dst = e.closeMap(dst, first, entries)
		e.cutExtras(base)
	}
	if at < end {
		e.behind = append(e.behind[:0], dst[at:end]...)
		n := copy(dst[at:], dst[end:])
		copy(dst[at+n:], e.behind)
	}
	return dst
}
