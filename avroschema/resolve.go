package avroschema

import (
	"fmt"
	"slices"
)

// compare returns what happens when reader reads data of writer, by the Avro
// specification, "Schema Resolution", and what changes its meaning.
func compare(mode Mode, against int, reader, writer *Schema) Changes {
	steps := maxComparisons
	c := &comparison{open: map[[2]*node]bool{}, steps: &steps}
	c.types("", reader.root, writer.root)
	for i := range c.found {
		c.found[i].Mode, c.found[i].Against = mode, against
	}
	return c.found
}

// maxComparisons bounds the work: named types may hold others twice, which hold others
// twice, and so on.
const maxComparisons = 100_000

type comparison struct {
	found Changes
	open  map[[2]*node]bool // named types that are being compared
	steps *int              // that may still be made
}

func (c *comparison) add(path string, rule Rule, breaks bool, format string, args ...any) {
	c.found = append(c.found, Change{Path: path, Rule: rule, Breaks: breaks, Detail: fmt.Sprintf(format, args...)})
}

// broken reports whether Avro refuses one of the changes.
func broken(all Changes) bool {
	return slices.ContainsFunc(all, func(c Change) bool { return c.Breaks && c.Rule.Avro() })
}

// types compares what stands at path.
func (c *comparison) types(path string, r, w *node) {
	if *c.steps--; *c.steps < 0 {
		c.add(path, RuleType, true, "the schemas are too intricate to compare")
		return
	}
	switch {
	case w.kind == kindUnion:
		for _, branch := range w.branches {
			c.branch(path, r, branch)
		}
	case r.kind == kindUnion:
		c.branch(path, r, w)
	case r.kind == w.kind:
		c.sameKind(path, r, w)
	case promotes(w.kind, r.kind):
		c.add(path, RulePromoted, false, "%s is read as %s", w.kind, r.kind)
		c.logical(path, r, w)
	default:
		c.add(path, RuleType, true, "%s is read as %s", w.kind, r.kind)
	}
}

// promotes reports whether readers of kind to take data of kind from.
func promotes(from, to kind) bool {
	switch from {
	case kindInt, kindLong, kindFloat:
		return from < to && to <= kindDouble
	}
	return from == kindString && to == kindBytes || from == kindBytes && to == kindString
}

// branch compares one branch of a writer's union, or a type that is in none, with what
// may be a reader's union: with its first branch of the same type, else the first that
// takes it.
func (c *comparison) branch(path string, r, w *node) {
	if r.kind != kindUnion {
		if r.kind != w.kind && !promotes(w.kind, r.kind) {
			c.add(path, RuleUnion, true, "data may be %s, which is read as %s", w.typeName(), r.typeName())
			return
		}
		c.types(path, r, w)
		return
	}
	for _, same := range []bool{true, false} {
		for _, b := range r.branches {
			if (b.kind == w.kind) != same || *c.steps < 0 {
				continue
			}
			if attempt := c.attempt(path, b, w); !broken(attempt) {
				c.found = append(c.found, attempt...)
				return
			}
		}
	}
	c.add(path, RuleUnion, true, "the reader's union has no type for %s", w.typeName())
}

// attempt compares two types apart from what was found so far.
func (c *comparison) attempt(path string, r, w *node) Changes {
	try := &comparison{open: c.open, steps: c.steps}
	try.types(path, r, w)
	return try.found
}

func (c *comparison) sameKind(path string, r, w *node) {
	if r.kind.named() {
		pair := [2]*node{r, w}
		if c.open[pair] {
			return // as good as what it is part of
		}
		c.open[pair] = true
		defer delete(c.open, pair)
		if r.name != w.name && !slices.Contains(r.aliases, w.fullName()) {
			c.add(path, RuleName, true, "%s is read as %s", w.fullName(), r.fullName())
			return
		}
	}
	switch r.kind {
	case kindArray:
		c.types(path+"[]", r.items, w.items)
	case kindMap:
		c.types(path+"{}", r.items, w.items)
	case kindFixed:
		if r.size != w.size {
			c.add(path, RuleSize, true, "%d bytes are read as %d", w.size, r.size)
		}
	case kindEnum:
		c.symbols(path, r, w)
	case kindRecord:
		c.fields(path, r, w)
	}
	c.logical(path, r, w)
}

func (c *comparison) symbols(path string, r, w *node) {
	for _, symbol := range w.symbols {
		switch {
		case slices.Contains(r.symbols, symbol):
		case r.symbol != "":
			c.add(path, RuleSymbol, false, "%s is read as %s", symbol, r.symbol)
		default:
			c.add(path, RuleSymbol, true, "%s is unknown to the reader", symbol)
		}
	}
}

func (c *comparison) fields(path string, r, w *node) {
	read := map[*field]bool{}
	for _, f := range r.fields {
		path := join(path, f.name)
		*c.steps -= len(w.fields) * len(f.aliases)
		source, several := w.source(f)
		switch {
		case several:
			c.add(path, RuleAmbiguous, true, "it is found by its aliases more than once")
			continue
		case source == nil:
			c.missing(path, f)
			continue
		case source.name != f.name:
			c.add(path, RuleAlias, false, "it is found as %s", source.name)
		}
		read[source] = true
		if f.label != source.label {
			c.add(path, RuleLabel, false, "label %s, with the data %s", f.label, source.label)
		}
		if f.def != nil && source.def != nil && string(f.def) != string(source.def) {
			c.add(path, RuleNewValue, false, "the defaults differ")
		}
		c.types(path, f.typ, source.typ)
	}
	for _, f := range w.fields {
		if !read[f] {
			c.add(join(path, f.name), RuleIgnored, false, "the reader has no such field")
		}
	}
}

// missing notes that the data lacks the reader's field f.
func (c *comparison) missing(path string, f *field) {
	if f.def == nil {
		c.add(path, RuleDefault, true, "the data has no such field, and there is no default")
		return
	}
	c.add(path, RuleDefault, false, "the data has no such field: its default is read")
}

// source returns the field of w's data that the reader's field f takes, by its name or
// an alias; several is true if there are more than one.
func (w *node) source(f *field) (source *field, several bool) {
	for _, candidate := range w.fields {
		if candidate.name != f.name && !slices.Contains(f.aliases, candidate.name) {
			continue
		}
		if source != nil {
			return nil, true
		}
		source = candidate
	}
	return source, false
}

// logical compares what numbers and bytes mean.
func (c *comparison) logical(path string, r, w *node) {
	switch {
	case r.logical == logicalDecimal || w.logical == logicalDecimal:
		if r.logical != w.logical || r.scale != w.scale || r.precision < w.precision {
			c.add(path, RuleDecimal, true, "%s is read as %s", w.meaning(), r.meaning())
		} else if r.precision > w.precision {
			c.add(path, RuleDecimal, false, "%s is read as %s", w.meaning(), r.meaning())
		}
	case r.logical != w.logical:
		c.add(path, RuleLogical, r.logical != logicalNone && w.logical != logicalNone, "%s is read as %s", w.meaning(), r.meaning())
	}
}

// meaning returns n's logical type for people, or its type if it has none.
func (n *node) meaning() string {
	switch n.logical {
	case logicalNone:
		return n.kind.String()
	case logicalDecimal:
		return fmt.Sprintf("decimal(%d,%d)", n.precision, n.scale)
	}
	return n.logical.String()
}
