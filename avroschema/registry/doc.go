// Package registry registers Avro schemas with a schema registry and fetches them. It
// speaks Confluent's API, as do the registries of Confluent, Redpanda, Karapace and
// Apicurio.
//
// It uses franz-go's client, which the caller makes, with options for addresses,
// authentication and TLS:
//
//	cl, err := sr.NewClient(
//		sr.URLs("https://registry-1:8081", "https://registry-2:8081"),
//		sr.BasicAuth(user, password),
//		sr.DialTLSConfig(tlsConfig),
//	)
//	…
//	schemas, err := registry.New(cl, registry.Options{})
//
// A producer registers its schema once, before the first record, and frames records
// with the schema's id:
//
//	subject, err := registry.TopicName.Subject("access", registry.Value, schema)
//	…
//	registered, err := schemas.Register(ctx, subject, schema)
//	switch {
//	case errors.Is(err, registry.ErrIncompatible): // readers would break: a person must look
//	case errors.Is(err, registry.ErrUnavailable): // try again later
//	}
//	…
//	buf, err = encoder.Append(avroschema.AppendConfluent(buf, registered.ID), rec)
//
// Where something else registers schemas, a build for instance, [Client.Lookup] finds
// the id and registers nothing, and [Client.BySubject] takes what there is.
//
// A consumer takes the id out of each frame and asks for its schema, or for a plan to
// encode more records by it:
//
//	id, encoding, err := avroschema.CutConfluent(value)
//	…
//	schema, err := schemas.ByID(ctx, id)
//	plan, err := schemas.Plan(ctx, id)
//
// # Cache and requests
//
// An id never means another schema: [Client.ByID] asks once, however many goroutines
// want it at the same time. A failure is returned again for a second without a request,
// so that bad frames do not become a storm of them ([Options.RetryAfter]). Whoever asks
// first makes the request, in its own context; if that ends, the next one makes its own.
//
// [Client.Register] looks up first: a schema that is registered costs one request, and
// none the next time. A new subject costs two; a new version of a subject four, because
// the subject's mode and latest schema are fetched to compare with, and one more for each
// older version if the mode is transitive. A reference whose version is not known, because
// the registry did not say when it was registered, costs one. [Client.BySubject] always asks.
//
// # References
//
// A schema may use types of other schemas, to which the registry then refers. They are
// fetched and read into it: what [Client.ByID] returns is whole. Each schema is read with
// its own references only, so that one type name may mean different things in different
// schemas.
//
// To share a type, register it in a subject of its own and name it as a reference of those
// that use it:
//
//	client, err := schemas.Register(ctx, "com.example.Client", clientSchema)
//	…
//	schema, err := avroschema.Parse(text, clientSchema) // text has com.example.Client by name
//	…
//	registered, err := schemas.Register(ctx, subject, schema, client)
//
// # Limits
//
// Answers are at most [MaxAnswerBytes] long, schemas as avroschema says, references at
// most [MaxReferences] a schema and [MaxDepth] deep, without circles. There is no
// timeout but those of contexts and of the sr.Client, which by default waits 5 s a
// request, and makes none twice.
package registry
