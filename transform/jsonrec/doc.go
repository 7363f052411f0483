// Package jsonrec encodes records as JSON objects.
//
// An [Encoder] writes the fields of a record in their order, each with the type
// its kind says. Whatever bytes strings hold, the object is valid JSON (RFC 8259).
package jsonrec
