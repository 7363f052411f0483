// Package avroschema encodes records as Avro: it makes schemas, compiles them into
// encoders, writes container files, compares versions of a schema, and writes the
// statements by which Hive reads the files.
//
// # Schemas
//
// A [Spec] says which labels become which columns:
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
// [Parse] reads the JSON of a schema that is there already, and an [Inferrer] drafts a
// Spec from sample records. A [Schema] is checked and immutable. Its canonical form and
// fingerprints are those of Java's Avro. Labels, layouts of times, texts that mean null
// and failure policies are in its JSON too, as properties that other readers ignore: the
// JSON that a registry keeps is all that is needed to encode.
//
// # Encoding
//
// [Compile] makes a [Plan] of a schema, once; each goroutine has an [Encoder] of its own:
//
//	plan, err := avroschema.Compile(schema)
//	…
//	enc := plan.NewEncoder()
//	buf, err = enc.Append(buf[:0], rec)
//
// That is bare Avro. [AppendConfluent] and [AppendSingleObject] write the headers by
// which readers of single messages find the schema; a [FileWriter] writes container
// files, which hold it. A record that does not fit the schema is a [*FieldError] and
// costs that record only.
//
// There is no decoder here: readers have one for their language.
//
// # Names
//
// A label is any text, the name of a column is not: [Name] derives one from the other.
// Two labels with one name are an error, or get names that do not depend on their order
// ([Collision]); published names stay ([Spec.Previous]).
//
// # Evolution
//
// Sooner or later data is read by another version of its schema. [Check] lists what
// changes between versions, each change with its place and rule, and tells which break
// the promise of a [Mode]: by Avro's rules, and by some that Avro does not have, such as
// milliseconds that become microseconds or columns that differ by case only.
//
//	changes := avroschema.Check(avroschema.FullTransitive, next, published...)
//	if err := changes.Err(); err != nil {
//		return err
//	}
//
// # Hive
//
// [HiveDDL], [HiveSetSchema] and [HiveAddPartition] write the statements for an external
// table over container files; [HiveIssues] lists what Hive cannot read of a schema, or
// reads as something else.
//
// # Limits
//
// The JSON of a schema has at most [MaxSchemaBytes] and nests at most 64 levels deep; a
// record has at most [MaxFields] fields. What exceeds a limit, or is wrong, is a
// [*SchemaError] with its place. An encoded record has at most [Encoder.MaxBytes].
package avroschema
