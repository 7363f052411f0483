package main

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
)

var benchmarked = []struct {
	name string
	args []string
}{
	{"raw", nil},
	{"to=ltsv", []string{"-escape", "nginx", "-to", "ltsv"}},
	{"job=json", []string{"-job", "json", "-cookie-key", "keyboard cat"}},
	{"job=avro", []string{"-job", "avro", "-to", "avro"}},
	{"inferred", []string{"-to", "avro"}},
}

var logMB = flag.Int("log-mb", 200, "how large the log of the benchmarks is, in MB")

// A bigLog is a log of -log-mb.
type bigLog struct {
	name           string
	bytes, records int
}

func newBigLog(b *testing.B) *bigLog {
	text := append(bytes.Join(logtest.Lines(logtest.Nginx), []byte("\n")), '\n')
	text = bytes.Repeat(text, *logMB*1_000_000/len(text))
	log := &bigLog{filepath.Join(b.TempDir(), "in.ltsv"), len(text), bytes.Count(text, []byte("\n"))}
	require.NoError(b, os.WriteFile(log.name, text, 0o600))
	return log
}

// bench measures once, which is preceded by before; the bytes are those that come in.
func (log *bigLog) bench(b *testing.B, name string, before, once func(b *testing.B)) {
	b.Run(name, func(b *testing.B) {
		b.SetBytes(int64(log.bytes))
		for b.Loop() {
			b.StopTimer()
			before(b)
			b.StartTimer()
			once(b)
		}
		b.ReportMetric(float64(log.records)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	})
}

// convert converts the log into the file called out.
func (log *bigLog) convert(b *testing.B, args []string, out string) {
	var errs bytes.Buffer
	args = append(args[:len(args):len(args)], "-o", out, log.name)
	require.Zero(b, run(b.Context(), args, nil, io.Discard, &errs), errs.String())
}

// BenchmarkConvert converts a log from memory to nowhere: what a disk would have to keep up
// with.
func BenchmarkConvert(b *testing.B) {
	log := newBigLog(b)
	for _, job := range benchmarked {
		log.bench(b, job.name, func(*testing.B) {}, func(b *testing.B) { log.convert(b, job.args, os.DevNull) })
	}
}
