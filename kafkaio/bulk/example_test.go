package bulk_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// A whole process: it stops on SIGTERM, after it has settled what it polled.
func Example() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("to-elastic", "access.json"),
		kgo.SeedBrokers("kafka-1:9092", "kafka-2:9092", "kafka-3:9092"),
	)...)
	if err != nil {
		panic(err)
	}
	defer cl.CloseAllowingRebalance()
	ix := &bulk.Indexer{
		Target: bulk.Target{
			Nodes: []string{"https://es-1:9200", "https://es-2:9200"},
			Auth:  bulk.APIKey(os.Getenv("ELASTIC_API_KEY")),
			Gzip:  true,
		},
		Index:      bulk.ByTimestamp("access-", "@timestamp"),
		DeadLetter: "access.elastic.dlq",
	}
	if err := ix.Run(ctx, cl); err != nil {
		panic(err)
	}
}

// A broker and a node in the process show what becomes of three records.
func ExampleIndexer_Run() {
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "access", "access-dead"))
	if err != nil {
		panic(err)
	}
	defer kafka.Close()
	node := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"errors":true,"items":[{"create":{"status":201}},{"create":{"status":400,"error":{"type":"mapper_parsing_exception"}}}]}`)
	}))
	defer node.Close()
	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("to-elastic", "access"), kgo.SeedBrokers(kafka.ListenAddrs()...))...)
	if err != nil {
		panic(err)
	}
	defer cl.CloseAllowingRebalance()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	values := []*kgo.Record{
		{Topic: "access", Value: []byte(`{"@timestamp":"2026-11-24T10:30:00.000Z","status":200}`)},
		{Topic: "access", Value: []byte(`{"@timestamp":"2026-11-24T10:30:01.000Z","status":"OK"}`)},
		{Topic: "access", Value: []byte(`status:200`)},
	}
	if err := cl.ProduceSync(ctx, values...).FirstErr(); err != nil {
		panic(err)
	}

	ix := &bulk.Indexer{
		Target:     bulk.Target{Nodes: []string{node.URL}},
		Index:      bulk.ByTimestamp("access-", "@timestamp"),
		DeadLetter: "access-dead",
		Observer:   stopAfter{cancel},
	}
	if err := ix.Run(ctx, cl); err != nil {
		fmt.Println(err)
	}
	// Output:
	// read 3, indexed 1, dead letters 2, committed true, lag 0
}

// stopAfter ends a run with its first batch.
type stopAfter struct{ stop func() }

func (o stopAfter) Settled(s *bulk.Settlement) {
	fmt.Printf("read %d, indexed %d, dead letters %d, committed %v, lag %d\n",
		s.Read, s.Indexed, s.DeadLettered, s.Committed, s.Partitions[0].Lag())
	o.stop()
}

func (stopAfter) Survived(err error) { fmt.Println(err) }

// An index a day, by the time of the event: a record has the same one whenever
// it is sent.
func ExampleByTimestamp() {
	index := bulk.ByTimestamp("access-", "@timestamp")
	fmt.Println(index(&kgo.Record{Value: []byte(`{"status":200,"@timestamp":"2026-11-24T23:59:59.999Z"}`)}))
	fmt.Println(index(&kgo.Record{Value: []byte(`{"status":200}`)}))
	// Output:
	// access-2026.11.24 <nil>
	//  bulk: no time to name the index by
}

// An index of one's own choice, here one for each tenant, by the record's key.
func ExampleIndexFunc() {
	byTenant := func(rec *kgo.Record) (string, error) {
		if len(rec.Key) == 0 {
			return "", errors.New("no tenant") // never what the record holds
		}
		return "access-" + string(rec.Key), nil
	}
	fmt.Println(byTenant(&kgo.Record{Key: []byte("blue")}))
	// Output:
	// access-blue <nil>
}

// Secrets are not printed.
func ExampleAuth() {
	fmt.Println(bulk.Basic("elastic", "changeme"), bulk.Target{Auth: bulk.Bearer("token")}.Auth)
	// Output:
	// Basic *** Bearer ***
}

// Some failures are the record's, others of all records.
func ExampleItemError() {
	onError := func(_ *kgo.Record, err error) kafkaio.Action {
		var item *bulk.ItemError
		switch {
		case errors.Is(err, bulk.ErrForbidden), errors.Is(err, bulk.ErrIndexMissing):
			return kafkaio.Stop // somebody should look
		case errors.As(err, &item) && item.Type == "strict_dynamic_mapping_exception":
			return kafkaio.Skip
		}
		return kafkaio.DeadLetter
	}
	fmt.Println(onError(nil, &bulk.ItemError{Status: 404, Type: "index_not_found_exception"}))
	fmt.Println(onError(nil, &bulk.ItemError{Status: 400, Type: "strict_dynamic_mapping_exception"}))
	fmt.Println(onError(nil, bulk.ErrNotObject))
	// Output:
	// Stop
	// Skip
	// DeadLetter
}

func ExampleTemplate() {
	t := bulk.Template{
		Patterns: []string{"access-*"},
		Fields: []bulk.Field{
			{Name: "@timestamp", Type: "date"},
			{Name: "status", ECS: "http.response.status_code", Type: "short"},
			{Name: "path", ECS: "url.path", Type: "keyword"},
		},
		ECS:      true,
		Settings: map[string]any{"number_of_shards": 3},
	}
	text, err := t.JSON()
	if err != nil {
		panic(err)
	}
	os.Stdout.Write(text)
	// Output:
	// {
	//   "index_patterns": [
	//     "access-*"
	//   ],
	//   "priority": 200,
	//   "template": {
	//     "settings": {
	//       "number_of_shards": 3
	//     },
	//     "mappings": {
	//       "dynamic": false,
	//       "properties": {
	//         "@timestamp": {
	//           "type": "date"
	//         },
	//         "http.response.status_code": {
	//           "type": "short"
	//         },
	//         "url.path": {
	//           "type": "keyword",
	//           "ignore_above": 1024
	//         },
	//         "labels": {
	//           "type": "flattened",
	//           "ignore_above": 1024
	//         }
	//       }
	//     }
	//   }
	// }
}

// The names of the Elastic Common Schema are stages in front, at the end of the
// chain that makes the records.
func ExampleAccessLog() {
	stages := []transform.Stage{transform.Int("status")}
	for _, f := range bulk.AccessLog() {
		if f.ECS != "" {
			stages = append(stages, transform.Rename(f.Name, f.ECS))
		}
	}
	chain, err := transform.NewChain(stages...)
	if err != nil {
		panic(err)
	}
	rec, err := chain.NewWorker(transform.LTSV{}).Process([]byte("host:192.0.2.7\tmethod:GET\tstatus:200"))
	if err != nil {
		panic(err)
	}
	text, err := rec.MarshalJSON()
	fmt.Println(string(text), err)
	// Output:
	// {"source.ip":"192.0.2.7","http.request.method":"GET","http.response.status_code":200} <nil>
}
