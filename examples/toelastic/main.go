// Toelastic lands access logs in Elasticsearch or OpenSearch: a topic of JSON
// becomes documents in an index a day, or in a data stream, each record once.
//
// Without flags it starts a broker in its own process (kfake, which speaks the
// real protocol), fills a topic with what examples/accesslog makes of a real nginx
// log (job 1), and lands it in a sink of its own that counts. With -elastic it lands in a real
// cluster, and with -brokers it reads a real topic until SIGTERM:
//
//	go run ./examples/toelastic -template -opensearch > access.json # PUT it to _index_template/access
//	go run ./examples/toelastic -brokers kafka-1:9092 -elastic https://es-1:9200,https://es-2:9200 -gzip
//
// ELASTIC_API_KEY, or ELASTIC_USER and ELASTIC_PASSWORD, say who it is; KAFKA_USER and
// KAFKA_PASSWORD say it to brokers, with -sasl.
//
// The last line of standard output is one JSON object with the counts. The exit
// status is 0 only if every record that was read is accounted for.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/brokers"
	"github.com/ltsvpipe/ltsvpipe/examples/internal/elastic"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "toelastic:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("toelastic", flag.ContinueOnError)
	var where brokers.Flags
	where.Add(flags, "one is started in this process, with -n records")
	topic := flags.String("topic", "access.json", "`topic` to land, of JSON objects with a member @timestamp (RFC 3339)")
	dead := flags.String("dead", "access.elastic.dlq", "`topic` of the records that cannot be landed")
	group := flags.String("group", "to-elastic", "consumer group")
	nodes := flags.String("elastic", "", "`URLs` of the nodes, with commas between; empty: a sink in this process")
	index := flags.String("index", "access", "`name` of the data stream, or what the indices' names begin with: access-2026.11.24")
	stream := flags.Bool("stream", false, "land in a data stream")
	gzip := flags.Bool("gzip", false, "compress requests")
	ecs := flags.Bool("ecs", false, "names of the Elastic Common Schema, for -template and the records of this process")
	opensearch := flags.Bool("opensearch", false, "-template is for OpenSearch")
	template := flags.Bool("template", false, "print the index template and end")
	n := flags.Int("n", 20_000, "how many records to make without -brokers")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	kafka, err := where.Access()
	if err != nil {
		return err
	}
	if *template {
		return printTemplate(out, bulk.Template{Patterns: []string{*index + "*"}, DataStream: *stream, ECS: *ecs, OpenSearch: *opensearch})
	}

	ctx, done := context.WithCancel(ctx)
	defer done()
	sum := &summary{began: time.Now()}
	if kafka == nil {
		k, err := startKafka(*topic, *dead)
		if err != nil {
			return err
		}
		defer k.Close()
		kafka = brokers.At(k.ListenAddrs()...)
		if err := fill(ctx, kafka, *topic, *n, *ecs); err != nil {
			return err
		}
		sum.left, sum.done, sum.began = *n, done, time.Now()
	}
	targets := strings.Split(*nodes, ",")
	if *nodes == "" {
		s, err := startSink()
		if err != nil {
			return err
		}
		defer s.Close()
		targets, sum.sink = []string{s.url}, s
	}
	cl, err := kgo.NewClient(append(kafkaio.GroupOpts(*group, *topic), kafka.Opts()...)...)
	if err != nil {
		return err
	}
	defer cl.CloseAllowingRebalance()
	if err := kafka.Reach(ctx); err != nil { // Run would wait for them
		return err
	}
	ix := &bulk.Indexer{
		Target:     bulk.Target{Nodes: targets, Auth: elastic.Auth(), Gzip: *gzip},
		Index:      bulk.ByTimestamp(*index+"-", "@timestamp"),
		DeadLetter: *dead,
		Observer:   sum,
	}
	if *stream {
		ix.Index = bulk.Fixed(*index)
	}
	err = ix.Run(ctx, cl)
	return errors.Join(err, sum.print(out))
}

func printTemplate(out io.Writer, t bulk.Template) error {
	text, err := t.JSON()
	if err == nil {
		_, err = out.Write(text)
	}
	return err
}
