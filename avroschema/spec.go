package avroschema

import "fmt"

// A Spec describes a record from the side of the log: which labels become which
// columns. [Spec.Schema] makes the Avro schema of it, and does not keep it. A Spec is a
// plain value: goroutines may share it while nobody changes it.
type Spec struct {
	// Name of the record, as AccessLog; needed. Namespace, as com.example.logs, is
	// optional.
	Name, Namespace string

	Doc     string
	Aliases []string // former names, with their namespace if it was another

	// Fields in the order in which they are encoded.
	Fields []Field

	// Nulls are the texts that mean "no value" in every field that has none of its
	// own: "-", "". Default: none, a "-" is text like any other.
	Nulls []string

	// Extras names one more field, behind the others: a map of string that takes what
	// no field is for, by label. Default: none, such labels are not encoded.
	Extras string

	// Collisions says what becomes of labels that come to one name. Default: an error.
	Collisions Collision

	// Previous pins the names that were published: a label that it has keeps its name.
	// Default: none.
	Previous *Schema
}

// A Field describes one field of a record. The zero value of everything but Label or
// Name is a nullable string.
//
// What Avro has no place for stays in the schema's JSON as properties: ltsv.label,
// ltsv.layouts, ltsv.nulls, ltsv.onerror, and ltsv.extras on the field that is
// [Spec.Extras]. Other readers ignore them; [Parse] reads them back.
type Field struct {
	// Label of the record's field. Default: Name.
	Label string

	// Name of the Avro field, the Hive column. Default: pinned by Spec.Previous, else
	// [Name] of Label.
	Name string

	// Type of the values that are not null. Default TypeString.
	Type Type

	// Precision and Scale of TypeDecimal, in decimal digits: 1 ≤ Precision ≤ 38 (what
	// Hive can hold), 0 ≤ Scale ≤ Precision. Zero for other types.
	Precision, Scale int

	// Record describes the nested record of TypeRecord, whose value is a JSON object
	// with its labels as members. Its name must be another than those of the other
	// records; its namespace is that of the outer one unless it says otherwise. It has
	// no Extras.
	Record *Spec

	// Required fields are never null: a record without the label, or with a null, gets
	// Default, or is rejected if there is none. Default: the field is a union with
	// null, which missing labels become.
	Required bool

	// Default is what a missing label becomes, and what readers see in data that was
	// written before the field was there: a string, a bool, an integer or float; the
	// text of a decimal; []byte; time.Time, or the integer it is encoded as; []string;
	// map[string]string. TypeRecord has none. Default: null if the field is not
	// Required, else none.
	Default any

	// Layouts of times: those of package transform, and any of package time. Default:
	// those of [transform.Time].
	Layouts []string

	// Nulls are the texts that mean "no value" here. Default (nil): Spec.Nulls. An
	// empty list that is not nil is none.
	Nulls []string

	// OnError says what becomes of a value that does not convert. Default: null, or
	// for a required field to reject the record.
	OnError FailurePolicy

	// Aliases are former names of the field, by which readers with this schema find it
	// in older data.
	Aliases []string
	Doc     string
}

// A Type is what the values of a field are encoded as.
type Type uint8

const (
	TypeString          Type = iota // string, UTF-8; invalid bytes become U+FFFD
	TypeInt                         // int, 32 bits
	TypeLong                        // long, 64 bits
	TypeFloat                       // float, 32 bits
	TypeDouble                      // double, 64 bits
	TypeBool                        // boolean
	TypeBytes                       // bytes, as they are
	TypeTimestampMillis             // long, timestamp-millis: milliseconds since 1970 in UTC
	TypeTimestampMicros             // long, timestamp-micros; Hive reads it as a bigint
	TypeDate                        // int, date: days since 1970
	TypeDecimal                     // bytes, decimal
	TypeMap                         // map of string
	TypeArray                       // array of string
	TypeRecord                      // record
)

var typeNames = [...]string{
	"string", "int", "long", "float", "double", "bool", "bytes", "timestamp-millis", "timestamp-micros",
	"date", "decimal", "map", "array", "record",
}

// String returns the name of t.
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return fmt.Sprintf("Type(%d)", t)
}

// A Collision says what becomes of labels that come to one name, such as user-id and
// user.id. Whatever it says, a label that is its own name keeps it, as does one whose
// name [Spec.Previous] pins.
type Collision uint8

const (
	CollisionError Collision = iota // [ErrCollision]
	// CollisionSuffix gives every label of them the name with _ and eight hexadecimal
	// digits of the label's SHA-256 behind it. That does not depend on the order of the
	// fields, nor on which of the labels came first.
	CollisionSuffix
)
