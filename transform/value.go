package transform

import "slices"

// A Kind says what the bytes of a value are the text of.
type Kind uint8

const (
	KindString Kind = iota // any bytes
	KindNumber             // a number by the grammar of JSON, digits as they were
	KindBool               // true or false
	KindNull               // nothing: Bytes is not looked at
	KindJSON               // one JSON value of any kind, valid and without line ends
)

var kindNames = [...]string{"string", "number", "bool", "null", "JSON"}

// String returns the name of k.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// A Value is the value of a field: bytes and what they are the text of. Whoever
// makes one answers for the bytes fitting the kind; encoders trust it.
type Value struct {
	Kind  Kind
	Bytes []byte
}

// String returns a Value of [KindString].
func String(b []byte) Value { return Value{KindString, b} }

// Null is the value of a field that is there and has none.
var Null = Value{Kind: KindNull}

// True and False are the two values of [KindBool]. All records share their bytes, which,
// like those of any value, are not to be changed.
var (
	True  = Value{KindBool, slices.Clip([]byte("true"))}
	False = Value{KindBool, slices.Clip([]byte("false"))}
)
