package transform

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"
)

// The labels that a record remembers are bounded in number and in bytes. Logs have
// some dozens; only hostile input has more, and then they are forgotten together,
// before the next record.
const (
	maxNames     = 4096
	maxNameBytes = 1 << 20
)

// A name is a label that the record has met, and where the record has it now.
type name struct {
	label      string
	generation uint64 // of the record that has the label
	field      int    // its place there
	member     string // the label in quotes and a colon; empty if JSON needs escapes, or there is no label
	next       *name  // the one that last followed it in a JSON object
	// The first 16 bytes of the label and a colon behind it, and which bits they are.
	head, mask [2]uint64
}

func newName(label string, generation uint64) *name {
	var head, mask [16]byte
	copy(head[:], label+":")
	for i := range min(len(label)+1, len(mask)) {
		mask[i] = 0xff
	}
	n := &name{label: label, generation: generation}
	if label != "" && strings.IndexFunc(label, isSpecial) < 0 {
		n.member = `"` + label + `":`
	}
	for i := range n.head {
		n.head[i] = binary.LittleEndian.Uint64(head[8*i:])
		n.mask[i] = binary.LittleEndian.Uint64(mask[8*i:])
	}
	return n
}

func isSpecial(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r >= utf8.RuneSelf }

// standsAt reports whether line[start:colon], before the first colon of a field, is
// the label of n, by a comparison or two. It misses those of more than 16 bytes, and may
// miss one at the line's end. It has to stay small enough to be inlined.
func (n *name) standsAt(line []byte, start, colon int) bool {
	room := len(line) - start
	if colon-start != len(n.label) || room < 8 || (binary.LittleEndian.Uint64(line[start:])^n.head[0])&n.mask[0] != 0 {
		return false
	}
	return len(n.label) < 8 || len(n.label) <= 16 && room >= 16 &&
		(binary.LittleEndian.Uint64(line[start+8:])^n.head[1])&n.mask[1] == 0
}

// names turns labels into names without allocating for those met before. A line
// most likely has the same labels at the same places as the last one.
type names struct {
	generation uint64 // of the record in work; a name of another is not in it
	known      map[string]*name
	size       int      // of the keys and labels in known
	last       []*name  // by place
	first      *name    // of JSON
	keep       []string // labels that are not forgotten: those with slots
	table      *byte    // another one once names were forgotten, for those who remember names
}

// next begins a new record, which has none of the names.
func (t *names) next() {
	t.generation += 2 // Rename takes one off
	if len(t.known) > maxNames || t.size > maxNameBytes {
		t.forget()
	}
}

// forget drops all names but those to keep.
func (t *names) forget() {
	kept := make([]*name, len(t.keep))
	for i, label := range t.keep {
		kept[i] = t.known[label]
	}
	clear(t.known)
	t.size, t.table = 0, new(byte)
	for i, label := range t.keep {
		t.known[label] = kept[i]
		t.known[kept[i].label] = kept[i]
		kept[i].next = nil
	}
	t.first = nil
	t.last = t.last[:0]
}

// at returns the name of label, which stands at a place.
func (t *names) at(place int, label []byte) *name {
	if place < len(t.last) && t.last[place].label == string(label) {
		return t.last[place]
	}
	n, ok := t.known[string(label)]
	if !ok {
		n = t.add(string(label))
	}
	if place < len(t.last) {
		t.last[place] = n
	} else if place == len(t.last) {
		t.last = append(t.last, n)
	}
	return n
}

// named returns the name of label.
func (t *names) named(label string) *name {
	if n, ok := t.known[label]; ok {
		return n
	}
	return t.add(label)
}

// add makes the name of a label not met before. Labels that differ only in bytes
// that are not UTF-8 are one name: they would be one member of a JSON object.
func (t *names) add(label string) *name {
	if t.known == nil {
		t.known, t.table = make(map[string]*name), new(byte)
	}
	text := string([]rune(label)) // U+FFFD for each byte that is not UTF-8
	n, ok := t.known[text]
	if !ok {
		n = newName(text, t.generation-1)
		t.known[text] = n
	}
	t.known[label] = n
	t.size += len(label) + len(text)
	return n
}

// find returns the name of label if it has been met, or nil.
func (t *names) find(label string) *name {
	n, ok := t.known[label]
	if !ok && !utf8.ValidString(label) {
		n = t.known[string([]rune(label))]
	}
	return n
}
