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
	var all Changes
	seen := map[*node]bool{}
	var walk func(path string, n, before *node)
	walk = func(path string, n, before *node) {
		n, before = n.value(), before.value()
		for n.items != nil && before.items != nil && n.kind == before.kind {
			path += map[kind]string{kindArray: "[]", kindMap: "{}"}[n.kind]
			n, before = n.items.value(), before.items.value()
		}
		if n.kind != kindRecord || before.kind != kindRecord || seen[n] {
			return
		}
		seen[n] = true
		for i, f := range n.fields {
			path := join(path, f.name)
			old := before.byName(f.name)
			if old != nil {
				walk(path, f.typ, old.typ)
				continue
			}
			add := func(rule Rule, detail string) {
				all = append(all, Change{path, rule, true, mode, against, detail})
			}
			sameColumn := func(other *field) bool { return other != f && strings.EqualFold(other.name, f.name) }
			if j := slices.IndexFunc(n.fields, sameColumn); j >= 0 && (j < i || before.byName(n.fields[j].name) != nil) {
				add(RuleCase, "the field "+n.fields[j].name+" is the same column")
			} else if j := slices.IndexFunc(before.fields, sameColumn); j >= 0 && !slices.Contains(f.aliases, before.fields[j].name) {
				add(RuleCase, "it was "+before.fields[j].name+", which Hive takes for the same and Avro does not")
			}
			if n == next.root && slices.ContainsFunc(defaultPartitions, func(p string) bool { return strings.EqualFold(p, f.name) }) {
				add(RulePartition, "a partition column has this name")
			}
		}
	}
	walk("", next.root, prev.root)
	return all
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
