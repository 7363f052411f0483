//go:build unix

package bulk_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
)

// sink answers that all of a request was written.
func sink(w http.ResponseWriter, body []byte) (n int) {
	answer := []byte(`{"errors":false,"items":[`)
	for len(body) > 0 {
		if n++; n > 1 {
			answer = append(answer, ',')
		}
		_, id, _ := bytes.Cut(body, []byte(`"_id":`))
		id, body, _ = bytes.Cut(id, []byte("}}\n"))
		answer = append(append(append(answer, `{"create":{"_id":`...), id...), `,"status":201}}`...)
		body = body[bytes.IndexByte(body, '\n')+1:]
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(answer, "]}"...))
	return n
}

// startSink returns a server that reads requests, counts documents and keeps
// nothing.
func startSink(b *testing.B, landed *atomic.Int64) string {
	bodies := sync.Pool{New: func() any { return new(bytes.Buffer) }}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := bodies.Get().(*bytes.Buffer)
		defer bodies.Put(body)
		body.Reset()
		in := io.Reader(r.Body)
		if r.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(r.Body)
			if err != nil {
				b.Error(err)
				return
			}
			in = z
		}
		if _, err := body.ReadFrom(in); err != nil {
			return
		}
		landed.Add(int64(sink(w, body.Bytes())))
	}))
	b.Cleanup(s.Close)
	return s.URL
}

// BenchmarkLand has records polled, checked, sent and committed; beside it is a
// bare client that posts ready bodies of the same records, four at a time, one
// that polls them first and commits, and one that has encoding/json check them,
// too. The sink is in the process:
//
//	go test ./kafkaio/bulk -run '^$' -bench 'Land$' -benchtime 200000x -count 5
func BenchmarkLand(b *testing.B) {
	for _, mode := range []string{"bodies", "poll+bodies", "poll+check+bodies", "Run", "Run+gzip"} {
		b.Run(mode, func(b *testing.B) {
			var landed atomic.Int64
			url := startSink(b, &landed)
			value := benchValue()
			b.SetBytes(int64(len(value)))
			if mode == "bodies" {
				kafkatest.Measure(b, func(ready func()) { postBodies(b, url, value, ready) })
				return
			}
			c := kafkatest.Start(b)
			c.Topic("in", 4)
			warm := 20_000
			produce(b, c.Kafka, value, b.N+warm)
			cl := c.Client(kafkaio.GroupOpts("g", "in")...)
			if check := mode == "poll+check+bodies"; check || mode == "poll+bodies" {
				kafkatest.Measure(b, func(ready func()) { pollAndPost(b, cl, url, check, b.N+warm, warm, ready) })
				return
			}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			kafkatest.Measure(b, func(ready func()) {
				o := &meter{total: b.N + warm, warm: warm, ready: ready, done: cancel}
				ix := &bulk.Indexer{
					Target: bulk.Target{Nodes: []string{url}, Gzip: mode == "Run+gzip"},
					Index:  bulk.ByTimestamp("access-", "@timestamp"), Observer: o,
				}
				require.NoError(b, ix.Run(ctx, cl))
			})
		})
	}
}

// A meter is an Observer that begins to measure after some records, and ends a
// run after all.
type meter struct {
	seen, warm, total int
	ready, done       func()
	began             bool
}

func (m *meter) Settled(s *bulk.Settlement) {
	m.seen += s.Read
	if m.seen >= m.warm && !m.began {
		m.began = true
		m.ready()
	}
	if m.seen >= m.total {
		m.done()
	}
}

func (m *meter) Survived(error) {}

const bodyItems = 5000

func postBodies(b *testing.B, url string, value []byte, ready func()) {
	var body []byte
	for i := range bodyItems {
		body = appendBare(body, 0, int64(i), value)
	}
	post(b, url, body)
	ready()
	var next atomic.Int64
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for int(next.Add(bodyItems))-bodyItems < b.N {
				post(b, url, body)
			}
		})
	}
	all.Wait()
}

func pollAndPost(b *testing.B, cl *kgo.Client, url string, check bool, total, warm int, ready func()) {
	var body []byte
	ctx := context.Background()
	began := false
	for seen := 0; seen < total; {
		fetches := cl.PollRecords(ctx, 10_000)
		var all sync.WaitGroup
		body = body[:0]
		from, items := 0, 0
		send := func(body []byte) { all.Go(func() { post(b, url, body) }) }
		fetches.EachRecord(func(r *kgo.Record) {
			if check && !json.Valid(r.Value) {
				b.Error("not JSON")
			}
			body = appendBare(body, r.Partition, r.Offset, r.Value)
			items++
			if len(body)-from > 1<<20 {
				send(body[from:len(body):len(body)])
				from = len(body)
			}
		})
		if from < len(body) {
			send(body[from:])
		}
		all.Wait()
		if err := cl.CommitUncommittedOffsets(ctx); err != nil {
			b.Fatal(err)
		}
		fetches.EachRecord((*kgo.Record).Recycle)
		cl.AllowRebalance()
		if seen += items; seen >= warm && !began {
			began = true
			ready()
		}
	}
}

func appendBare(dst []byte, partition int32, offset int64, value []byte) []byte {
	dst = append(dst, `{"create":{"_index":"access-2026.11.24","_id":"in+`...)
	dst = strconv.AppendInt(dst, int64(partition), 10)
	dst = append(dst, '+')
	dst = strconv.AppendInt(dst, offset, 10)
	dst = append(dst, "\"}}\n"...)
	return append(append(dst, value...), '\n')
}

var bareClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16, WriteBufferSize: 64 << 10}}

func post(b *testing.B, url string, body []byte) {
	resp, err := bareClient.Post(url+"/_bulk", "application/x-ndjson", bytes.NewReader(body))
	if err != nil {
		b.Error(err)
		return
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
}

func benchValue() []byte {
	value := []byte(`{"@timestamp":"2026-11-24T10:30:00.000Z"`)
	for i := range 23 {
		value = fmt.Appendf(value, `,"field%02d":"a value, %02d"`, i, i)
	}
	return append(value, '}')
}

func produce(b testing.TB, k *kafkatest.Kafka, value []byte, n int) {
	cl := k.Client(kgo.RecordPartitioner(kgo.RoundRobinPartitioner()), kgo.ProducerLinger(5*time.Millisecond), kgo.MaxBufferedRecords(50_000))
	defer cl.Close()
	for range n {
		cl.Produce(b.Context(), &kgo.Record{Topic: "in", Value: value}, nil)
	}
	require.NoError(b, cl.Flush(b.Context()))
}
