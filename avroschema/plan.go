package avroschema

import (
	"fmt"

	"github.com/ltsvpipe/ltsvpipe/internal/textconv"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// maxSlots bounds the labels that a plan looks for: those of its fields, and of the
// fields of nested records with dots between. Records in records may double them with
// every level.
const maxSlots = 4096

// A Plan is a schema compiled for encoding, made by [Compile]. It is immutable: any
// number of goroutines may use it.
type Plan struct {
	schema *Schema
	root   *recordPlan
	kids   []*kid
	labels []string            // by slot, of which each field has one
	known  map[string]struct{} // labels that a field takes
	paths  []string            // of the fields, by their number
}

// Schema returns the schema that p was compiled from.
func (p *Plan) Schema() *Schema { return p.schema }

// A typePlan is how values of a type are encoded.
type typePlan struct {
	op               op
	precision, scale int
	size             int
	layouts          []string // of times; nil for the default
	symbols          map[string]int
	items            *typePlan
	record           *recordPlan
	branches         []*typePlan // of a union; nil at null
	null             int         // the branch of a union that is null, or -1
}

// An op is what an encoder does for a type: that of its logical type, or of its kind.
type op uint8

const (
	opNull op = iota
	opBool
	opInt
	opLong
	opFloat
	opDouble
	opBytes
	opString
	opUUID
	opFixed
	opEnum
	opDecimal
	opDecimalFixed
	opDate
	opTimeMillis
	opTimeMicros
	opTimestampMillis
	opTimestampMicros
	opLocalMillis
	opLocalMicros
	opArray
	opMap
	opRecord
	opUnion
)

// A recordPlan is how a record is encoded, at the top or nested.
type recordPlan struct {
	fields []fieldPlan
	quick  []quick // those of fields
	extras int     // the field that takes what no other does, or -1
	index  map[string]int
}

// A fieldPlan is one field of a record.
type fieldPlan struct {
	name, label string
	number      int // in the statistics

	quick
	typ      *typePlan // in a union of null and one type, of that one
	nullable bool
	nullText []byte // a null
	hasDef   bool
	def      []byte // the default as it is encoded
	mayMiss  bool
	missing  []byte // what the field is if there is no value
	mayNull  bool
	onNull   []byte // what it is if the value is null
	policy   FailurePolicy
	nulls    []string // texts that mean null
}

// A quick is what most values of a field need, together: a loop over some dozens of them
// stays in the fastest cache.
type quick struct {
	op       op   // of the field's type that is not null
	branched bool // branch stands before a value that is not null
	branch   byte
	nullByte bool // a null is the byte null
	null     byte
	// Of the texts that mean null: the length of the longest, -1 without any; whether no
	// byte is one, and whether only the byte token is besides.
	longest int32
	empty   bool
	short   bool
	token   byte
}

// appendBranch appends what stands before a value that is not null.
func (q *quick) appendBranch(dst []byte) []byte {
	if q.branched {
		return append(dst, q.branch)
	}
	return dst
}

// A kid is a nested record whose fields are looked for under labels with dots: it has
// slots of its own, from first on those of its fields, up to end those of its kids.
type kid struct {
	first, end int
	record     *recordPlan
	kids       []*kid // by field, nil for what is no record; nil if there is none
}

// isNull reports whether v is text that means null: one of texts, which are those of q.
func (q *quick) isNull(v *transform.Value, texts []string) bool {
	if v.Kind != transform.KindString || len(v.Bytes) > int(q.longest) {
		return false
	}
	switch {
	case len(v.Bytes) == 0:
		return q.empty
	case q.short:
		return v.Bytes[0] == q.token
	}
	for _, s := range texts {
		if string(v.Bytes) == s {
			return true
		}
	}
	return false
}

// Compile makes the plan of s, which must be a record. It refuses types that have no
// encoding from records, with a [*SchemaError] of [ErrUnsupported] and the path:
//
//   - the logical type duration, for which logs have no text
//   - decimals of more than 76 digits
//   - a union without branches
//
// A field takes the value under its label. One that is a nested record takes a JSON
// object, or, if there is no such value, the values under its label, a dot, and the
// labels of its fields: a.b is field b of the record a.
func Compile(s *Schema) (*Plan, error) {
	if s == nil || s.root == nil {
		return nil, errNoSchema
	}
	if s.root.kind != kindRecord {
		return nil, &SchemaError{"", fmt.Errorf("%w: not a record", ErrUnsupported)}
	}
	c := compiler{plan: &Plan{schema: s, known: map[string]struct{}{}}, records: map[*node]*recordPlan{}}
	t, err := c.typ("", s.root, nil)
	if err != nil {
		return nil, err
	}
	p := c.plan
	p.root = t.record
	if p.kids, err = c.place(p.root, "", map[*recordPlan]bool{}); err != nil {
		return nil, err
	}
	return p, nil
}

// A compiler is one Compile.
type compiler struct {
	plan     *Plan
	records  map[*node]*recordPlan
	defaults int // bytes of them
}

func (c *compiler) typ(path string, n *node, layouts []string) (*typePlan, error) {
	t := &typePlan{op: ops[n.kind], null: -1, precision: n.precision, scale: n.scale, size: n.size}
	if o, ok := logicalOps[n.logical]; ok {
		t.op = o
	}
	var err error
	switch {
	case n.logical == logicalDuration:
		return nil, &SchemaError{path, fmt.Errorf("%w: a duration", ErrUnsupported)}
	case n.logical == logicalDecimal:
		if n.precision > textconv.MaxDecimal {
			return nil, &SchemaError{path, fmt.Errorf("%w: a decimal of over %d digits", ErrUnsupported, textconv.MaxDecimal)}
		}
		if n.kind == kindFixed {
			t.op = opDecimalFixed
		}
	case n.logical.isTime():
		for _, l := range layouts {
			if err := checkTimeLayout(t.op, l); err != nil {
				return nil, &SchemaError{path, fmt.Errorf("%w: %w", ErrProperty, err)}
			}
		}
		t.layouts = layouts
	}
	switch n.kind {
	case kindEnum:
		t.symbols = make(map[string]int, len(n.symbols))
		for i, s := range n.symbols {
			t.symbols[s] = i
		}
	case kindArray:
		t.items, err = c.typ(path+"[]", n.items, nil)
	case kindMap:
		t.items, err = c.typ(path+"{}", n.items, nil)
	case kindRecord:
		t.record, err = c.record(path, n)
	case kindUnion:
		err = c.union(path, t, n, layouts)
	}
	return t, err
}

var ops = [...]op{
	kindNull: opNull, kindBoolean: opBool, kindInt: opInt, kindLong: opLong, kindFloat: opFloat, kindDouble: opDouble,
	kindBytes: opBytes, kindString: opString, kindRecord: opRecord, kindEnum: opEnum, kindArray: opArray, kindMap: opMap,
	kindFixed: opFixed, kindUnion: opUnion,
}

var logicalOps = map[logical]op{
	logicalDecimal: opDecimal, logicalUUID: opUUID, logicalDate: opDate,
	logicalTimeMillis: opTimeMillis, logicalTimeMicros: opTimeMicros,
	logicalTimestampMillis: opTimestampMillis, logicalTimestampMicros: opTimestampMicros,
	logicalLocalTimestampMillis: opLocalMillis, logicalLocalTimestampMicros: opLocalMicros,
}

func (c *compiler) union(path string, t *typePlan, n *node, layouts []string) error {
	if len(n.branches) == 0 {
		return &SchemaError{path, fmt.Errorf("%w: a union without branches", ErrUnsupported)}
	}
	for i, b := range n.branches {
		if b.kind == kindNull {
			t.null = i
			t.branches = append(t.branches, nil)
			continue
		}
		branch, err := c.typ(fmt.Sprintf("%s|%d", path, i), b, layouts)
		if err != nil {
			return err
		}
		t.branches = append(t.branches, branch)
	}
	return nil
}

// record makes the plan of n, once however often it is used. Its path is that of the
// first place.
func (c *compiler) record(path string, n *node) (*recordPlan, error) {
	if r, ok := c.records[n]; ok {
		return r, nil
	}
	r := &recordPlan{extras: -1, index: make(map[string]int, len(n.fields)), fields: make([]fieldPlan, len(n.fields))}
	c.records[n] = r
	for i, f := range n.fields {
		if f == n.extras {
			r.extras = i
		} else {
			r.index[f.label] = i
		}
		if err := c.field(join(path, f.name), &r.fields[i], f); err != nil {
			return nil, err
		}
	}
	r.quick = make([]quick, len(r.fields))
	for i := range r.fields {
		r.quick[i] = r.fields[i].quick
	}
	return r, nil
}

func (c *compiler) field(path string, p *fieldPlan, f *field) error {
	p.name, p.label, p.nulls, p.longest = f.name, f.label, f.nulls, -1
	bytes := 0
	for _, s := range f.nulls {
		p.longest = max(p.longest, int32(len(s)))
		p.empty = p.empty || s == ""
		if bytes += len(s); len(s) == 1 {
			p.token = s[0]
		}
	}
	p.short = bytes == 1
	p.number = len(c.plan.paths)
	c.plan.paths = append(c.plan.paths, path)
	p.policy = f.onError
	typ := f.typ
	if branch, ok := typ.takesNull(); ok {
		p.nullable = true
		if typ.kind == kindUnion {
			p.nullText = appendLong(nil, int64(branch))
		}
	}
	if other, _, branch, ok := typ.nullable(); ok {
		typ = other
		p.branched, p.branch = true, byte(branch)<<1
	}
	var err error
	if p.typ, err = c.typ(path, typ, f.layouts); err != nil {
		return err
	}
	p.op = p.typ.op
	if f.def != nil {
		p.hasDef = true
		if p.def, err = appendDefault(nil, f.typ, f.def, maxDefaultBytes-c.defaults); err != nil {
			return &SchemaError{path, err}
		}
		c.defaults += len(p.def)
	}
	p.mayMiss, p.missing = p.hasDef || p.nullable, p.nullText
	if p.hasDef {
		p.missing = p.def
	}
	p.mayNull, p.onNull = p.hasDef || p.nullable, p.nullText
	if !p.nullable {
		p.onNull = p.def
	}
	if len(p.onNull) == 1 {
		p.nullByte, p.null = true, p.onNull[0]
	}
	return nil
}

// place gives the fields of r, whose labels have prefix in front, slots, and the records
// in it theirs. It does not follow a record into itself.
func (c *compiler) place(r *recordPlan, prefix string, inside map[*recordPlan]bool) (kids []*kid, err error) {
	p := c.plan
	if len(p.labels)+len(r.fields) > maxSlots {
		return nil, &SchemaError{prefix, fmt.Errorf("%w: over %d labels", ErrTooLarge, maxSlots)}
	}
	for i := range r.fields {
		label := prefix + r.fields[i].label
		p.labels = append(p.labels, label)
		if i != r.extras {
			p.known[label] = struct{}{}
		}
	}
	inside[r] = true
	defer delete(inside, r)
	for i := range r.fields {
		f := &r.fields[i]
		if f.typ.op != opRecord || inside[f.typ.record] {
			continue
		}
		k := &kid{first: len(p.labels), record: f.typ.record}
		if k.kids, err = c.place(k.record, prefix+f.label+".", inside); err != nil {
			return nil, err
		}
		k.end = len(p.labels)
		if kids == nil {
			kids = make([]*kid, len(r.fields))
		}
		kids[i] = k
	}
	return kids, nil
}
