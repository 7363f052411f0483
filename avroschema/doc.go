// Package avroschema makes Avro of records: a schema, compiled into an encoder.
//
// A schema comes from a description ([Spec]) or from JSON that a user has ([Parse]),
// and is immutable.
package avroschema
