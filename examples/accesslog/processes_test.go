package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/ltsvpipe/ltsvpipe/internal/avrotest"
	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/internal/realtest"
	"github.com/ltsvpipe/ltsvpipe/internal/searchtest"
)

const processEnv = "LTSVPIPE_ACCESSLOG_PROCESS"

// TestMain runs the tests, or is the program: tests start their binary again.
func TestMain(m *testing.M) {
	if os.Getenv(processEnv) != "" {
		main()
		return
	}
	os.Exit(searchtest.Main(func() int { return kafkatest.Main(m) }))
}

// A process is accesslog in a process of its own.
type process struct {
	t            *testing.T
	cmd          *exec.Cmd
	stdout, errs bytes.Buffer
}

func startProcess(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(os.Args[0], args...)}
	p.cmd.Env = append(os.Environ(), processEnv+"=1")
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.errs
	realtest.DieWithParent(p.cmd)
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait() // it is over by now, most often
		if t.Failed() {
			t.Logf("%v: %v\n%s", args, p.cmd.ProcessState, p.errs.String())
		}
	})
	return p
}

// kill is kill -9.
func (p *process) kill() {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Kill())
	require.Error(p.t, p.cmd.Wait())
}

// stop ends the process as an operator does.
func (p *process) stop() summary {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Process.Signal(syscall.SIGTERM))
	return p.wait()
}

func (p *process) wait() (sum summary) {
	p.t.Helper()
	require.NoError(p.t, p.cmd.Wait(), p.errs.String())
	require.NoError(p.t, json.Unmarshal(p.stdout.Bytes(), &sum), "one line: "+p.errs.String())
	return sum
}

// processLines are what the agent of TestProcesses ships, and how many of them job 2
// takes: not those of bots.
const processLines, processHumans = 24_000, 18_000

func writeNumbered(t *testing.T) (file string) {
	t.Helper()
	var log bytes.Buffer
	for i := range processLines {
		ua := "Mozilla/5.0"
		if i%4 == 0 {
			ua = "Googlebot"
		}
		fmt.Fprintf(&log, "msec:1770000000.%03d\treq:GET /%d HTTP/1.1\tstatus:200\tua:%s\n", i%1000, i, ua)
	}
	file = filepath.Join(t.TempDir(), "access.ltsv")
	require.NoError(t, os.WriteFile(file, log.Bytes(), 0o600))
	return file
}

// TestProcesses runs each part in processes of its own, several of them for job 1. In the
// middle one of these and one that archives are killed, and one of the real brokers. Each
// line comes out once: in the topics, in the index and in the files. Where real brokers
// are, it is kcat that reads the topic, and Java that reads the files.
func TestProcesses(t *testing.T) {
	kafkatest.Each(t, 3, func(t *testing.T, k *kafkatest.Kafka) {
		for _, topic := range []string{"access.ltsv", "access.json", "access.avro", "access.dlq"} {
			k.Topic(topic, 6)
		}
		schemas := srfake.New()
		defer schemas.Close()
		elastic := startNode(t)
		dir := filepath.Join(t.TempDir(), "archive")
		brokers := strings.Join(k.Seeds(), ",")
		part := func(id, part string, more ...string) *process {
			return startProcess(t, append([]string{"-quiet", "-brokers", brokers, "-registry", schemas.URL(), "-session", "4s", "-id", id, "-run", part}, more...)...)
		}
		archive := []string{"-archive", dir, "-archive-age", "500ms"}
		living := []*process{
			part("json-2", "json"), part("json-3", "json"), part("avro-1", "avro"), part("avro-2", "avro"),
			part("archive-2", "archive", archive...), part("elastic-1", "elastic", "-elastic", elastic.URL),
		}
		victim, archiver := part("json-1", "json"), part("archive-1", "archive", archive...)
		agent := part("agent", "agent", "-file", writeNumbered(t), "-rate", "4000")

		reached := func(topic string, n int) {
			t.Helper()
			require.Eventually(t, func() bool {
				records := int64(0)
				for _, end := range k.End(topic) {
					records += end
				}
				return records >= int64(n)
			}, time.Minute, 50*time.Millisecond)
		}
		reached("access.json", processLines/4)
		victim.kill()
		archiver.kill()
		living = append(living, part("json-1", "json"), part("archive-1", "archive", archive...))
		reached("access.json", processLines/2)
		if k.Kind == "Kafka" { // to a client, a fake's partition that moves has lost all
			k.Kill(1)
			reached("access.json", processLines*3/4)
			k.Restart(1)
		}

		assert.EqualValues(t, processLines, agent.wait().Shipped)
		settled := func(group, topic string) {
			t.Helper()
			if !assert.Eventually(t, func() bool {
				at := k.Committed(group, topic)
				for p, end := range k.Stable(topic) {
					if end > at[p] {
						return false
					}
				}
				return true
			}, 40*time.Second, 100*time.Millisecond, "group %s does not catch up", group) {
				t.Log(k.Committed(group, topic), k.Stable(topic), k.End(topic))
				t.Log(k.Group(group))
				t.Log(k.Transactions())
				t.FailNow()
			}
		}
		settled("access-json", "access.ltsv")
		settled("access-avro", "access.json")
		settled("access-elastic", "access.json")
		settled("access-archive", "access.avro")
		for _, p := range living {
			for part, c := range p.stop().Jobs {
				assert.True(t, c.whole(), "%s: %+v", part, c)
			}
		}
		assert.Empty(t, k.Read("access.dlq"))
		assert.Len(t, k.Read("access.avro"), processHumans)
		once(t, processLines, pathsOf(t, read(t, k, "access.json")))
		once(t, processLines, pathsOf(t, documents(elastic)))
		once(t, processHumans, archived(t, dir))
	})
}

