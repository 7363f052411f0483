package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/brokers"
	"github.com/ltsvpipe/ltsvpipe/examples/internal/progress"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

// config is what the flags say.
type config struct {
	kafka    brokers.Flags
	registry string
	parts    map[string]bool
	id       string
	session  time.Duration
	atLeast  bool
	skipLost bool
	quiet    bool

	log     logConfig
	escape  ltsv.Escaping
	cookies string // the key
	topics  topicConfig
	groups  groupConfig
	archive archiveConfig
	elastic elasticConfig
	http    httpConfig

	stdin          io.Reader
	stdout, stderr io.Writer
}

// A logConfig is what the agent ships.
type logConfig struct {
	file   string
	n      int64
	rate   float64
	follow bool
	state  string
	server string
}

// A topicConfig is the topics, and how they are made; 0 is what the brokers say.
type topicConfig struct {
	in, json, avro, dlq     string
	partitions, replication int
	retention               time.Duration
}

type groupConfig struct{ json, avro, archive, elastic string }

type archiveConfig struct {
	dir   string
	age   time.Duration
	hive  string // file of Hive's statements
	table string
}

type elasticConfig struct {
	nodes []string
	index string
}

type httpConfig struct {
	addr     string // empty: nothing listens
	asked    bool   // by the flag
	illAfter time.Duration
}

// partNames are the parts, in the order of the road.
var partNames = []string{"agent", "json", "avro", "archive", "elastic", "dash"}

func (c *config) flags() (fs *flag.FlagSet, parts, escape *string) {
	fs = flag.NewFlagSet("accesslog", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	c.kafka.Add(fs, "a cluster is started in the process")
	parts = fs.String("run", strings.Join(partNames, ","), "the `parts` to run in this process, with commas between them; without the agent they run until interrupted")
	fs.StringVar(&c.registry, "registry", "", "`URL` of the schema registry; without it, where -brokers is not given either, one is started in the process. REGISTRY_USER and REGISTRY_PASSWORD of the environment say who it is")
	fs.StringVar(&c.id, "id", "", "`name` of this process among those of its groups, kept over restarts; default the host's name")
	fs.DurationVar(&c.session, "session", 45*time.Second, "how long a process may be silent before the others of its groups take over, 1s or more")
	fs.BoolVar(&c.atLeast, "at-least-once", false, "let the jobs write records twice when a process dies; without it each comes out exactly once")
	fs.BoolVar(&c.skipLost, "skip-lost", false, "go on with what is left when records were deleted before they were read; without it the part stops")
	fs.BoolVar(&c.quiet, "quiet", false, "print the last line only")

	fs.StringVar(&c.log.file, "file", "", "`log` to ship, - for standard input; without it the nginx log in testdata, again and again")
	fs.Int64Var(&c.log.n, "n", 0, "how many `lines` to ship; 0 is 20,000, or with -file all")
	fs.Float64Var(&c.log.rate, "rate", 0, "how many `lines` a second to ship; 0 is as many as there is time for")
	fs.BoolVar(&c.log.follow, "follow", false, "go on with -file as tail -F does, until interrupted")
	fs.StringVar(&c.log.state, "state", "", "`file` in which -follow keeps how far it has shipped, to go on there")
	fs.StringVar(&c.log.server, "server", "", "`name` to ship as field server with lines that have none; default none, with -follow the host's")

	escape = fs.String("escape", "nginx", "`server` that wrote the log, for its escaping: none, nginx, apache, json or haproxy")
	fs.StringVar(&c.cookies, "cookie-key", "", "`secret` of the signed cookie connect.sid, to try things out: others can read a command line. Default LTSVPIPE_COOKIE_KEY of the environment, where a real one belongs; without it the cookie is left out")

	fs.StringVar(&c.topics.in, "topic-in", "access.ltsv", "`topic` of the lines")
	fs.StringVar(&c.topics.json, "topic-out", "access.json", "`topic` of the JSON records")
	fs.StringVar(&c.topics.avro, "topic-avro", "access.avro", "`topic` of the Avro records, in Confluent's frames")
	fs.StringVar(&c.topics.dlq, "topic-dead", "access.dlq", "`topic` of what the jobs and Elasticsearch reject")
	fs.IntVar(&c.topics.partitions, "partitions", 6, "`number` of those of topics that are made because they are missing")
	fs.IntVar(&c.topics.replication, "replication", 0, "how many `brokers` have each of these topics; 0 is what the brokers say")
	fs.DurationVar(&c.topics.retention, "retention", 0, "how long these topics keep records; 0 is what the brokers say")
	fs.StringVar(&c.groups.json, "group", "access-json", "consumer `group` of job 1")
	fs.StringVar(&c.groups.avro, "group-avro", "access-avro", "consumer `group` of job 2")
	fs.StringVar(&c.groups.archive, "group-archive", "access-archive", "consumer `group` of the archive")
	fs.StringVar(&c.groups.elastic, "group-elastic", "access-elastic", "consumer `group` of the landing in Elasticsearch")

	fs.StringVar(&c.archive.dir, "archive", "", "`folder` in which the Avro records land as files by hour; without it they do not")
	fs.DurationVar(&c.archive.age, "archive-age", 0, "how long a file is written before it lands; 0 is 10m, or 1s on the embedded cluster")
	fs.StringVar(&c.archive.hive, "hive", "", "`file` to which Hive's statements are added, for -archive: the table, and each new folder as a partition of it")
	fs.StringVar(&c.archive.table, "hive-table", "access", "`name` of the table, or database.table")
	fs.Func("elastic", "`URLs` of the nodes of Elasticsearch or OpenSearch in which the JSON records land, with commas between them, or several times; without it they do not. ELASTIC_API_KEY, or ELASTIC_USER and ELASTIC_PASSWORD, of the environment say who it is", func(urls string) error {
		c.elastic.nodes = append(c.elastic.nodes, strings.Split(urls, ",")...)
		return nil
	})
	fs.StringVar(&c.elastic.index, "elastic-index", "access", "what the indices' `names` begin with: access-2026.11.24")
	fs.StringVar(&c.http.addr, "http", "", "`address` of the live page, /metrics and /healthz, or off; default on a terminal, and with -run dash, "+defaultHTTP+" or the next free port")
	fs.DurationVar(&c.http.illAfter, "ill-after", 15*time.Second, "how long a part may be in trouble before the page and /healthz say that it is ill")
	return fs, parts, escape
}

func parse(args []string, stderr io.Writer) (*config, error) {
	c := &config{}
	fs, parts, escape := c.flags()
	if err := fs.Parse(args); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			err = fmt.Errorf("%w; accesslog -h tells of all flags", err)
		}
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	asked := given(fs)
	c.parts = map[string]bool{}
	for part := range strings.SplitSeq(*parts, ",") {
		if !slices.Contains(partNames, part) {
			return nil, fmt.Errorf("-run %q: the parts are %s", part, strings.Join(partNames, ", "))
		}
		c.parts[part] = true
	}
	c.setDefaults(asked, progress.IsTerminal(stderr))
	var known bool
	if c.escape, known = ltsv.ParseEscaping(*escape); !known {
		return nil, fmt.Errorf("-escape %q: must be none, nginx, apache, json or haproxy", *escape)
	}
	return c, c.check(asked["run"])
}

