package registry_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/ltsvpipe/ltsvpipe/avroschema/registry"
)

// Where a build registers schemas, a producer only finds the id of its own.
func ExampleClient_Lookup() {
	client, stop := start()
	defer stop()
	ctx := context.Background()

	_, err := client.Lookup(ctx, "access-value", accessLog())
	fmt.Println(errors.Is(err, registry.ErrNotFound))

	if _, err := client.Register(ctx, "access-value", accessLog()); err != nil { // the build
		log.Fatal(err)
	}
	found, err := client.Lookup(ctx, "access-value", accessLog())
	fmt.Println(found.ID, err)
	// Output:
	// true
	// 1 <nil>
}

// A producer that has no schema of its own takes the latest that there is.
func ExampleClient_BySubject() {
	client, stop := start()
	defer stop()
	ctx := context.Background()

	if _, err := client.Register(ctx, "access-value", accessLog()); err != nil {
		log.Fatal(err)
	}
	latest, err := client.BySubject(ctx, "access-value", registry.Latest)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(latest.Version, latest.ID, latest.Schema.Name())
	// Output: 1 1 com.example.AccessLog
}
