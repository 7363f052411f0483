// Tohive lands access logs as a table of Hive's: a topic of JSON, as examples/accesslog
// writes it (job 1), becomes Avro container files in folders by hour, each record once but
// for those of bots (job 2). It prints what Hive must be told: the table, then each new
// folder as a partition of it.
//
// Without flags it starts a broker in its own process (kfake, which speaks the
// real protocol), makes up two hours of log, and lands them in a folder that it
// names. With -brokers it reads a real topic until SIGTERM; with -hdfs it lands
// in HDFS:
//
//	go run ./examples/tohive -brokers kafka-1:9092 -topic access.json -hdfs namenode:8020 -user hive -dir /warehouse/access > statements.sql
//	beeline -u jdbc:hive2://hive:10000 -f statements.sql
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

	client "github.com/colinmarc/hdfs/v2"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/brokers"
	"github.com/ltsvpipe/ltsvpipe/examples/internal/hdfs"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "tohive:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("tohive", flag.ContinueOnError)
	var where brokers.Flags
	where.Add(flags, "one is started in this process, with -n records")
	topic := flags.String("topic", "access.json", "topic to land, of JSON objects with a member @timestamp (RFC 3339)")
	group := flags.String("group", "to-hive", "consumer group")
	dir := flags.String("dir", "", "folder to land in; empty: a new one, if the disk is local")
	namenode := flags.String("hdfs", "", "address of a namenode; empty: the local disk")
	user := flags.String("user", "hive", "user in HDFS")
	name := flags.String("table", "access", "name of the table, or database.table")
	age := flags.Duration("age", time.Minute, "how long files are written before they land")
	n := flags.Int("n", 20_000, "how many records to make up without -brokers")
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
	store, err := open(*namenode, *user, dir)
	if err != nil {
		return err
	}
	t, err := newTable(*name, *namenode, *dir, out)
	if err != nil {
		return err
	}
	if err := t.Create(); err != nil {
		return err
	}
	ctx, done := context.WithCancel(ctx)
	defer done()
	left := -1
	if kafka == nil {
		cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, *topic))
		if err != nil {
			return err
		}
		defer cluster.Close()
		kafka, left = brokers.At(cluster.ListenAddrs()...), *n
		if err := makeUp(ctx, kafka, *topic, *n); err != nil {
			return err
		}
	}
	cl, err := kgo.NewClient(append(kafkaio.GroupOpts(*group, *topic), kafka.Opts()...)...)
	if err != nil {
		return err
	}
	defer cl.CloseAllowingRebalance()
	if err := kafka.Reach(ctx); err != nil { // Run would wait for them
		return err
	}
	a := &archive.Archive{
		FS:      store,
		Roll:    archive.Limits{Age: *age},
		Workers: 1, // so that one goroutine counts
		Format:  t,
		Folder: archive.Hourly(func(r *kgo.Record) (time.Time, error) {
			if left--; left == 0 {
				done() // Run lands what is open and returns
			}
			return eventTime(r)
		}),
		OnError:  func(*kgo.Record, error) kafkaio.Action { return kafkaio.Skip }, // a bot's, or no such JSON
		OnFolder: t.AddPartition,
	}
	return a.Run(ctx, cl)
}

// open returns the store to land in, and fills in its folder.
func open(namenode, user string, dir *string) (archive.FS, error) {
	switch {
	case namenode == "" && *dir != "":
		return archive.Dir(*dir), nil
	case namenode == "":
		made, err := os.MkdirTemp("", "tohive")
		*dir = made
		return archive.Dir(made), err
	case *dir == "":
		return nil, errors.New("-hdfs needs -dir")
	}
	c, err := client.NewClient(client.ClientOptions{Addresses: strings.Split(namenode, ","), User: user})
	return &hdfs.FS{Client: c, Root: *dir}, err
}
