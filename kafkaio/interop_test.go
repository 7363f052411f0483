package kafkaio_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// kcat runs kcat, a client made of another library (librdkafka), and returns
// what it prints.
func kcat(t *testing.T, input string, args ...string) string {
	t.Helper()
	cmd := exec.Command("kcat", args...)
	cmd.Stdin = strings.NewReader(input)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	require.NoError(t, err, errs.String())
	return string(out)
}

// TestInterop: what kcat writes with each codec, a pipeline reads; what the
// pipeline writes, kcat reads; keys and headers intact.
func TestInterop(t *testing.T) {
	alongside(t)
	if _, err := exec.LookPath("kcat"); err != nil {
		if kafkatest.Real() {
			t.Fatal("kcat is not in PATH: LTSVPIPE_REAL=1 asks for it")
		}
		t.Skip("kcat is not in PATH")
	}
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	for codec, compression := range codecs {
		for _, p := range promises {
			if !p.once && codec != "snappy" {
				continue // how records are encoded does not depend on the promise
			}
			t.Run(codec+" "+p.name, func(t *testing.T) {
				alongside(t)
				kafkatest.Each(t, 1, func(t *testing.T, k *kafkatest.Kafka) {
					k.Topic("in", 1)
					k.Topic("out", 1)
					var lines, want strings.Builder
					for i := range 200 {
						fmt.Fprintf(&lines, "key%d|host:203.0.113.%d\tstatus:200\n", i, i)
						fmt.Fprintf(&want, "key%d|host:203.0.113.%d\tstatus:200|a=1,b=two\n", i, i)
					}
					file := filepath.Join(t.TempDir(), "lines")
					require.NoError(t, os.WriteFile(file, []byte(lines.String()), 0o600))
					brokers := strings.Join(k.Seeds(), ",")
					kcat(t, "", "-P", "-b", brokers, "-t", "in", "-p", "0", "-K", "|", "-H", "a=1", "-H", "b=two", "-z", codec, "-l", file)
					j := p.start(t, &kafkaio.Pipeline{NewHandler: copying}, k, "t", kgo.ProducerBatchCompression(compression))
					k.AwaitCommitted(t, "g", "in")
					require.NoError(t, j.Stop())
					got := kcat(t, "", "-C", "-b", brokers, "-t", "out", "-e", "-q", "-o", "beginning",
						"-X", "isolation.level=read_committed", "-f", "%k|%s|%h\n")
					require.Equal(t, want.String(), got)
				})
			})
		}
	}
}
