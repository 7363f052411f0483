package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
)

const usage = `usage: accesslog [FLAG...]

Ships access logs to Kafka, turns them from LTSV into JSON (job 1) and that into Avro, without
bots (job 2), lands them in files and in Elasticsearch, and shows what comes on a page. Without
flags all of it, with a log of its own, on a cluster in the process. On yours, each part where
it belongs:

  accesslog -brokers k-1:9092,k-2:9092 -run agent -file /var/log/nginx/access.ltsv -follow -state /var/lib/accesslog/state
  accesslog -brokers k-1:9092,k-2:9092 -run json,avro -registry http://registry:8081 -http :9100
  accesslog -brokers k-1:9092,k-2:9092 -run archive -registry http://registry:8081 -archive /data/access
  accesslog -brokers k-1:9092,k-2:9092 -run elastic -elastic https://es-1:9200,https://es-2:9200
  accesslog -brokers k-1:9092,k-2:9092 -run dash
`

// usageGroups are the flags in the order in which -h tells of them.
var usageGroups = []struct{ title, flags string }{
	{"What runs, and where", "run registry id session at-least-once skip-lost quiet"},
	{"The brokers", "brokers tls tls-ca tls-cert tls-key sasl"},
	{"The agent and its log", "file follow state server n rate"},
	{"Job 1", "escape cookie-key"},
	{"Landing", "archive archive-age hive hive-table elastic elastic-index"},
	{"The live page, /metrics and /healthz", "http ill-after"},
	{"Topics and consumer groups", "topic-in topic-out topic-avro topic-dead partitions replication retention group group-avro group-archive group-elastic"},
}

// writeUsage writes what -h says.
func writeUsage(w io.Writer) {
	fs, _, _ := new(config).flags()
	fmt.Fprint(w, usage)
	for _, group := range usageGroups {
		fmt.Fprintf(w, "\n%s:\n", group.title)
		for name := range strings.FieldsSeq(group.flags) {
			f := fs.Lookup(name)
			value, text := flag.UnquoteUsage(f)
			if f.DefValue != "" && f.DefValue != "0" && f.DefValue != "0s" && f.DefValue != "false" {
				text += "; default " + f.DefValue
			}
			fmt.Fprintf(w, "  -%s\n", strings.TrimSpace(name+" "+value))
			writeWrapped(w, "      ", text)
		}
	}
	fmt.Fprint(w, "\nExit status: 0 if every record that was read is accounted for; 1 when something failed; 2 for a\nwrong command line. The last line of standard output is a JSON object with the counts.\n")
}

// writeWrapped writes text in lines that begin with indent and fit into a terminal.
func writeWrapped(w io.Writer, indent, text string) {
	line := indent
	for word := range strings.FieldsSeq(text) {
		if len(line)+len(word) > 96 {
			fmt.Fprintln(w, strings.TrimRight(line, " "))
			line = indent
		}
		line += word + " "
	}
	fmt.Fprintln(w, strings.TrimRight(line, " "))
}
