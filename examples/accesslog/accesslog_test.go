package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
)

// start runs the program and returns what it wrote and its summary.
func start(t *testing.T, ctx context.Context, stdin string, args ...string) (out []string, errs string, sum summary, status int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status = run(ctx, args, strings.NewReader(stdin), &stdout, &stderr)
	out = strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n")
	if last := out[len(out)-1]; last != "" {
		d := json.NewDecoder(strings.NewReader(last))
		d.DisallowUnknownFields()
		assert.NoError(t, d.Decode(&sum), last)
	}
	return out, stderr.String(), sum, status
}

func TestEmbedded(t *testing.T) {
	out, errs, sum, status := start(t, t.Context(), "")
	require.Zero(t, status, errs)
	assert.Empty(t, errs, "no progress where there is no terminal")
	require.Len(t, out, 2+wantSamples+1)
	for _, sample := range out[2 : 2+wantSamples] {
		var m map[string]any
		require.NoError(t, json.Unmarshal([]byte(sample), &m))
		assert.Contains(t, m, "@timestamp")
		assert.Contains(t, m, "bot")
		assert.NotContains(t, m, "cookie")
	}
	assert.Positive(t, sum.Seconds)
	assert.InDelta(t, 20_000/sum.Seconds, sum.RecordsPerSecond, sum.RecordsPerSecond/50)
	sum.Seconds, sum.RecordsPerSecond = 0, 0
	assert.EqualValues(t, 20_000, sum.Shipped)
	assert.Equal(t, counts{Read: 20_000, Written: 20_000, ReadBack: 20_000}, sum.counts)
	assert.Equal(t, sum.counts, sum.Jobs["json"])
	avro := sum.Jobs["avro"]
	assert.Positive(t, avro.Skipped, "bots")
	assert.Equal(t, counts{Read: 20_000, Written: 20_000 - avro.Skipped, Skipped: avro.Skipped, ReadBack: 20_000 - avro.Skipped}, avro)
	assert.Equal(t, counts{Read: 20_000, Written: 20_000}, sum.Jobs["agent"])
	assert.Len(t, sum.Jobs, 3, "no archive, no page")
}

// TestOwnLog ships a log with bad lines to a cluster that is there already, twice:
// the second run finds topics and group as the first left them.
func TestOwnLog(t *testing.T) {
	cluster := kafkatest.Start(t, kfake.NumBrokers(3))
	brokers := strings.Join(cluster.ListenAddrs(), ",")
	good := logtest.Lines(logtest.Apache)[:100]
	log := string(bytes.Join(good, []byte("\r\n"))) + "\n\nbad line\n:also bad\ntime:22/Nov/2026:16:00:49 +0000\tlast:line"
	file := filepath.Join(t.TempDir(), "access.ltsv")
	require.NoError(t, os.WriteFile(file, []byte(log), 0o600))
	for round, args := range [][]string{{"-file", file}, {"-file", "-"}} {
		args = append(args, "-quiet", "-brokers", brokers, "-escape", "apache", "-group", "g", "-run", "agent,json",
			"-topic-in", "in", "-topic-out", "out", "-topic-dead", "dead", "-partitions", "2")
		out, errs, sum, status := start(t, t.Context(), log, args...)
		require.Zero(t, status, errs)
		require.Len(t, out, 1)
		sum.Seconds, sum.RecordsPerSecond = 0, 0
		assert.EqualValues(t, 103, sum.Shipped)
		assert.Equal(t, counts{Read: 103, Written: 101, Rejected: 2, DeadLettered: 2, ReadBack: 101}, sum.counts)
		assert.Empty(t, sum.Jobs["avro"])

		dead := cluster.Read("dead")
		require.Len(t, dead, 2*(round+1))
		var values []string
		for _, rec := range dead[2*round:] {
			values = append(values, string(rec.Value))
			assert.NotEmpty(t, rec.Headers)
		}
		assert.ElementsMatch(t, []string{"bad line", ":also bad"}, values)
		written := cluster.Read("out")
		require.Len(t, written, 101*(round+1))
		for _, rec := range written {
			var m map[string]any
			require.NoError(t, json.Unmarshal(rec.Value, &m))
		}
	}
}

func TestN(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log")
	require.NoError(t, os.WriteFile(file, bytes.Repeat([]byte("time:22/Nov/2026:16:00:49 +0000\ta:1\n"), 50), 0o600))
	_, errs, sum, status := start(t, t.Context(), "", "-quiet", "-file", file, "-n", "7")
	require.Zero(t, status, errs)
	assert.EqualValues(t, 7, sum.Read)
	_, errs, sum, status = start(t, t.Context(), "", "-quiet", "-file", "-")
	require.Zero(t, status, errs)
	assert.Zero(t, sum.Read, "nothing to ship is no error")
}

