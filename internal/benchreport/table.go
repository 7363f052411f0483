package main

import (
	"fmt"
	"io"
	"strings"
)

const module = "github.com/ltsvpipe/ltsvpipe"

// opponents are the modules that we are held against.
var opponents = []string{"github.com/bytedance/sonic", "github.com/hamba/avro/v2", "github.com/twmb/franz-go"}

// A suite is benchmarks of one package.
type suite struct{ pkg, bench string }

const (
	pkgLTSV   = "ltsv"
	pkgCookie = "cookie"
	pkgJSON   = "transform/jsonrec"
	pkgAvro   = "avroschema"
	pkgJobs   = "examples/internal/jobs"
	pkgKafka  = "kafkaio"
)

var suites = []suite{
	{pkgLTSV, `^BenchmarkLine$/^fields=24$/^(plain-loop|Parse|Parse\+Selector4|Parse\+All)$`},
	{pkgCookie, `^BenchmarkHeader$/^(Cursor|ParseCookie_of_net-http)$`},
	{pkgJSON, `^BenchmarkEncode24$/^(LTSV_to_JSON|sonic.Marshal)$`},
	{pkgAvro, `^BenchmarkEncode24$/^(Encoder|hamba_Marshal)$`},
	{pkgJobs, `^BenchmarkJob(1|2|1Kafka)$/^(job1|sonic.Marshal_of_a_filled_struct|sonic.Marshal_of_the_24_fields|the_plain_way|job_2|sonic_and_hamba|bare_loop|job_alone|over_Kafka)$`},
	{pkgKafka, `^BenchmarkCopy$/^(pipeline|bare)$`},
}

const (
	perRecord = "ns/op"
	processor = "cpu-s/Mrecord"
)

// A row holds benchmarks of a package against others of it: the ratio of the sums
// of their figures must not exceed most.
type row struct {
	what, against string
	pkg, unit     string
	ours, theirs  []string
	most          float64
}

// A lineRow is one of the parser's, which has two implementations: it has their
// names behind that of the benchmark.
type lineRow struct {
	what, bench  string
	avx2, purego float64
}

var lineRows = []lineRow{
	{"`ltsv.Record.Parse`, colons checked", "Parse", 0.25, 0.75},
	{"parse + four fields by `Selector`", "Parse+Selector4", 1.0 / 3, 0.8},
	{"parse + visit all fields", "Parse+All", 0.5, 1},
}

var rows = []row{
	{"cookie header, all pairs", "`net/http.ParseCookie`", pkgCookie, perRecord,
		[]string{"Header/Cursor"}, []string{"Header/ParseCookie of net-http"}, 1.0 / 9},
	{"LTSV → JSON, no stages", "`sonic.Marshal` of a filled struct of the same fields", pkgJSON, perRecord,
		[]string{"Encode24/LTSV to JSON"}, []string{"Encode24/sonic.Marshal"}, 0.9},
	{"LTSV → JSON, the whole job 1", "`sonic.Marshal` of a filled struct of the 24 fields read", pkgJobs, perRecord,
		[]string{"Job1/job1"}, []string{"Job1/sonic.Marshal of the 24 fields"}, 1.5},
	{"same", "`sonic.Marshal` of a filled struct of what job 1 writes", pkgJobs, perRecord,
		[]string{"Job1/job1"}, []string{"Job1/sonic.Marshal of a filled struct"}, 1.5},
	{"same", "the plain way: map, strings, `net/http`, `time`, `encoding/json`", pkgJobs, perRecord,
		[]string{"Job1/job1"}, []string{"Job1/the plain way"}, 1.0 / 9},
	{"record → Avro, UTF-8 repaired", "hamba `Marshal` of a filled struct", pkgAvro, perRecord,
		[]string{"Encode24/Encoder"}, []string{"Encode24/hamba Marshal"}, 0.6},
	{"JSON → Avro (decoder, chain, encoder)", "sonic to a struct + hamba `Marshal`", pkgJobs, perRecord,
		[]string{"Job2/job 2"}, []string{"Job2/sonic and hamba"}, 0.45},
	{"`kafkaio` with a copying handler, CPU", "the bare poll-produce-flush-commit loop", pkgKafka, processor,
		[]string{"Copy/pipeline"}, []string{"Copy/bare"}, 1.2},
	{"job 1 over Kafka, CPU", "the bare loop + the job alone", pkgJobs, processor,
		[]string{"Job1Kafka/over Kafka"}, []string{"Job1Kafka/bare loop", "Job1Kafka/job alone"}, 1.15},
}

// write prints both tables.
func write(out io.Writer, rounds []results) error {
	var b strings.Builder
	b.WriteString("\n| what | against | AVX2 | must be | | purego | must be | |\n|---|---|---:|---:|---|---:|---:|---|\n")
	for _, r := range lineRows {
		line := row{pkg: pkgLTSV, unit: perRecord, theirs: []string{"Line/fields=24/plain-loop"}}
		fmt.Fprintf(&b, "| %s | plain loop |", r.what)
		for _, of := range []struct {
			name string
			most float64
		}{{"avx2", r.avx2}, {"purego", r.purego}} {
			line.ours, line.most = []string{"Line/fields=24/" + r.bench + "/" + of.name}, of.most
			b.WriteString(line.cells(rounds))
		}
		b.WriteString("\n")
	}
	b.WriteString("\n| what | against | ratio | must be | |\n|---|---|---:|---:|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s |%s\n", r.what, r.against, r.cells(rounds))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// cells are the ratio, what it must be, and whether it is. A benchmark that this
// machine has not, as one without AVX2, gives a dash.
func (r row) cells(rounds []results) string {
	must := fmt.Sprintf(" ≤ %.2f |", r.most)
	got, ok := ratioOf(rounds, r.pkg, r.unit, r.ours, r.theirs)
	if !ok {
		return " — |" + must + " not measured |"
	}
	met := "met"
	if got.median > r.most {
		met = "**not met**"
	}
	return fmt.Sprintf(" %s |%s %s |", got, must, met)
}
