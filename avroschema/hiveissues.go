package avroschema

import (
	"fmt"
	"slices"
	"strings"
)

// Limits of Hive.
const (
	sureHiveColumn = 128  // bytes of a column's name that every metastore can hold
	maxHiveColumn  = 767  // bytes of a column's name that any can
	maxHiveComment = 256  // UTF-16 units of a column's comment, which is its field's doc
	maxHiveLiteral = 4000 // bytes of a table's property that metastores before Hive 2.3 can hold
)

// A HiveIssue is something in a schema that Hive's AvroSerDe cannot read, or reads as
// something that one might not expect.
type HiveIssue struct {
	Path   string // as in SchemaError
	Breaks bool   // the table cannot be created or read; else it is for the reader to know
	Detail string
}

// String returns h in one line.
func (h HiveIssue) String() string {
	if h.Path == "" {
		return h.Detail
	}
	return h.Path + ": " + h.Detail
}

// HiveIssues returns what Hive does not read, or not as it is meant, of data of schema s
// in the table t. Hive reads ["null", T] as a T that may be null, decimals of bytes, date,
// and of times timestamp-millis only. What is said here is what Hive 4.1 does; Spark, which
// reads tables of Hive's, has no union of several types at all. What Hive cannot do with
// data of earlier schemas, [Check] says.
func HiveIssues(s *Schema, t HiveTable) []HiveIssue {
	w := &hiveWalk{open: map[*node]bool{}, steps: maxComparisons}
	if s.root.kind != kindRecord {
		w.add("", true, "only a record has columns")
		return w.found
	}
	if t.SchemaURL == "" && len(hiveSchema(s)) > maxHiveLiteral {
		w.add("", false, "the schema is over %d bytes, which metastores before Hive 2.3 cut: use SchemaURL", maxHiveLiteral)
	}
	for _, f := range s.root.fields {
		w.column(f, t)
	}
	w.types("", s.root)
	return w.found
}

type hiveWalk struct {
	found []HiveIssue
	open  map[*node]bool // records around what is looked at
	steps int
}

func (w *hiveWalk) add(path string, breaks bool, format string, args ...any) {
	w.found = append(w.found, HiveIssue{path, breaks, fmt.Sprintf(format, args...)})
}

// column looks at what the metastore keeps of a column.
func (w *hiveWalk) column(f *field, t HiveTable) {
	if isPartition(t.partitions(), f.name) {
		w.add(f.name, true, "a partition column has this name")
	}
	switch {
	case len(f.name) > maxHiveColumn:
		w.add(f.name, true, "the name is over %d bytes, which no metastore holds", maxHiveColumn)
	case len(f.name) > sureHiveColumn:
		w.add(f.name, false, "the name is over %d bytes, which some metastores do not hold", sureHiveColumn)
	}
	switch {
	case len(hiveComment(f.doc)) == len(f.doc):
	case t.SchemaURL == "":
		w.add(f.name, false, "the doc is cut to %d characters, for metastores hold no more", maxHiveComment)
	default:
		w.add(f.name, true, "the doc is over %d characters, which metastores do not hold", maxHiveComment)
	}
}

func (w *hiveWalk) types(path string, n *node) {
	if w.steps--; w.steps == 0 {
		w.add(path, true, "the schema is too intricate")
	}
	if w.steps <= 0 {
		return
	}
	if n.kind == kindUnion {
		if _, _, _, ok := n.nullable(); !ok {
			w.add(path, false, "a union of other than null and one type is a uniontype, which nothing can be compared with")
			for i, b := range n.branches {
				if b.kind != kindNull {
					w.types(fmt.Sprint(path, "|", i), b)
				}
			}
			return
		}
		n = n.value()
	}
	switch n.kind {
	case kindNull:
		w.add(path, false, "a type of nothing but null is void, which other tables cannot have")
	case kindEnum:
		w.add(path, false, "an enum is a string")
	case kindArray:
		w.types(path+"[]", n.items)
	case kindMap:
		w.types(path+"{}", n.items)
	case kindRecord:
		w.record(path, n)
	}
	w.logical(path, n)
}

func (w *hiveWalk) record(path string, n *node) {
	if w.open[n] {
		w.add(path, true, "a record in itself")
		return
	}
	w.open[n] = true
	defer delete(w.open, n)
	if len(n.fields) == 0 && path == "" {
		w.add(path, true, "a record without fields")
	}
	for i, f := range n.fields {
		path := join(path, f.name)
		if slices.ContainsFunc(n.fields[:i], func(o *field) bool { return strings.EqualFold(o.name, f.name) }) {
			w.add(path, true, "another field is the same column, for case does not count")
		}
		if f.name != strings.ToLower(f.name) {
			w.add(path, false, "the column is called %s", strings.ToLower(f.name))
		}
		if needsBackquotes(f.name) {
			w.add(path, false, "the name needs backquotes in queries")
		}
		w.types(path, f.typ)
	}
}

func (w *hiveWalk) logical(path string, n *node) {
	switch n.logical {
	case logicalNone, logicalDate, logicalTimestampMillis, logicalUUID:
	case logicalDecimal:
		if n.kind == kindFixed {
			w.add(path, false, "a decimal of fixed bytes is read as binary")
		} else if n.precision > maxDecimal {
			w.add(path, true, "a decimal of more than %d digits", maxDecimal)
		}
	default:
		column := map[kind]string{kindInt: "int", kindLong: "bigint", kindFixed: "binary"}[n.kind]
		w.add(path, false, "%s is read as %s", n.logical, column)
	}
}