func TestRate(t *testing.T) {
	began := time.Now()
	_, errs, sum, status := start(t, t.Context(), "", "-quiet", "-n", "500", "-rate", "1000")
	require.Zero(t, status, errs)
	assert.EqualValues(t, 500, sum.Read)
	assert.GreaterOrEqual(t, time.Since(began), 490*time.Millisecond)
}

// TestInterrupt: asked to stop, the system settles what it has and reports it.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	_, errs, sum, status := start(t, ctx, "", "-quiet", "-n", "1000000000", "-rate", "2000")
	require.Zero(t, status, errs)
	assert.Positive(t, sum.Read)
	assert.Equal(t, sum.Read, sum.Written+sum.Skipped+sum.Rejected)
}

// TestLongLines: a line that is too long for a record costs itself.
func TestLongLines(t *testing.T) {
	_, errs, sum, status := start(t, t.Context(), "\xEF\xBB\xBFtime:22/Nov/2026:16:00:49 +0000\ta:1\na:"+strings.Repeat("x", 3<<20)+"\ntime:22/Nov/2026:16:00:49 +0000\tb:2", "-quiet", "-file", "-")
	require.Zero(t, status, errs)
	assert.EqualValues(t, 1, sum.NotShipped)
	assert.EqualValues(t, 2, sum.Written)
}

// TestStopsWhileInputIsIdle: a signal ends the run though the input does not.
func TestStopsWhileInputIsIdle(t *testing.T) {
	in, feed := io.Pipe()
	defer feed.Close()
	go func() {
		_, _ = feed.Write([]byte("time:22/Nov/2026:16:00:49 +0000\ta:1\ntime:22/Nov/2026:16:00:49 +0000\tb:2\n"))
	}()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	var stdout, stderr bytes.Buffer
	done := make(chan int)
	go func() { done <- run(ctx, []string{"-quiet", "-file", "-"}, in, &stdout, &stderr) }()
	select {
	case status := <-done:
		assert.Zero(t, status, stderr.String())
		assert.NotEmpty(t, stdout.String())
	case <-time.After(20 * time.Second):
		require.Fail(t, "still running")
	}
}

// TestTwoProcessesOfOneGroup: they share the work, and neither takes that for a loss.
func TestTwoProcessesOfOneGroup(t *testing.T) {
	cluster := kafkatest.Start(t, kfake.NumBrokers(3))
	brokers := strings.Join(cluster.ListenAddrs(), ",")
	schemas := startRegistry(t)
	const n = 1500
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			_, errs, _, status := start(t, t.Context(), "", "-quiet", "-brokers", brokers, "-registry", schemas, "-n", fmt.Sprint(n), "-rate", "1000")
			assert.Zero(t, status, errs)
		})
	}
	all.Wait()
	assert.GreaterOrEqual(t, len(cluster.Read("access.json")), 2*n)
}

// TestTransactionMarkers take offsets in which there is nothing to read.
func TestTransactionMarkers(t *testing.T) {
	cluster := kafkatest.Start(t)
	cluster.Topic("access.ltsv", 1)
	cluster.Topic("access.json", 1)
	cl := cluster.Client(kgo.TransactionalID("other"))
	for _, topic := range []string{"access.ltsv", "access.json"} {
		for range 3 {
			require.NoError(t, cl.BeginTransaction())
			require.NoError(t, cl.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte("time:22/Nov/2026:16:00:49 +0000\ta:1")}).FirstErr())
			require.NoError(t, cl.EndTransaction(t.Context(), kgo.TryCommit))
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, errs, sum, status := start(t, ctx, "time:22/Nov/2026:16:00:49 +0000\tb:1\n", "-quiet", "-brokers", strings.Join(cluster.ListenAddrs(), ","), "-run", "agent,json", "-file", "-")
	require.Zero(t, status, errs)
	require.NoError(t, ctx.Err())
	assert.EqualValues(t, 4, sum.Read)
	assert.EqualValues(t, 4, sum.ReadBack)
}

