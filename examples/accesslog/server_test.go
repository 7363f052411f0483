package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/live"
	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
)

// A buffer is what a program writes while a test reads it.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// A program is accesslog at work, with something that listens.
type program struct {
	t            *testing.T
	stop         context.CancelFunc
	status       chan int
	stdout, errs *buffer
	url          string
}

var listening = regexp.MustCompile(`accesslog: .* at (http://\S+)/\n`)

// startProgram starts accesslog, which ends with the test, and waits until it listens.
func startProgram(t *testing.T, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	p := &program{t: t, stop: cancel, status: make(chan int, 1), stdout: &buffer{}, errs: &buffer{}}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.status <- run(ctx, args, strings.NewReader(""), p.stdout, p.errs)
	}()
	t.Cleanup(func() { cancel(); <-ended })
	require.Eventually(t, func() bool {
		if found := listening.FindStringSubmatch(p.errs.String()); found != nil {
			p.url = found[1]
		}
		return p.url != ""
	}, 20*time.Second, 10*time.Millisecond)
	return p
}

// end stops the program and returns its summary.
func (p *program) end() (sum summary) {
	p.t.Helper()
	p.stop()
	assert.Zero(p.t, <-p.status, p.errs.String())
	lines := strings.Split(strings.TrimSpace(p.stdout.String()), "\n")
	require.NoError(p.t, json.Unmarshal([]byte(lines[len(lines)-1]), &sum))
	return sum
}

