// Tohive lands access logs as a table of Hive's: a topic of JSON becomes gzipped
// lines in folders by hour, each record once, and each new folder is printed as
// the statement that shows it to Hive.
//
// Without flags it starts a broker in its own process (kfake, which speaks the
// real protocol), makes up two hours of log, and lands them in a folder that it
// names. With -brokers it reads a real topic until SIGTERM; with -hdfs it lands
// in HDFS:
//
//	go run ./examples/tohive -brokers kafka-1:9092 -topic access-json -hdfs namenode:8020 -user hive -dir /warehouse/access
package main

import (
	"context"
	"encoding/json"
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

	"github.com/ltsvpipe/ltsvpipe/examples/internal/hdfs"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "tohive:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("tohive", flag.ContinueOnError)
	brokers := flags.String("brokers", "", "addresses of a Kafka, with commas between; empty: a broker in this process, with -n records")
	topic := flags.String("topic", "access-json", "topic to land, of JSON objects with a member time (RFC 3339)")
	group := flags.String("group", "to-hive", "consumer group")
	dir := flags.String("dir", "", "folder to land in; empty: a new one, if the disk is local")
	namenode := flags.String("hdfs", "", "address of a namenode; empty: the local disk")
	user := flags.String("user", "hive", "user in HDFS")
	age := flags.Duration("age", time.Minute, "how long files are written before they land")
	n := flags.Int("n", 20_000, "how many records to make up without -brokers")
	if err := flags.Parse(args); err != nil {
		return err
	}
	store, err := open(*namenode, *user, dir)
	if err != nil {
		return err
	}
	ctx, done := context.WithCancel(ctx)
	defer done()
	seeds, left := strings.Split(*brokers, ","), -1
	if *brokers == "" {
		cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(3, *topic))
		if err != nil {
			return err
		}
		defer cluster.Close()
		seeds, left = cluster.ListenAddrs(), *n
		if err := makeUp(ctx, seeds, *topic, *n); err != nil {
			return err
		}
	}
	cl, err := kgo.NewClient(append(kafkaio.GroupOpts(*group, *topic), kgo.SeedBrokers(seeds...))...)
	if err != nil {
		return err
	}
	defer cl.CloseAllowingRebalance()
	a := &archive.Archive{
		FS:      store,
		Roll:    archive.Limits{Age: *age},
		Workers: 1, // so that one goroutine counts
		Folder: archive.Hourly(func(r *kgo.Record) (time.Time, error) {
			if left--; left == 0 {
				done() // Run lands what is open and returns
			}
			var event struct{ Time time.Time }
			err := json.Unmarshal(r.Value, &event)
			return event.Time, err
		}),
		OnError: func(*kgo.Record, error) kafkaio.Action { return kafkaio.Skip }, // what is no JSON
		OnFolder: func(_ context.Context, folder string) error {
			dt, hour, _ := strings.Cut(folder, "/")
			_, err := fmt.Fprintf(out, "ALTER TABLE access ADD IF NOT EXISTS PARTITION (%s, %s) LOCATION '%s/%s';\n", quoted(dt), quoted(hour), *dir, folder)
			return err
		},
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

// quoted writes name=value as HiveQL has it.
func quoted(part string) string {
	name, value, _ := strings.Cut(part, "=")
	return name + "='" + value + "'"
}

// makeUp produces n records of the last two hours, one in ten an hour late.
func makeUp(ctx context.Context, seeds []string, topic string, n int) error {
	cl, err := kgo.NewClient(kgo.SeedBrokers(seeds...), kgo.DefaultProduceTopic(topic))
	if err != nil {
		return err
	}
	defer cl.Close()
	var failed error
	begin := time.Now().UTC().Add(-2 * time.Hour)
	for i := range n {
		at := begin.Add(time.Duration(i) * 2 * time.Hour / time.Duration(n))
		if i%10 == 9 {
			at = at.Add(-time.Hour)
		}
		value := fmt.Appendf(nil, `{"time":%q,"status":200,"path":"/item/%d"}`, at.Format(time.RFC3339), i)
		cl.Produce(ctx, &kgo.Record{Value: value}, func(_ *kgo.Record, err error) { failed = errors.Join(failed, err) })
	}
	return errors.Join(cl.Flush(ctx), failed)
}