// given are the flags that are on the command line.
func given(fs *flag.FlagSet) map[string]bool {
	names := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { names[f.Name] = true })
	return names
}

// setDefaults fills in what depends on other flags, and on where the program runs.
func (c *config) setDefaults(asked map[string]bool, terminal bool) {
	if c.cookies == "" {
		c.cookies = os.Getenv("LTSVPIPE_COOKIE_KEY")
	}
	if c.archive.age == 0 {
		c.archive.age = 10 * time.Minute
		if !c.kafka.Given() {
			c.archive.age = time.Second
		}
	}
	if c.log.n == 0 && c.log.file == "" {
		c.log.n = 20_000
	}
	if c.id == "" {
		c.id = hostname()
	}
	if c.log.server == "" && c.log.follow {
		c.log.server = hostname()
	}
	switch c.http.asked = asked["http"]; {
	case c.http.addr == "off":
		c.http.addr = ""
	case !c.http.asked && (terminal && !c.quiet || asked["run"] && c.parts["dash"]):
		c.http.addr = defaultHTTP
	}
	if c.http.addr == "" {
		delete(c.parts, "dash")
	}
}

// check looks for flags that do not go together. partsAsked says that the parts are
// those of the flag, and not just all.
func (c *config) check(partsAsked bool) error {
	l, t := &c.log, &c.topics
	switch {
	case l.n < 0 || l.rate < 0 || t.replication < 0 || t.retention < 0 || c.archive.age < 0 || c.http.illAfter < 0 || t.partitions < 1:
		return errors.New("-n, -rate, -replication, -retention, -archive-age and -ill-after must not be negative, -partitions must be 1 or more")
	case c.session < time.Second:
		return errors.New("-session must be 1s or more")
	case l.follow && (l.file == "" || l.file == "-"):
		return errors.New("-follow needs a -file to follow")
	case l.state != "" && !l.follow:
		return errors.New("-state needs -follow")
	case c.archive.hive != "" && c.archive.dir == "":
		return errors.New("-hive needs -archive, the folder of the table")
	case l.server != "" && !shippable(l.server):
		return errors.New("-server must be a value of LTSV, without TABs and line ends")
	case partsAsked && c.parts["archive"] && c.archive.dir == "":
		return errors.New("-run archive needs -archive, the folder to land in")
	case partsAsked && c.parts["elastic"] && len(c.elastic.nodes) == 0:
		return errors.New("-run elastic needs -elastic, the nodes to land in")
	case c.registry == "" && c.kafka.Given() && (c.parts["avro"] || c.parts["archive"] && c.archive.dir != ""):
		// The ids of one in the process would be nothing to others, and lost when it ends.
		return errors.New("-brokers needs -registry: Avro records name their schema by its id there; without one, leave out the parts avro and archive, as -run agent,json,dash does")
	case c.parts["archive"] && c.archive.dir != "" && !c.parts["avro"] && c.registry == "":
		return errors.New("-run archive without avro needs -registry, which has the schemas")
	case len(c.parts) == 0:
		return errors.New("-run dash needs -http")
	}
	if err := c.kafka.Check(); err != nil {
		return err
	}
	for _, node := range c.elastic.nodes {
		if err := checkURL("-elastic", node, "ELASTIC_API_KEY, or ELASTIC_USER and ELASTIC_PASSWORD, say"); err != nil {
			return err
		}
	}
	if c.registry != "" {
		if err := checkURL("-registry", c.registry, "REGISTRY_USER and REGISTRY_PASSWORD say"); err != nil {
			return err
		}
	}
	if c.archive.dir == "" {
		delete(c.parts, "archive")
	}
	if len(c.elastic.nodes) == 0 {
		delete(c.parts, "elastic")
	}
	return nil
}

// checkURL returns an error that does not quote what may hold a password.
func checkURL(flag, text, instead string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return errors.New(flag + ": not http://HOST:PORT or https://HOST:PORT")
	case u.User != nil:
		return errors.New(flag + ": no user in the URL: " + instead + " who it is, in the environment")
	}
	return nil
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
