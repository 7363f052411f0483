package avroschema_test

import (
	"errors"
	"fmt"
	"sync"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
)

// Goroutines look at a part of the samples each; merging the parts in the order of the
// samples gives what one goroutine would have found.
func ExampleInferrer_Part() {
	in := avroschema.Inferrer{Name: "AccessLog"}
	samples := [][]string{
		{"status:200	size:1532", "status:404	size:-"},
		{"status:200	reqtime:0.004", "status:200	size:huge"},
	}
	parts := make([]*avroschema.Inferrer, len(samples))
	var wg sync.WaitGroup
	for i, lines := range samples {
		parts[i] = in.Part()
		wg.Go(func() {
			for _, line := range lines {
				parts[i].Add(record(line))
			}
		})
	}
	wg.Wait()
	for _, part := range parts {
		in.Merge(part)
	}
	for _, f := range in.Spec().Fields {
		fmt.Println(f.Label, f.Type)
	}
	// Output:
	// status long
	// size string
	// reqtime double
}

// A mistake in a description shows when the schema is made, with its place.
func ExampleSchemaError() {
	spec := avroschema.Spec{Name: "AccessLog", Fields: []avroschema.Field{
		{Label: "status", Type: avroschema.TypeInt, Required: true, OnError: avroschema.OnErrorNull},
	}}
	_, err := spec.Schema()
	if wrong, ok := errors.AsType[*avroschema.SchemaError](err); ok {
		fmt.Println(wrong.Path, errors.Is(err, avroschema.ErrPolicy))
	}
	fmt.Println(err)
	// Output:
	// status true
	// avroschema: status: failure policy does not fit the field: null needs a nullable field
}
