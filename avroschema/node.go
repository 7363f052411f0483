package avroschema

// A kind is one of Avro's types.
type kind uint8

const (
	kindNull kind = iota
	kindBoolean
	kindInt
	kindLong
	kindFloat
	kindDouble
	kindBytes
	kindString
	kindRecord
	kindEnum
	kindArray
	kindMap
	kindFixed
	kindUnion
)

var kindNames = [...]string{
	"null", "boolean", "int", "long", "float", "double", "bytes", "string",
	"record", "enum", "array", "map", "fixed", "union",
}

func (k kind) String() string { return kindNames[k] }

// primitive returns the kind of a primitive type's name.
func primitive(name string) (kind, bool) {
	for k := kindNull; k <= kindString; k++ {
		if kindNames[k] == name {
			return k, true
		}
	}
	return 0, false
}

// named reports whether types of kind k have a name.
func (k kind) named() bool { return k == kindRecord || k == kindEnum || k == kindFixed }

// A logical type is one that the Avro specification names for the kind of its node.
type logical uint8

const (
	logicalNone                 logical = iota // or one that nobody knows, or that is not valid: it is a property then
	logicalDecimal                             // of bytes and fixed
	logicalUUID                                // of string
	logicalDate                                // of int
	logicalTimeMillis                          // of int
	logicalTimeMicros                          // of long, as the rest
	logicalTimestampMillis                     //
	logicalTimestampMicros                     //
	logicalLocalTimestampMillis                //
	logicalLocalTimestampMicros                //
	logicalDuration                            // of fixed(12)
)

var logicalNames = [...]string{
	"", "decimal", "uuid", "date", "time-millis", "time-micros", "timestamp-millis", "timestamp-micros",
	"local-timestamp-millis", "local-timestamp-micros", "duration",
}

func (l logical) String() string { return logicalNames[l] }

// isTime reports whether text of type l is read by layouts.
func (l logical) isTime() bool { return logicalDate <= l && l <= logicalLocalTimestampMicros }

// A node is one type of a schema, once [Parse] is done immutable. Each named type is
// one node however often it is used, so the graph has cycles if the schema has.
type node struct {
	kind    kind
	logical logical

	precision, scale int // of a decimal; bytes: 1 and above; 0 ≤ scale ≤ precision

	// Of named types.
	space   string   // namespace, empty for none
	name    string   // without it
	aliases []string // full names
	doc     string

	isError bool     // a record declared as an error, of protocols
	fields  []*field // of a record
	extras  *field   // the one of fields that takes what no other does, nil for none: a map of string
	nulls   []string // of a record: property ltsv.nulls

	symbols []string // of an enum
	symbol  string   // its default, empty for none

	items    *node   // of an array; values of a map
	branches []*node // of a union
	size     int     // of a fixed, bytes

	props []property // by name
}

// A field is one of a record.
type field struct {
	name    string
	label   string // of the record's field that it takes
	aliases []string
	doc     string
	order   string // empty is ascending

	typ *node
	def []byte // the default, compact JSON that fits typ, of a union its first branch; nil for none

	onError   FailurePolicy // never OnErrorAuto
	layouts   []string      // nil for those of the encoder
	nulls     []string      // texts that mean null: its own, or those of its record
	ownNulls  bool
	autoError bool // onError is what OnErrorAuto comes to

	props []property // by name, without those of this package
}

// A property is an attribute of a schema that Avro gives no meaning.
type property struct {
	name  string
	value []byte // compact JSON
}

// fullName returns the name of a named type with its namespace.
func (n *node) fullName() string { return qualified(n.space, n.name) }

// nullable returns the other branch of a union of null and one type, and the numbers
// of both. If n is no such union, ok is false.
func (n *node) nullable() (other *node, null, index int, ok bool) {
	if n.kind != kindUnion || len(n.branches) != 2 {
		return nil, 0, 0, false
	}
	for i, b := range n.branches {
		if b.kind == kindNull {
			return n.branches[1-i], i, 1 - i, true
		}
	}
	return nil, 0, 0, false
}

// takesNull returns the number of the branch that is null; n may be null itself.
func (n *node) takesNull() (branch int, ok bool) {
	if n.kind == kindNull {
		return 0, true
	}
	for i, b := range n.branches {
		if b.kind == kindNull {
			return i, true
		}
	}
	return 0, false
}

// value returns the type of a field's values that are not null: the other branch of a
// nullable union, or n.
func (n *node) value() *node {
	if other, _, _, ok := n.nullable(); ok {
		return other
	}
	return n
}
