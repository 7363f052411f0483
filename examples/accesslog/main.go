// Accesslog is the whole road: an agent ships access-log lines to Kafka, job 1 turns them
// from LTSV into JSON, job 2 turns what analysis needs of that into Avro, with -archive
// that lands in files by hour, with -elastic the JSON lands in Elasticsearch or
// OpenSearch, and independent consumers read the topics back. Each record comes out
// exactly once, unless -at-least-once says otherwise. A live page shows what is coming.
//
// Without flags it starts a cluster of three brokers in its own process (kfake,
// which speaks the real protocol) and ships the real nginx log in testdata, again
// and again. With -brokers it works on a real cluster, with -registry if Avro is among the
// parts, and any part can be a process of its own, or several that share the work:
//
//	accesslog -brokers kafka-1:9092,kafka-2:9092 -run agent -file /var/log/nginx/access.ltsv -follow -state /var/lib/accesslog/state
//	accesslog -brokers kafka-1:9092,kafka-2:9092 -run json,avro -registry http://registry:8081 -http :9100
//	accesslog -brokers kafka-1:9092,kafka-2:9092 -run elastic -elastic https://es-1:9200,https://es-2:9200
//	accesslog -brokers kafka-1:9092,kafka-2:9092 -run dash
//
// LTSVPIPE_COOKIE_KEY is the secret of the signed cookie; ELASTIC_API_KEY, or ELASTIC_USER
// and ELASTIC_PASSWORD, say who it is to Elasticsearch, REGISTRY_USER and
// REGISTRY_PASSWORD to the registry, KAFKA_USER and KAFKA_PASSWORD to brokers with -sasl.
//
// On a terminal there is a page at 127.0.0.1:8080, or the next free port; elsewhere -http
// says where. Beside it are /metrics for Prometheus, and /healthz, which answers 503 and
// says which part is ill.
//
// The last line of standard output is one JSON object with job 1's counts, and each part's
// under jobs. The exit status is 0 only if every record that was read is accounted for.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main without the process. It returns the exit status: 1 when something
// failed or a record is not accounted for, 2 for a wrong command line.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	cfg, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		writeUsage(stdout)
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "accesslog:", err)
		return 2
	}
	cfg.stdin, cfg.stdout, cfg.stderr = stdin, stdout, stderr
	if err := cfg.run(ctx); err != nil {
		fmt.Fprintln(stderr, "accesslog:", err)
		return 1
	}
	return 0
}
