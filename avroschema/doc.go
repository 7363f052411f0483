// Package avroschema makes Avro of records: a schema, how it may change, and what Hive
// makes of it.
//
// # Schemas
//
// A [Schema] comes from a description of which labels become which columns:
//
//	spec := avroschema.Spec{
//		Name: "AccessLog", Namespace: "com.example.logs",
//		Fields: []avroschema.Field{
//			{Label: "@timestamp", Name: "timestamp", Type: avroschema.TypeTimestampMillis, Required: true},
//			{Label: "status", Type: avroschema.TypeInt, Required: true},
//			{Label: "size", Type: avroschema.TypeLong}, // null without a value
//		},
//	}
//	schema, err := spec.Schema()
//
// or from JSON that a user has ([Parse]), or, for a first draft, from sample records
// ([Inferrer]). It is checked and immutable, its JSON is whole, its canonical form and
// fingerprints are those of Java's Avro. What a field takes and how (label, layouts of
// times, texts that mean null, what becomes of a value that does not convert) is in the
// JSON too, as properties that other readers ignore: the JSON that a registry keeps is
// all that is needed to encode.
//
// # Names
//
// Labels are any text, names of columns are not: [Name] makes one of the other. Labels
// that come to one name are an error, or get names that do not depend on their order
// ([Collision]); names that were published stay ([Spec.Previous]).
//
// # Evolution
//
// Whoever reads the data has another version of the schema sooner or later. [Check] says
// what changes between versions, each change with its place and rule, and which break the
// promise of a [Mode]: by Avro's rules, and by those that Avro does not have, such as
// milliseconds that become microseconds or columns that differ by case only.
//
//	changes := avroschema.Check(avroschema.FullTransitive, next, published...)
//	if err := changes.Err(); err != nil {
//		return err
//	}
//
// # Hive
//
// [HiveDDL] and [HiveAddPartition] write the statements that make a table of the files,
// [HiveIssues] says what Hive cannot read of a schema, or reads as something else.
//
// # Limits
//
// A schema's JSON has at most [MaxSchemaBytes] and nests at most 64 levels deep. What
// exceeds a limit, or is wrong, is a [*SchemaError] with its place.
package avroschema
