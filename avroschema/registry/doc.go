// Package registry registers Avro schemas with a schema registry, and fetches them: one
// that has Confluent's API, as those of Confluent, Redpanda, Karapace and Apicurio.
//
// It stands on franz-go's client, which the caller makes, with its own options for
// where the registry is and how to be let in:
//
//	cl, err := sr.NewClient(
//		sr.URLs("https://registry-1:8081", "https://registry-2:8081"),
//		sr.BasicAuth(user, password),
//		sr.DialTLSConfig(tlsConfig),
//	)
//	…
//	schemas, err := registry.New(cl, registry.Options{})
//
// Who writes a topic registers the schema once, before the first record, and frames
// records with its id:
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
// Where schemas are registered by another hand, as when a build does it, [Client.Lookup]
// finds the id and registers nothing, and [Client.BySubject] takes what there is.
//
// Who reads takes the id out of each frame, and asks for its schema, or for a plan to
// encode more records by it:
//
//	id, encoding, err := avroschema.CutConfluent(value)
//	…
//	schema, err := schemas.ByID(ctx, id)
//	plan, err := schemas.Plan(ctx, id)
//
// # What is kept, and what is asked
//
// An id never means another schema: [Client.ByID] asks once, however many goroutines
// want it at the same time. A failure is given again for a second, so that bad frames do
// not become a storm of requests, and then asked for anew. Whoever asks first makes the
// request, in its own context; if that ends, the next one makes its own.
//
// [Client.Register] looks up first: what is registered costs one request, and none the
// next time. A new subject costs two; a new version in a subject four, because its mode
// and latest schema are fetched to compare with, or one more for each version if the
// mode is transitive. [Client.BySubject] always asks.
//
// # References
//
// A schema may use types of others, which the registry then names. They are fetched and
// read into it: what [Client.ByID] returns is whole. Each schema is read with its own
// references only, so that one type name may mean different things in different ones.
//
// # Limits
//
// Answers are at most [MaxAnswerBytes] long, schemas as avroschema says, references at
// most [MaxReferences] a schema and [MaxDepth] deep, without circles. There is no
// timeout but those of contexts and of the sr.Client, which by default waits 5 s a
// request, and makes none twice.
package registry
