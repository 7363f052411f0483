package avroschema

import (
	"slices"
	"strings"
)

// hiveChanges returns what Hive cannot have in next and had not in prev.
func hiveChanges(mode Mode, against int, next, prev *Schema) Changes {
	if mode == Full {
		mode = Backward // it is about the table, whose schema is next
	}
	c := &columns{seen: map[*node]bool{}}
	c.types("", next.root, prev.root)
	if next.root.kind == kindRecord && prev.root.kind == kindRecord {
		c.partitions(next.root, prev.root)
	}
	for i := range c.found {
		c.found[i].Mode, c.found[i].Against = mode, against
	}
	return c.found
}

// columns looks for columns that Hive cannot tell from others.
type columns struct {
	found Changes
	seen  map[*node]bool // records
}

func (c *columns) add(path string, rule Rule, detail string) {
	c.found = append(c.found, Change{Path: path, Rule: rule, Breaks: true, Detail: detail})
}

// types compares what stands at path.
func (c *columns) types(path string, n, before *node) {
	n, before = n.value(), before.value()
	switch {
	case n.kind != before.kind:
	case n.kind == kindArray:
		c.types(path+"[]", n.items, before.items)
	case n.kind == kindMap:
		c.types(path+"{}", n.items, before.items)
	case n.kind == kindRecord && !c.seen[n]:
		c.seen[n] = true
		for i := range n.fields {
			c.field(path, n, i, before)
		}
	}
}

// field looks at the i-th field of the record n, which was before.
func (c *columns) field(path string, n *node, i int, before *node) {
	f := n.fields[i]
	path = join(path, f.name)
	if old := before.byName(f.name); old != nil {
		c.types(path, f.typ, old.typ)
		return
	}
	twin := n.twin(f)
	if twin != nil && (slices.Index(n.fields, twin) < i || before.byName(twin.name) != nil) {
		c.add(path, RuleCase, "the field "+twin.name+" is the same column")
		return
	}
	if old := before.twin(f); old != nil && !slices.Contains(f.aliases, old.name) {
		c.add(path, RuleCase, "it was "+old.name+", which Hive takes for the same and Avro does not")
	}
}

// partitions looks for new fields that are called as partition columns.
func (c *columns) partitions(n, before *node) {
	for _, f := range n.fields {
		if before.byName(f.name) == nil && isPartition(defaultPartitions, f.name) {
			c.add(f.name, RulePartition, "a partition column has this name")
		}
	}
}

// twin returns another field of the record n whose name differs from f's by case only,
// or nil.
func (n *node) twin(f *field) *field {
	for _, other := range n.fields {
		if other != f && other.name != f.name && strings.EqualFold(other.name, f.name) {
			return other
		}
	}
	return nil
}

// byName returns the field of the record n that is called name, or nil.
func (n *node) byName(name string) *field {
	for _, f := range n.fields {
		if f.name == name {
			return f
		}
	}
	return nil
}

// isPartition reports whether a partition column is called name, in whatever case.
func isPartition(partitions []string, name string) bool {
	return slices.ContainsFunc(partitions, func(p string) bool { return strings.EqualFold(p, name) })
}
