// Package jsonrec takes records to JSON objects and back.
//
//	var enc jsonrec.Encoder // one a goroutine
//	out, err = enc.Append(out, rec)
//
// An [Encoder] writes the fields of a record in their order, each with the type
// its kind says. Whatever bytes strings and labels hold, the object is valid JSON
// (RFC 8259), and no object has two members of one name, which Elasticsearch would
// refuse. Dotted labels are flat members, or nested objects on request; fields that
// nobody listed can go into an object of their own.
//
//	worker := chain.NewWorker(jsonrec.Decoder{})
//	rec, err := worker.Process([]byte(`{"status":200,"bot":false}`))
//
// A [Decoder] is the way back, strict and bounded: anything but one object of valid
// JSON in UTF-8, without duplicate members, within limits of size, number and
// depth, is a [*SyntaxError] that quotes nothing. It allocates nothing and copies
// only strings with escapes.
//
// A [Struct] takes records into structs of the caller's and back. [Marshal] serves
// where speed does not matter.
package jsonrec
