// Embed is a service of another team, which has this library inside: it reads the topic
// access.ltsv and writes what it wants to be called about into alerts, in a format of its
// own. The service is all in service.go: its stages, predicate, encoder and observer are no
// more than functions, and types with the methods that the library asks for.
//
//	go run ./examples/embed
//	go run ./examples/embed -brokers a:9092,b:9092
//
// Without -brokers it starts a cluster in its own process, works on a few lines there, and
// prints the alerts. Otherwise it runs until SIGTERM, or Ctrl-C. Where brokers want TLS or
// SASL, kgo.DialTLSConfig and kgo.SASL are options of the service's own client.
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

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "embed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, w io.Writer) error {
	flags := flag.NewFlagSet("embed", flag.ContinueOnError)
	brokers := flags.String("brokers", "", "`addresses` of a Kafka, with commas between; empty: a cluster in this process, with a few lines")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if *brokers == "" {
		return demo(ctx, w)
	}
	cl, err := connect(strings.Split(*brokers, ","))
	if err != nil {
		return err
	}
	defer cl.CloseAllowingRebalance()
	if err := cl.Ping(ctx); err != nil { // Run would wait for them
		return fmt.Errorf("-brokers %s: none answers: %w", *brokers, err)
	}
	return serve(ctx, cl, &progress{w: w})
}

func connect(brokers []string) (*kgo.Client, error) {
	return kgo.NewClient(append(kafkaio.GroupOpts("alerts", "access.ltsv"), kgo.SeedBrokers(brokers...))...)
}

// lines are what a real nginx wrote, cut short.
var lines = []string{
	"time:22/Nov/2026:16:00:49 +0000\treq:GET /cart HTTP/1.1\tstatus:200\treqtime:0.004\tvhost:shop.example.com",
	"time:22/Nov/2026:16:00:50 +0000\treq:POST /pay?n=\\x221\\x22 HTTP/1.1\tstatus:502\treqtime:0.250\tvhost:pay.example.com",
	"time:22/Nov/2026:16:00:51 +0000\treq:GET /search HTTP/1.1\tstatus:200\treqtime:2.718\tvhost:shop.example.com",
	"time:22/Nov/2026:16:00:52 +0000\treq:GET /slow HTTP/1.1\tstatus:200\treqtime:1.500\tvhost:shop.example.com",
	"time:22/Nov/2026:16:00:53 +0000\treq:-\tstatus:400\treqtime:-\tvhost:-",
	"a line without a colon",
}

// demo serves a few lines on a cluster of its own, and prints the alerts.
func demo(ctx context.Context, w io.Writer) error {
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "access.ltsv", "alerts", "alerts.dlq"))
	if err != nil {
		return err
	}
	defer kafka.Close()
	out, err := kgo.NewClient(kgo.SeedBrokers(kafka.ListenAddrs()...), kgo.ConsumeTopics("alerts", "alerts.dlq"))
	if err != nil {
		return err
	}
	defer out.Close()
	for _, line := range lines {
		out.Produce(ctx, &kgo.Record{Topic: "access.ltsv", Value: []byte(line)}, nil)
	}
	if err := out.Flush(ctx); err != nil {
		return err
	}
	cl, err := connect(kafka.ListenAddrs())
	if err != nil {
		return err
	}
	defer cl.CloseAllowingRebalance()
	working, stop := context.WithCancel(ctx)
	defer stop()
	seen := &demoProgress{progress: progress{w: w}, until: len(lines), stop: stop}
	if err := serve(working, cl, seen); err != nil {
		return err
	}
	for left := seen.alerts + seen.dead; left > 0 && ctx.Err() == nil; {
		for _, rec := range out.PollFetches(ctx).Records() {
			fmt.Fprintf(w, "%s: %s\n", rec.Topic, rec.Value)
			left--
		}
	}
	return ctx.Err()
}

// A demoProgress ends the run when so many records are settled.
type demoProgress struct {
	progress
	until int
	stop  func()
}

func (p *demoProgress) Settled(s *kafkaio.Settlement) {
	p.progress.Settled(s)
	if p.read >= p.until {
		p.stop()
	}
}
