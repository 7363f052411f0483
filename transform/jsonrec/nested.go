package jsonrec

import (
	"strings"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// maxParts is the most parts of a label that [Encoder.Nested] makes objects of.
// Elasticsearch takes 20 levels by default.
const maxParts = 16

// nests reports whether label is made of more than one part, none of them empty.
func nests(label string) bool {
	dots := strings.Count(label, ".")
	return dots > 0 && dots < maxParts &&
		label[0] != '.' && label[len(label)-1] != '.' && !strings.Contains(label, "..")
}

// A tree puts fields into objects by the parts of their labels. Its nodes stay from
// record to record, so that nothing is allocated for labels met before; what a
// record has of them is marked by the number of the record.
type tree struct {
	record uint64
	paths  [2]map[string]*node // of the record's own object, and of Unlisted
	roots  [2]node
}

// A node is a member of an object: a field of one record, perhaps an object in
// another, never both in one.
type node struct {
	name   jsonscan.Name
	parent *node
	field  uint64 // the last record that had a field of just this label
	object uint64 // the last record that had fields below

	// In that record:
	value       transform.Value
	next        *node // sibling
	first, last *node // children
}

func rootOf(m *member) int {
	if m.unlisted {
		return 1
	}
	return 0
}

// place gives m its nodes.
func (t *tree) place(m *member) {
	root := rootOf(m)
	if !nests(m.label) {
		m.node = t.at(root, &t.roots[root], m.label, m.label)
		return
	}
	// A flat member of a label with dots is never in the way of an object, whose
	// names have none.
	m.flat = &node{name: m.name, parent: &t.roots[root]}
	n := &t.roots[root]
	for from := 0; from <= len(m.label); {
		to := from + strings.IndexByte(m.label[from:], '.')
		if to < from {
			to = len(m.label)
		}
		n = t.at(root, n, m.label[:to], m.label[from:to])
		from = to + 1
	}
	m.node = n
}

// at returns the node of path, which is called name in parent.
func (t *tree) at(root int, parent *node, path, name string) *node {
	n := t.paths[root][path]
	if n == nil {
		if t.paths[root] == nil {
			t.paths[root] = make(map[string]*node)
		}
		n = &node{name: jsonscan.NewName(name), parent: parent}
		t.paths[root][path] = n
	}
	return n
}

// append appends the members that fields make.
func (t *tree) append(dst []byte, fields []pending, unlisted *jsonscan.Name) []byte {
	t.record++
	for _, f := range fields {
		f.m.node.field = t.record
	}
	for _, f := range fields {
		t.link(f)
	}
	dst = t.appendMembers(dst, &t.roots[0])
	if t.roots[1].object == t.record {
		dst = unlisted.Append(dst)
		dst = t.appendObject(dst, &t.roots[1])
	}
	return dst
}

// link puts a field under the objects that it is in.
func (t *tree) link(f pending) {
	n := f.m.node
	for up := n.parent; up != nil; up = up.parent {
		if up.field == t.record { // what would be the object is a field
			n = f.m.flat
			n.field = t.record
			break
		}
	}
	n.value = f.v
	for up := n.parent; up != nil; n, up = up, up.parent {
		n.next = nil
		if up.object == t.record {
			up.last.next = n
			up.last = n
			return
		}
		up.object, up.first, up.last = t.record, n, n
	}
}

// appendMembers appends what n holds in this record, if anything.
func (t *tree) appendMembers(dst []byte, n *node) []byte {
	if n.object != t.record {
		return dst
	}
	for c := n.first; c != nil; c = c.next {
		if c.field == t.record {
			dst = appendMember(dst, &c.name, c.value)
			c.value = transform.Value{} // not kept
			continue
		}
		dst = c.name.Append(dst)
		dst = t.appendObject(dst, c)
	}
	return dst
}

func (t *tree) appendObject(dst []byte, n *node) []byte {
	start := len(dst)
	return closeObject(t.appendMembers(dst, n), start)
}
