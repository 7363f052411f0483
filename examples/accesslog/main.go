// Accesslog is the whole road: an agent ships access-log lines to Kafka, job 1 turns them
// from LTSV into JSON, job 2 turns what analysis needs of that into Avro, with -archive
// that lands in files by hour, and independent consumers read the topics back. Each record comes out exactly once, unless
// -at-least-once says otherwise.
//
// Without flags it starts a cluster of three brokers in its own process (kfake,
// which speaks the real protocol) and ships the real nginx log in testdata, again
// and again. With -brokers it works on a real cluster, and any part can be a process of
// its own, or several:
//
//	accesslog -brokers kafka-1:9092,kafka-2:9092 -run agent -file /var/log/nginx/access.ltsv -follow -state /var/lib/accesslog
//	accesslog -brokers kafka-1:9092,kafka-2:9092 -run json,avro -registry http://registry:8081
//
// The last line of standard output is one JSON object with job 1's counts, and each job's
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
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/ltsvpipe/ltsvpipe/ltsv"
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

// config is what the flags say.
type config struct {
	brokers   []string
	file      string
	n         int64
	rate      float64
	quiet     bool
	escape    ltsv.Escaping
	cookieKey string
	parts     map[string]bool
	in        string
	json      string
	avro      string
	dlq       string
	group     string
	avroGroup string
	registry  string

	archive      string
	archiveGroup string
	archiveAge   time.Duration

	topics  topicConfig
	atLeast bool
	id      string
	follow  bool
	state   string
	server  string

	stdin          io.Reader
	stdout, stderr io.Writer
}

func parse(args []string, stderr io.Writer) (*config, error) {
	c := &config{}
	fs := flag.NewFlagSet("accesslog", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	brokers := fs.String("brokers", "", "`addresses` of a real cluster, with commas between them; without it a cluster is started in the process")
	fs.StringVar(&c.file, "file", "", "log to ship, - for standard input; without it the nginx log in testdata, again and again")
	fs.Int64Var(&c.n, "n", 0, "how many lines to ship; 0 is 20,000, or with -file all")
	fs.Float64Var(&c.rate, "rate", 0, "how many lines a second to ship; 0 is as many as there is time for")
	fs.BoolVar(&c.quiet, "quiet", false, "print the last line only")
	escape := fs.String("escape", "nginx", "the escaping of the server that wrote the log: none, nginx, apache, json or haproxy")
	fs.StringVar(&c.cookieKey, "cookie-key", "", "`secret` of the signed cookie connect.sid; default LTSVPIPE_COOKIE_KEY of the environment, without it the cookie is left out")
	fs.StringVar(&c.in, "topic-in", "access.ltsv", "`topic` of the lines")
	fs.StringVar(&c.json, "topic-out", "access.json", "`topic` of the JSON records")
	fs.StringVar(&c.avro, "topic-avro", "access.avro", "`topic` of the Avro records, in Confluent's frames")
	fs.StringVar(&c.dlq, "topic-dead", "access.dlq", "`topic` of what the jobs reject")
	fs.StringVar(&c.group, "group", "access-json", "consumer group of job 1")
	fs.StringVar(&c.avroGroup, "group-avro", "access-avro", "consumer group of job 2")
	fs.StringVar(&c.registry, "registry", "", "`URL` of the schema registry; without it one is started in the process")
	fs.StringVar(&c.archive, "archive", "", "`folder` in which the Avro records land as files by hour; without it they do not")
	fs.StringVar(&c.archiveGroup, "group-archive", "access-archive", "consumer group of the archive")
	fs.DurationVar(&c.archiveAge, "archive-age", 0, "how long a file is written before it lands; 0 is 10m, or 1s on the embedded cluster")
	parts := fs.String("run", "agent,json,avro,archive", "the `parts` to run in this process, with commas between them; without the agent they run until interrupted")
	fs.BoolVar(&c.atLeast, "at-least-once", false, "let job 1 write records twice when a process dies; without it each comes out exactly once")
	fs.StringVar(&c.id, "id", "", "`name` of this process among those of its groups, kept over restarts; default the host's name")
	fs.BoolVar(&c.follow, "follow", false, "go on with -file as tail -F does, until interrupted")
	fs.StringVar(&c.state, "state", "", "`file` in which -follow keeps how far it has shipped, to go on there")
	fs.StringVar(&c.server, "server", "", "`name` to ship as field server with lines that have none; default none")
	fs.IntVar(&c.topics.partitions, "partitions", 6, "of the topics that are made because they are missing")
	fs.IntVar(&c.topics.replication, "replication", 0, "how many brokers have each of these topics; 0 is what the brokers say")
	fs.DurationVar(&c.topics.retention, "retention", 0, "how long these topics keep records; 0 is what the brokers say")
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fs.SetOutput(stderr)
			fs.Usage()
		}
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	if c.cookieKey == "" {
		c.cookieKey = os.Getenv("LTSVPIPE_COOKIE_KEY")
	}
	c.parts = map[string]bool{}
	for part := range strings.SplitSeq(*parts, ",") {
		if !slices.Contains([]string{"agent", "json", "avro", "archive"}, part) {
			return nil, fmt.Errorf("-run %q: the parts are agent, json, avro and archive", part)
		}
		c.parts[part] = true
	}
	if *brokers != "" {
		c.brokers = strings.Split(*brokers, ",")
	}
	if c.archiveAge == 0 && len(c.brokers) == 0 {
		c.archiveAge = time.Second
	}
	if c.n == 0 && c.file == "" {
		c.n = 20_000
	}
	if c.id == "" {
		c.id = hostname()
	}
	switch {
	case c.n < 0 || c.rate < 0 || c.topics.replication < 0 || c.topics.retention < 0 || c.topics.partitions < 1:
		return nil, errors.New("-n, -rate, -replication and -retention must not be negative, -partitions must be 1 or more")
	case c.follow && (c.file == "" || c.file == "-"):
		return nil, errors.New("-follow needs a -file to follow")
	case c.server != "" && !shippable(c.server):
		return nil, errors.New("-server must be a value of LTSV, without TABs and line ends")
	case c.state != "" && !c.follow:
		return nil, errors.New("-state needs -follow")
	}
	var known bool
	if c.escape, known = ltsv.ParseEscaping(*escape); !known {
		return nil, fmt.Errorf("-escape %q: must be none, nginx, apache, json or haproxy", *escape)
	}
	return c, nil
}

// shippable reports whether name can be the value of a field.
func shippable(name string) bool {
	_, err := ltsv.AppendField(nil, "server", []byte(name))
	return err == nil
}

// hostname is the default of -id: one process a host needs no other.
func hostname() string {
	if name, err := os.Hostname(); err == nil {
		return name
	}
	return "accesslog"
}