// read returns the values of a topic. Those of a real one another client reads, kcat.
func read(t *testing.T, k *kafkatest.Kafka, topic string) (values [][]byte) {
	t.Helper()
	if !realtest.On() {
		for _, rec := range k.Read(topic) {
			values = append(values, rec.Value)
		}
		return values
	}
	out := realtest.Output(t, exec.Command("kcat", "-C", "-b", strings.Join(k.Seeds(), ","), "-t", topic, "-e", "-q", "-o", "beginning", "-X", "isolation.level=read_committed"), nil)
	return bytes.Split(bytes.TrimSuffix(out, []byte("\n")), []byte("\n"))
}

func documents(n *node) (values [][]byte) {
	for _, source := range n.Documents("access-*") {
		values = append(values, source)
	}
	return values
}

func pathsOf(t *testing.T, values [][]byte) (paths []string) {
	t.Helper()
	for _, v := range values {
		var m struct{ Path string }
		require.NoError(t, json.Unmarshal(v, &m))
		paths = append(paths, m.Path)
	}
	return paths
}

// archived returns the paths of the records in the files that have landed, which Java
// reads if it is to be had.
func archived(t *testing.T, dir string) (paths []string) {
	t.Helper()
	var files []string
	require.NoError(t, filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".avro" {
			files = append(files, path)
		}
		return err
	}))
	if realtest.On() {
		return strings.Fields(string(avrotest.Java(t, "testdata/Paths.java", []byte(strings.Join(files, "\n")+"\n"))))
	}
	for _, file := range files {
		for _, rec := range readContainer(t, file) {
			paths = append(paths, rec["path"].(string))
		}
	}
	return paths
}

// once requires n different paths, each once.
func once(t *testing.T, n int, paths []string) {
	t.Helper()
	seen := map[string]int{}
	for _, p := range paths {
		seen[p]++
	}
	twice := 0
	for _, times := range seen {
		twice += times - 1
	}
	assert.Equal(t, n, len(seen), "lines that came out")
	assert.Zero(t, twice, "lines that came out again")
}

// TestFellBehind: a part whose group fell behind retention stops and says so, and goes on
// with what is left when it is told to.
func TestFellBehind(t *testing.T) {
	kafkatest.Each(t, 1, func(t *testing.T, k *kafkatest.Kafka) {
		for _, topic := range []string{"access.ltsv", "access.json", "access.avro", "access.dlq"} {
			k.Topic(topic, 1)
		}
		brokers := strings.Join(k.Seeds(), ",")
		ship := func(n int) {
			for range n {
				k.Produce(&kgo.Record{Topic: "access.ltsv", Value: []byte("time:22/Nov/2026:16:00:49 +0000\ta:1")})
			}
		}
		ship(5)
		first := startProcess(t, "-quiet", "-brokers", brokers, "-run", "json")
		require.Eventually(t, func() bool { return k.Committed("access-json", "access.ltsv")[0] == 5 }, 30*time.Second, 20*time.Millisecond)
		assert.EqualValues(t, 5, first.stop().Read)

		ship(20)
		offsets := kadm.Offsets{}
		offsets.AddOffset("access.ltsv", 0, 15, -1)
		_, err := kadm.NewClient(k.Client()).DeleteRecords(t.Context(), offsets)
		require.NoError(t, err)
		behind := startProcess(t, "-quiet", "-brokers", brokers, "-run", "json")
		require.Error(t, behind.cmd.Wait())
		assert.Contains(t, behind.errs.String(), "accesslog: job 1: kafkaio: topic access.ltsv partition 0 lost records")
		assert.EqualValues(t, 5, k.Committed("access-json", "access.ltsv")[0], "nothing is passed over in silence")

		resigned := startProcess(t, "-quiet", "-brokers", brokers, "-run", "json", "-skip-lost")
		require.Eventually(t, func() bool { return k.Committed("access-json", "access.ltsv")[0] == 25 }, 30*time.Second, 20*time.Millisecond)
		assert.EqualValues(t, 10, resigned.stop().Read)
	})
}
