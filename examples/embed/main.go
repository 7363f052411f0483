// Embed is a service of another team, which has this library inside: it reads the topic
// access.ltsv and writes what it wants to be called about into alerts, in a format of its
// own. Its stages, predicate, encoder and observer, in alert.go, are no more than types
// with the methods that the library asks for.
//
//	go run ./examples/embed
//	go run ./examples/embed -brokers a:9092,b:9092
//
// Without -brokers it starts a cluster in its own process, works on a few lines there, and
// prints the alerts. Otherwise it runs until SIGTERM, or Ctrl-C.
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
	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

func main() {
	brokers := flag.String("brokers", "", "host:port of real brokers; default a cluster in this process")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	run := func() error { return demo(ctx, os.Stdout) }
	if *brokers != "" {
		run = func() error { return serve(ctx, strings.Split(*brokers, ","), &progress{w: os.Stderr}) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "embed:", err)
		os.Exit(1)
	}
}

// serve works until ctx is done.
func serve(ctx context.Context, brokers []string, observer kafkaio.Observer) error {
	chain, err := transform.NewChain(
		transform.Missing(ltsv.EscapeNginx),
		transform.Unescape(ltsv.EscapeNginx),
		transform.Custom("team", team),
		apdex{satisfied: 0.5},
		transform.Filter(alarming{}),
		transform.Keep("time", "team", "status", "reqtime", "apdex", "req"),
	)
	if err != nil {
		return err
	}
	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("alerts", "access.ltsv"), kgo.SeedBrokers(brokers...))...)
	if err != nil {
		return err
	}
	defer cl.CloseAllowingRebalance()
	p := &kafkaio.Pipeline{
		NewHandler: func() kafkaio.Handler {
			worker, enc := chain.NewWorker(transform.LTSV{}), logfmt{}
			return func(_ context.Context, in *kgo.Record, out *kafkaio.Batch) error {
				rec, err := worker.Process(in.Value)
				if errors.Is(err, transform.ErrSkip) {
					return nil // nothing to be called about
				}
				if err != nil {
					return err
				}
				value, err := enc.Append(out.Buf(), rec)
				if err == nil {
					out.Emit("alerts", in, value)
				}
				return err
			}
		},
		OnError:    func(*kgo.Record, error) kafkaio.Action { return kafkaio.DeadLetter },
		DeadLetter: "alerts.dlq",
		Observer:   observer,
	}
	return p.Run(ctx, cl)
}

// demo serves a few lines on a cluster of its own, and prints the alerts.
func demo(ctx context.Context, w io.Writer) error {
	kafka, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "access.ltsv", "alerts", "alerts.dlq"))
	if err != nil {
		return err
	}
	defer kafka.Close()
	cl, err := kgo.NewClient(kgo.SeedBrokers(kafka.ListenAddrs()...), kgo.ConsumeTopics("alerts", "alerts.dlq"))
	if err != nil {
		return err
	}
	defer cl.Close()
	for _, line := range lines {
		cl.Produce(ctx, &kgo.Record{Topic: "access.ltsv", Value: []byte(line)}, nil)
	}
	working, stop := context.WithCancel(ctx)
	defer stop()
	seen := &progress{w: w, until: len(lines), stop: stop}
	if err := errors.Join(cl.Flush(ctx), serve(working, kafka.ListenAddrs(), seen)); err != nil {
		return err
	}
	for left := seen.alerts + seen.dead; left > 0 && ctx.Err() == nil; {
		for _, rec := range cl.PollFetches(ctx).Records() {
			fmt.Fprintf(w, "%s: %s\n", rec.Topic, rec.Value)
			left--
		}
	}
	return ctx.Err()
}
