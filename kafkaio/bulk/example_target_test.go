package bulk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
)

// An alias or a data stream, which rolls over by itself.
func ExampleFixed() {
	fmt.Println(bulk.Fixed("logs-access")(&kgo.Record{}))
	// Output: logs-access <nil>
}

// An index a day, by the time of the Kafka record.
func ExampleByKafkaTime() {
	index := bulk.ByKafkaTime("access-")
	fmt.Println(index(&kgo.Record{Timestamp: time.Date(2026, 11, 24, 23, 59, 59, 0, time.UTC)}))
	// Output: access-2026.11.24 <nil>
}

// The template is put before the first document; whether to try again is the caller's
// to say.
func ExampleTemplate_Put() {
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPut {
			fmt.Fprint(w, `{"version":{"number":"8.15.0"}}`)
			return
		}
		fmt.Println(r.Method, r.URL.Path)
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	defer node.Close()
	t := bulk.Template{Patterns: []string{"access-*"}}
	err := t.Put(context.Background(), bulk.Target{Nodes: []string{node.URL}}, "access")
	if refused, ok := errors.AsType[*bulk.RequestError](err); ok {
		fmt.Println(refused.Status, "passes:", refused.Passes())
	}
	// Output:
	// PUT /_index_template/access
	// 503 passes: true
}

// Errors that Run survives say what is wrong with the cluster.
func ExampleRequestError() {
	for _, err := range []error{
		&bulk.RequestError{Node: "https://es-1:9200", Status: 429, Items: 500},
		&bulk.RequestError{Node: "https://es-1:9200", Status: 403, Items: 500},
	} {
		fmt.Println(errors.Is(err, bulk.ErrForbidden), err)
	}
	// Output:
	// false bulk: request of 500 documents to https://es-1:9200: status 429
	// true bulk: request of 500 documents to https://es-1:9200: status 403
}