// get asks the program for what is at a path.
func (p *program) get(path string) (status int, body string) {
	p.t.Helper()
	resp, err := http.Get(p.url + path)
	require.NoError(p.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(p.t, err)
	return resp.StatusCode, string(text)
}

func (p *program) snapshot() (s live.Snapshot) {
	p.t.Helper()
	status, body := p.get("/snapshot")
	require.Equal(p.t, http.StatusOK, status)
	require.NoError(p.t, json.Unmarshal([]byte(body), &s))
	return s
}

// metrics returns the values of a metric, or the sums of a summary, by the values of its
// labels.
func (p *program) metrics(name string) map[string]float64 {
	p.t.Helper()
	_, body := p.get("/metrics")
	values := map[string]float64{}
	for _, m := range regexp.MustCompile(`(?m)^`+name+`(?:_sum)?\{(.*)\} (\S+)$`).FindAllStringSubmatch(body, -1) {
		var labels []string
		for _, l := range regexp.MustCompile(`="([^"]*)"`).FindAllStringSubmatch(m[1], -1) {
			labels = append(labels, l[1])
		}
		value, err := strconv.ParseFloat(m[2], 64)
		require.NoError(p.t, err)
		values[strings.Join(labels, " ")] = value
	}
	return values
}

// TestPage runs the whole system with its page, and a second process that has the page
// only: both show what the topic has.
func TestPage(t *testing.T) {
	cluster := kafkatest.Start(t, kfake.NumBrokers(3))
	for _, topic := range []string{"access.ltsv", "access.json", "access.avro", "access.dlq"} {
		cluster.Topic(topic, 3)
	}
	brokers := strings.Join(cluster.ListenAddrs(), ",")
	alone := startProgram(t, "-brokers", brokers, "-run", "dash", "-http", "127.0.0.1:0", "-id", "page")
	whole := startProgram(t, "-brokers", brokers, "-registry", startRegistry(t), "-http", "127.0.0.1:0", "-n", "1000000", "-rate", "1000")
	require.Eventually(t, func() bool {
		s := whole.snapshot()
		return s.Records > 500 && len(s.Parts) >= 4 && s.Parts[1].Lag >= 0 && s.Parts[2].Lag >= 0
	}, 20*time.Second, 50*time.Millisecond)
	_, page := whole.get("/")
	assert.Contains(t, page, "<title>Access log, live</title>")

	s := whole.snapshot()
	require.Equal(t, []string{"agent", "job 1", "job 2", "this page"}, []string{s.Parts[0].Name, s.Parts[1].Name, s.Parts[2].Name, s.Parts[3].Name})
	for _, p := range s.Parts {
		assert.Positive(t, p.Read, p.Name)
		assert.Empty(t, p.Trouble, p.Name)
	}
	require.Eventually(t, func() bool {
		parts := alone.snapshot().Parts
		return len(parts) == 3 && parts[0].Name == "job 1, elsewhere" && parts[0].Lag >= 0 && parts[0].Read == -1
	}, 10*time.Second, 50*time.Millisecond)

	read := whole.metrics("accesslog_read_records_total")
	assert.Positive(t, read["json"])
	assert.Positive(t, read["avro"])
	assert.Positive(t, read["dash"])
	settled := whole.metrics("accesslog_settled_records_total")
	assert.Positive(t, settled["avro skipped"], "bots")
	assert.Positive(t, whole.metrics("accesslog_batch_seconds")["json commit"])
	assert.Len(t, whole.metrics("accesslog_lag_records"), 6, "three partitions of two groups")
	assert.Zero(t, whole.metrics("accesslog_ill")["json"])
	assert.Positive(t, whole.metrics("kafka_fetch_records_total")["json access.ltsv"], "kprom's")
	status, health := whole.get("/healthz")
	assert.Equal(t, http.StatusOK, status)
	assert.JSONEq(t, `{"ok":true,"ill":{}}`, health)

	sum := whole.end()
	written := len(cluster.Read("access.json"))
	assert.EqualValues(t, written, sum.Written)
	assert.EqualValues(t, sum.Jobs["dash"].Read, sum.Jobs["dash"].Written)
	require.Eventually(t, func() bool { return alone.snapshot().Records == int64(written) }, 10*time.Second, 50*time.Millisecond)
	sum = alone.end()
	assert.Equal(t, map[string]counts{"dash": {Read: int64(written), Written: int64(written)}}, sum.Jobs)
}

// TestPageSeesNewPartitions: a topic is given more partitions while the page is up.
func TestPageSeesNewPartitions(t *testing.T) {
	cluster := kafkatest.Start(t)
	cluster.Topic("access.json", 1)
	page := startProgram(t, "-brokers", strings.Join(cluster.ListenAddrs(), ","), "-run", "dash", "-http", "127.0.0.1:0")
	produce := func(partition int32, server string) {
		cluster.Produce(&kgo.Record{Topic: "access.json", Partition: partition, Value: fmt.Appendf(nil, `{"server":%q,"status":200}`, server)})
	}
	produce(0, "old")
	require.Eventually(t, func() bool { return page.snapshot().Records == 1 }, 10*time.Second, 20*time.Millisecond)
	added, err := kadm.NewClient(cluster.Client()).CreatePartitions(t.Context(), 2, "access.json")
	require.NoError(t, err)
	require.NoError(t, added.Error())
	produce(2, "new")
	produce(0, "old")
	require.Eventually(t, func() bool { return page.snapshot().Records == 3 }, 20*time.Second, 20*time.Millisecond)
	require.EventuallyWithT(t, func(t *assert.CollectT) { // once the second is over
		servers := map[string]int64{}
		for _, g := range page.snapshot().Servers {
			servers[g.Name] = g.Requests
		}
		assert.Equal(t, map[string]int64{"old": 2, "new": 1}, servers)
	}, 5*time.Second, 50*time.Millisecond)
	require.Eventually(t, func() bool {
		parts := page.snapshot().Parts
		return parts[len(parts)-1].Lag == 0
	}, 10*time.Second, 20*time.Millisecond)
	assert.EqualValues(t, 3, page.end().Jobs["dash"].Written)
}

// TestIll: a cluster that is gone makes the parts ill, until it is back.
func TestIll(t *testing.T) {
	s := &system{cfg: &config{id: "me", session: time.Second, http: httpConfig{illAfter: 15 * time.Second}}, cluster: &cluster{cfg: &config{id: "me"}}}
	s.agent = &agent{cluster: s.cluster}
	s.cfg.topics.in = "in"
	j := &job{part: "json", name: "job 1", in: "in", cfg: s.cfg}
	s.jobs = []*job{j}
	w := newWatch(s)
	s.watch = w
	ill := func() map[string]string {
		found := map[string]string{}
		for _, p := range w.parts() {
			if p.Trouble != "" {
				found[p.Name] = p.Trouble
			}
		}
		return found
	}
	assert.Empty(t, ill())
	ago := func(d time.Duration) time.Time { return time.Now().Add(-d) }

	s.agent.read.Store(5)
	s.agent.acked.Store(ago(20 * time.Second).UnixNano())
	assert.Equal(t, map[string]string{"agent": "no broker has taken a line for 20 s; 5 wait, and the log is kept"}, ill())
	s.agent.written.Store(5)
	assert.Empty(t, ill())

	w.failed, w.asked = context.DeadlineExceeded, ago(30*time.Second)
	assert.Equal(t, map[string]string{"Kafka": "no broker has answered for 30 s"}, ill())
	w.failed = nil

	behind := partitionLag{partition: 2, records: 7, since: ago(40 * time.Second), ours: true}
	w.lags["json"] = groupLag{7, []partitionLag{behind}}
	assert.Equal(t, map[string]string{"job 1": "partition 2 of in has not got on for 40 s"}, ill())
	behind.ours = false // another process has it
	w.lags["json"] = groupLag{7, []partitionLag{behind}}
	assert.Empty(t, ill())
	w.lags["avro"] = groupLag{7, []partitionLag{behind}}
	assert.Contains(t, ill()["job 2, elsewhere"], "has not got on for 40 s", "the page tells")
	out := httptest.NewRecorder()
	w.serveHealth(out, nil)
	assert.Equal(t, http.StatusOK, out.Code, "but this process is not ill of it")
	delete(w.lags, "avro")

	j.ails("no answer")
	assert.Empty(t, ill(), "it may pass")
	j.since = ago(20 * time.Second)
	assert.Equal(t, map[string]string{"job 1": "no answer"}, ill())
	j.well()
	assert.Empty(t, ill())
}

// TestHealthSaysWhatIsIll has the brokers gone for a while.
func TestHealthSaysWhatIsIll(t *testing.T) {
	cluster := kafkatest.Start(t)
	p := startProgram(t, "-brokers", strings.Join(cluster.ListenAddrs(), ","), "-run", "agent,dash", "-http", "127.0.0.1:0", "-n", "1000000", "-rate", "100", "-ill-after", "500ms")
	require.Eventually(t, func() bool { return p.metrics("accesslog_read_records_total")["agent"] > 10 }, 10*time.Second, 50*time.Millisecond)
	cluster.Kill(0)
	require.Eventually(t, func() bool {
		status, body := p.get("/healthz")
		return status == http.StatusServiceUnavailable && strings.Contains(body, `"agent":"no broker has taken a line for`)
	}, 20*time.Second, 50*time.Millisecond)
	assert.Equal(t, 1.0, p.metrics("accesslog_ill")["agent"])
	require.Eventually(t, func() bool {
		_, body := p.get("/healthz")
		return strings.Contains(body, `"Kafka":"no broker has answered`)
	}, 20*time.Second, 50*time.Millisecond)
	cluster.Restart(0)
	require.Eventually(t, func() bool { status, _ := p.get("/healthz"); return status == http.StatusOK }, 20*time.Second, 50*time.Millisecond)
}

// TestPorts: the default address goes on to the next port that is free, one that was asked
// for does not.
func TestPorts(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	addr := taken.Addr().String()
	_, err = (&config{http: httpConfig{addr: addr, asked: true}}).listen()
	require.EqualError(t, err, "-http "+addr+": the port is taken; another one, or -http off for no page")
	srv, err := (&config{http: httpConfig{addr: addr}}).listen()
	require.NoError(t, err)
	assert.Greater(t, srv.listener.Addr().(*net.TCPAddr).Port, taken.Addr().(*net.TCPAddr).Port)
	srv.close()

	var stdout, stderr bytes.Buffer
	assert.Equal(t, 1, run(t.Context(), []string{"-http", addr, "-quiet"}, nil, &stdout, &stderr))
	assert.Contains(t, stderr.String(), "the port is taken")
}

// TestWhenItListens: on a terminal, or when asked.
func TestWhenItListens(t *testing.T) {
	for _, tt := range []struct {
		args     string
		terminal bool
		addr     string
		dash     bool
	}{
		{"", false, "", false},
		{"", true, defaultHTTP, true},
		{"-quiet", true, "", false},
		{"-http off", true, "", false},
		{"-http :9100", false, ":9100", true},
		{"-http :9100 -run json", false, ":9100", false},
		{"-run dash", false, defaultHTTP, true},
		{"-run json", true, defaultHTTP, false},
	} {
		c := &config{}
		fs, parts, _ := c.flags()
		require.NoError(t, fs.Parse(strings.Fields(tt.args)))
		c.parts = map[string]bool{}
		for part := range strings.SplitSeq(*parts, ",") {
			c.parts[part] = true
		}
		c.setDefaults(given(fs), tt.terminal)
		assert.Equal(t, tt.addr, c.http.addr, fmt.Sprintf("%+v", tt))
		assert.Equal(t, tt.dash, c.parts["dash"], fmt.Sprintf("%+v", tt))
	}
}
