package avroschema

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// An entry is where a member of a map stands in the encoding.
type entry struct{ start, value, end int }

func (x entry) key(dst []byte) []byte { return dst[x.start:x.value] } // with its length before it

// mapOf appends the members of a JSON object as one block.
func (e *Encoder) mapOf(dst []byte, values *typePlan, text []byte) ([]byte, error) {
	var s jsonscan.Scanner
	if err := e.scan(&s, text, jsonscan.Object); err != nil {
		return nil, err
	}
	at, base := len(dst), len(e.entries)
	dst, err := e.mapMembers(append(dst, 0), values, &s)
	if err != nil {
		e.entries = e.entries[:base]
		return nil, err
	}
	return e.closeMap(e.dropRepeated(dst, base), at, base), nil
}

// mapMembers appends the members that s reads, and leaves their entries behind.
func (e *Encoder) mapMembers(dst []byte, values *typePlan, s *jsonscan.Scanner) ([]byte, error) {
	for s.Next() && s.Kind != jsonscan.End {
		key, x := s.Key, entry{start: len(dst)}
		if s.KeyEscaped {
			key = e.unescape(key)
		}
		dst = e.string(dst, key)
		x.value = len(dst)
		var v transform.Value
		err := e.scanned(s, &v)
		if err == nil {
			dst, err = e.item(dst, values, &v)
		}
		if err != nil {
			e.trail = append(e.trail, "{}")
			return nil, err
		}
		x.end = len(dst)
		e.entries = append(e.entries, x)
	}
	return dst, end(s)
}

// fewEntries are compared each with each.
const fewEntries = 16

// dropRepeated takes those of the members from base on out whose key comes again: of
// repeated members the last counts, and there are readers that refuse a key that is
// repeated.
func (e *Encoder) dropRepeated(dst []byte, base int) []byte {
	all := e.entries[base:]
	if len(all) <= fewEntries && !repeated(dst, all) {
		return dst
	}
	to := all[0].start
	slices.SortFunc(all, func(a, b entry) int { return cmp.Or(bytes.Compare(a.key(dst), b.key(dst)), a.start-b.start) })
	kept := all[:0]
	for i, x := range all {
		if i+1 == len(all) || !bytes.Equal(x.key(dst), all[i+1].key(dst)) {
			kept = append(kept, x)
		}
	}
	if len(kept) == len(all) {
		return dst
	}
	slices.SortFunc(kept, func(a, b entry) int { return a.start - b.start })
	for _, x := range kept {
		to += copy(dst[to:], dst[x.start:x.end])
	}
	e.entries = e.entries[:base+len(kept)]
	return dst[:to]
}

func repeated(dst []byte, all []entry) bool {
	for i, x := range all {
		for _, y := range all[:i] {
			if bytes.Equal(x.key(dst), y.key(dst)) {
				return true
			}
		}
	}
	return false
}

// closeMap puts the count of the members from base on before them, where one byte was
// left at at.
func (e *Encoder) closeMap(dst []byte, at, base int) []byte {
	count := len(e.entries) - base
	e.entries = e.entries[:base]
	return closeBlock(dst, at, count)
}