func TestFailures(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "none")
	log := filepath.Join(dir, "log")
	require.NoError(t, os.WriteFile(log, nil, 0o600))
	for _, tt := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"-x"}, 2, "flag provided but not defined: -x; accesslog -h tells of all flags"},
		{[]string{"-n", "many"}, 2, `invalid value "many" for flag -n: parse error; accesslog -h tells of all flags`},
		{[]string{"x"}, 2, `unexpected argument "x"`},
		{[]string{"-n", "-1"}, 2, "must not be negative"},
		{[]string{"-partitions", "0"}, 2, "-partitions must be 1 or more"},
		{[]string{"-escape", "iis"}, 2, `-escape "iis"`},
		{[]string{"-registry", "r:8081"}, 2, "-registry: not http://HOST:PORT or https://HOST:PORT"},
		{[]string{"-registry", "http://me:geheim@r:8081"}, 2, "-registry: no user in the URL: REGISTRY_USER and REGISTRY_PASSWORD say who it is, in the environment"},
		{[]string{"-tls"}, 2, "-tls and -sasl need -brokers"},
		{[]string{"-brokers", "b", "-run", "json", "-tls-ca", "x"}, 2, "-tls-ca, -tls-cert and -tls-key need -tls"},
		{[]string{"-brokers", "b", "-run", "json", "-tls", "-tls-key", "x"}, 2, "-tls-cert and -tls-key need each other"},
		{[]string{"-brokers", "b", "-run", "json", "-tls", "-tls-ca", missing}, 1, "-tls-ca: open " + missing},
		{[]string{"-brokers", "b", "-run", "json", "-tls", "-tls-ca", log}, 1, "-tls-ca " + log + ": no certificates in it"},
		{[]string{"-brokers", "b", "-run", "json", "-tls", "-tls-cert", log, "-tls-key", log}, 1, "-tls-cert, -tls-key: tls: failed to find any PEM data"},
		{[]string{"-brokers", "b", "-run", "json", "-sasl", "gssapi"}, 2, `-sasl "gssapi": must be plain, scram-sha-256 or scram-sha-512`},
		{[]string{"-brokers", "b", "-run", "json", "-sasl", "plain"}, 2, "-sasl needs KAFKA_USER and KAFKA_PASSWORD in the environment"},
		{[]string{"-hive", "x"}, 2, "-hive needs -archive"},
		{[]string{"-file", missing}, 1, "-file: stat " + missing + ": no such file"},
		{[]string{"-file", dir}, 1, "-file " + dir + ": is a folder"},
		{[]string{"-file", dir, "-follow"}, 1, "-file " + dir + ": is a folder"},
		{[]string{"-file", log, "-follow", "-state", filepath.Join(missing, "state")}, 1, "-state: open " + missing},
		{[]string{"-archive", log}, 1, "-archive: mkdir " + log + ": not a directory"},
		{[]string{"-archive", dir, "-hive", filepath.Join(missing, "sql")}, 1, "-hive: open " + missing},
		{[]string{"-registry", "http://127.0.0.1:1"}, 1, "-registry: registry: register"},
		{[]string{"-brokers", "127.0.0.1:1", "-run", "agent,json"}, 1, "-brokers 127.0.0.1:1: none answers: unable to dial: dial tcp 127.0.0.1:1: connect: connection refused"},
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, tt.status, run(t.Context(), tt.args, nil, &stdout, &stderr), tt.args)
		assert.Empty(t, stdout.String())
		assert.Contains(t, stderr.String(), tt.want)
		assert.NotContains(t, stderr.String(), "geheim")
		assert.Equal(t, 1, strings.Count(stderr.String(), "\n"))
	}
}

// TestHelp tells of each flag once.
func TestHelp(t *testing.T) {
	var stdout, stderr bytes.Buffer
	assert.Zero(t, run(t.Context(), []string{"-h"}, nil, &stdout, &stderr))
	assert.Empty(t, stderr.String())
	fs, _, _ := new(config).flags()
	fs.VisitAll(func(f *flag.Flag) {
		assert.Len(t, regexp.MustCompile(`(?m)^  -`+f.Name+`( \w+)?$`).FindAllString(stdout.String(), -1), 1, f.Name)
	})
	for line := range strings.SplitSeq(stdout.String(), "\n") {
		assert.True(t, len(line) <= 96 || strings.HasPrefix(line, "  accesslog "), line)
	}
}

func TestReportFindsWhatIsMissing(t *testing.T) {
	for _, tt := range []struct {
		read, written, rejected, shipped, back int64
		partial, ok                            bool
	}{
		{read: 10, written: 9, rejected: 1, shipped: 10, back: 9, ok: true},
		{read: 10, written: 10, rejected: 0, shipped: 10, back: 11, ok: true}, // at least once
		{read: 10, written: 9, rejected: 0, shipped: 10, back: 9},
		{read: 9, written: 9, rejected: 0, shipped: 10, back: 9},
		{read: 9, written: 9, rejected: 0, shipped: 10, back: 9, partial: true, ok: true},
		{read: 10, written: 10, rejected: 0, shipped: 10, back: 9},
	} {
		var out bytes.Buffer
		cfg := &config{quiet: true, stdout: &out, topics: topicConfig{in: "in"}}
		j := &job{name: "job 1", part: "json", in: "in", back: &reader{}}
		j.read.Store(tt.read)
		j.written.Store(tt.written)
		j.rejected.Store(tt.rejected)
		j.back.count.Store(tt.back)
		s := &system{cfg: cfg, agent: &agent{}, jobs: []*job{j}}
		s.agent.written.Store(tt.shipped)
		err := s.report(time.Second, !tt.partial)
		assert.Equal(t, tt.ok, err == nil, fmt.Sprintf("%+v: %v", tt, err))
	}
}

func TestTrimLineEnd(t *testing.T) {
	for in, want := range map[string]string{"a": "a", "a\n": "a", "a\r\n": "a", "a\r": "a\r", "": "", "\n": "", "a\n\n": "a\n"} {
		assert.Equal(t, want, string(trimLineEnd([]byte(in))), "%q", in)
	}
}
