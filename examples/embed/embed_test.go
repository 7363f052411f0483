package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

func TestDemo(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), nil, &out))
	assert.Contains(t, out.String(), "read 6, alerts 2, dead 1\n")
	assert.Contains(t, out.String(), `alerts: time="22/Nov/2026:16:00:50 +0000" req="POST /pay?n=\"1\" HTTP/1.1" status="502" reqtime="0.250" team="pay"`+"\n")
	assert.Contains(t, out.String(), `alerts: time="22/Nov/2026:16:00:51 +0000" req="GET /search HTTP/1.1" status="200" reqtime="2.718" team="shop" slow="true"`+"\n")
	assert.Contains(t, out.String(), "alerts.dlq: a line without a colon\n")
}

// TestServe has a real log go through: what fails is in it, nothing else is, and a line
// without a virtual host is a dead letter.
func TestServe(t *testing.T) {
	kafka := kafkatest.Start(t, kfake.NumBrokers(1))
	for _, topic := range []string{"access.ltsv", "alerts", "alerts.dlq"} {
		kafka.Topic(topic, 2)
	}
	var records []*kgo.Record
	failed := 0
	for _, line := range append(logtest.Lines(logtest.Nginx), []byte("status:500")) {
		records = append(records, &kgo.Record{Topic: "access.ltsv", Value: line})
		if bytes.Contains(line, []byte("\tstatus:5")) {
			failed++
		}
	}
	require.NoError(t, kafka.Client().ProduceSync(t.Context(), records...).FirstErr())
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	cl, err := connect(kafka.ListenAddrs())
	require.NoError(t, err)
	defer cl.CloseAllowingRebalance()
	seen := &demoProgress{progress: progress{w: io.Discard}, until: len(records), stop: stop}
	require.NoError(t, serve(ctx, cl, seen))
	assert.Equal(t, []int{len(records), failed, 1}, []int{seen.read, seen.alerts, seen.dead})
	assert.Positive(t, failed)
	assert.Len(t, kafka.Read("alerts"), failed)
	assert.Len(t, kafka.Read("alerts.dlq"), 1)
}

func TestMistakesShowAtOnce(t *testing.T) {
	_, err := transform.NewChain(slow{})
	assert.ErrorContains(t, err, "takes longer")
	assert.EqualError(t, run(t.Context(), []string{"x"}, io.Discard), `unexpected argument "x"`)
	assert.ErrorContains(t, run(t.Context(), []string{"-brokers", "127.0.0.1:1"}, io.Discard), "-brokers 127.0.0.1:1: none answers: unable to dial")
}

func TestServiceIsShort(t *testing.T) {
	b, err := os.ReadFile("service.go")
	require.NoError(t, err)
	assert.Less(t, bytes.Count(b, []byte("\n")), 120)
}
