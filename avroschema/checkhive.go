package avroschema

import (
	"fmt"
	"slices"
	"strings"
)

// hiveChanges returns what Hive cannot have in next and had not in prev.
func hiveChanges(mode Mode, against int, next, prev *Schema) Changes {
	if mode == Full {
		mode = Backward // it is about the table, whose schema is next
	}
	if next.json == prev.json {
		return nil // Java, too, takes aliases only for what differs
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

// columns looks for columns that Hive cannot read, or tell from others.
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
	case n.kind == kindUnion:
		c.union(path, n, before)
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
	for _, alias := range f.aliases {
		if alias != f.name && n.byName(alias) != nil && before.byName(alias) != nil {
			c.add(path, RuleHive, "its alias takes the data of the field "+alias)
		}
	}
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
	renamed := slices.ContainsFunc(f.aliases, func(alias string) bool { return before.byName(alias) != nil })
	if f.def != nil && string(f.def) != "null" && !renamed && needsData(f.typ, map[*node]bool{}) {
		c.add(path, RuleHive, "Hive does not read the default of a decimal or a union of several types")
	}
}

// needsData reports whether Hive, for a value of type n, looks at the data's schema.
func needsData(n *node, seen map[*node]bool) bool {
	switch n = n.value(); n.kind {
	case kindBytes:
		return n.logical == logicalDecimal
	case kindUnion:
		return true
	case kindArray, kindMap:
		return needsData(n.items, seen)
	case kindRecord:
		if seen[n] {
			return false
		}
		seen[n] = true
		return slices.ContainsFunc(n.fields, func(f *field) bool { return needsData(f.typ, seen) })
	}
	return false
}

// union looks at a union of several types, which Hive reads only of data that has such a
// union of types that are all in n.
func (c *columns) union(path string, n, before *node) {
	if before.kind != kindUnion {
		c.add(path, RuleHive, "Hive reads a union of several types only where data has one")
		return
	}
	for _, old := range before.branches {
		i := slices.IndexFunc(n.branches, func(b *node) bool { return b.kind == old.kind && b.fullName() == old.fullName() })
		if i < 0 {
			c.add(path, RuleHive, "Hive does not read "+old.typeName()+" of a union as another type")
			continue
		}
		c.types(fmt.Sprint(path, "|", i), n.branches[i], old)
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
