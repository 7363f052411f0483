package registry_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/avroschema/registry"
)

// start starts a registry in this process, for the examples.
func start() (client *registry.Client, stop func()) {
	fake := srfake.New()
	cl, err := sr.NewClient(sr.URLs(fake.URL()))
	if err != nil {
		log.Fatal(err)
	}
	if client, err = registry.New(cl, registry.Options{}); err != nil {
		log.Fatal(err)
	}
	return client, fake.Close
}

// accessLog describes records; more are fields besides.
func accessLog(more ...avroschema.Field) *avroschema.Schema {
	spec := avroschema.Spec{
		Name: "AccessLog", Namespace: "com.example",
		Fields: append([]avroschema.Field{
			{Label: "path", Type: avroschema.TypeString, Required: true},
			{Label: "size", Type: avroschema.TypeLong},
		}, more...),
	}
	schema, err := spec.Schema()
	if err != nil {
		log.Fatal(err)
	}
	return schema
}

// A producer registers its schema when it starts. What is registered already is found.
func ExampleClient_Register() {
	client, stop := start()
	defer stop()
	ctx := context.Background()

	schema := accessLog()
	subject, err := registry.TopicName.Subject("access", registry.Value, schema)
	if err != nil {
		log.Fatal(err)
	}
	for range 2 {
		registered, err := client.Register(ctx, subject, schema)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(registered.Subject, registered.ID)
	}
	// Output:
	// access-value 1
	// access-value 1
}

// A schema that does not fit those before it never reaches the registry.
func ExampleIncompatibleError() {
	client, stop := start()
	defer stop()
	ctx := context.Background()

	if _, err := client.Register(ctx, "access-value", accessLog()); err != nil {
		log.Fatal(err)
	}
	host := avroschema.Field{Label: "host", Type: avroschema.TypeString, Required: true} // and no default
	_, err := client.Register(ctx, "access-value", accessLog(host))
	if broken, ok := errors.AsType[*registry.IncompatibleError](err); ok {
		for _, change := range broken.Changes {
			fmt.Println(broken.Mode, broken.Versions[change.Against], change.Path, change.Detail)
		}
	}
	// Output: BACKWARD 1 host the data has no such field, and there is no default
}

// What changes with a schema that is to be registered, for people to look at, or for a
// build to fail.
func ExampleClient_Check() {
	client, stop := start()
	defer stop()
	ctx := context.Background()

	if _, err := client.Register(ctx, "access-value", accessLog()); err != nil {
		log.Fatal(err)
	}
	lang := avroschema.Field{Label: "lang", Type: avroschema.TypeString}
	comparison, err := client.Check(ctx, "access-value", accessLog(lang))
	fmt.Println(err)
	for _, change := range comparison.Changes {
		fmt.Println(change)
	}
	// Output:
	// <nil>
	// BACKWARD against 0: lang: default: the data has no such field: its default is read
}

// A consumer asks for the schema whose id a frame carries. All but the first time that
// is no request.
func ExampleClient_ByID() {
	client, stop := start()
	defer stop()
	ctx := context.Background()

	registered, err := client.Register(ctx, "access-value", accessLog())
	if err != nil {
		log.Fatal(err)
	}
	value := avroschema.AppendConfluent(nil, registered.ID) // and the encoding

	id, _, err := avroschema.CutConfluent(value)
	if err != nil {
		log.Fatal(err) // not a frame
	}
	schema, err := client.ByID(ctx, id)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(schema.Name())

	_, err = client.ByID(ctx, 99)
	fmt.Println(errors.Is(err, registry.ErrNotFound))
	// Output:
	// com.example.AccessLog
	// true
}

// A producer that leaves the schema to others takes the latest, and encodes by that.
func ExampleClient_Plan() {
	client, stop := start()
	defer stop()
	ctx := context.Background()

	if _, err := client.Register(ctx, "access-value", accessLog()); err != nil { // the others
		log.Fatal(err)
	}
	latest, err := client.BySubject(ctx, "access-value", registry.Latest)
	if err != nil {
		log.Fatal(err)
	}
	plan, err := client.Plan(ctx, latest.ID)
	if err != nil {
		log.Fatal(err)
	}
	encoder := plan.NewEncoder()
	fmt.Println(latest.ID, latest.Version, encoder.Plan().Schema().Name())
	// Output: 1 1 com.example.AccessLog
}

func ExampleStrategy_Subject() {
	schema := accessLog()
	for _, strategy := range []registry.Strategy{registry.TopicName, registry.RecordName, registry.TopicRecordName} {
		subject, err := strategy.Subject("access", registry.Value, schema)
		fmt.Println(subject, err)
	}
	// Output:
	// access-value <nil>
	// com.example.AccessLog <nil>
	// access-com.example.AccessLog <nil>
}

// Errors say what was asked and what came of it.
func ExampleError() {
	client, stop := start()
	defer stop()

	_, err := client.BySubject(context.Background(), "access-value", registry.Latest)
	if e, ok := errors.AsType[*registry.Error](err); ok {
		fmt.Println(e.Subject, e.Status, e.Code, errors.Is(err, registry.ErrNotFound))
	}
	// Output: access-value 404 40401 true
}
