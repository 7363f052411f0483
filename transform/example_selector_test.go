package transform_test

import (
	"fmt"

	"github.com/ltsvpipe/ltsvpipe/transform"
)

func ExampleSelector() {
	selector := transform.NewSelector("status", "user")
	values := make([]*transform.Value, 2)
	var rec transform.Record
	for _, line := range []string{"host:192.0.2.1\tstatus:200", "user:alice\tstatus:304"} {
		if err := (transform.LTSV{}).Decode(&rec, []byte(line)); err != nil {
			panic(err)
		}
		selector.Select(values, &rec)
		for i, label := range []string{"status", "user"} {
			if v := values[i]; v != nil {
				fmt.Printf("%s is %s\n", label, v.Bytes)
			}
		}
	}
	// Output:
	// status is 200
	// status is 304
	// user is alice
}
