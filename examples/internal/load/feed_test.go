//go:build linux

package load

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/jobs"
	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// usable returns lines that become a record in JSON and one in Avro: what the
// jobs drop on purpose would only make counting harder.
func usable(t *testing.T) (lines [][]byte) {
	chain, err := jobs.JSONAvro(ltsv.EscapeNginx, nil)
	require.NoError(t, err)
	worker := chain.NewWorker(transform.LTSV{})
	for _, line := range logtest.Corpus24(10_000) {
		if _, err := worker.Process(line); err == nil {
			lines = append(lines, line)
		}
	}
	require.Greater(t, len(lines), 5000)
	return lines
}

// A feed is the agent: it ships lines, each under its number.
type feed struct {
	cl    *kgo.Client
	lines [][]byte
}

func newFeed(k *kafkatest.Kafka, lines [][]byte) *feed {
	return &feed{k.Client(kgo.MaxBufferedRecords(50_000), kgo.ProducerLinger(5*time.Millisecond)), lines}
}

// send ships the records of p, which have the numbers from first on, and
// returns when Kafka has them.
func (f *feed) send(t *testing.T, first int, p phase) {
	t.Helper()
	ctx := t.Context()
	promise := func(_ *kgo.Record, err error) {
		if err != nil {
			t.Error("feed: ", err)
		}
	}
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	began := time.Now()
	for i := 0; i < p.n; {
		due := p.n
		if p.rate > 0 {
			<-tick.C
			due = min(p.n, int(time.Since(began).Seconds()*float64(p.rate)))
		}
		for ; i < due; i++ {
			number := first + i
			f.cl.Produce(ctx, &kgo.Record{
				Topic: topicIn,
				Key:   binary.BigEndian.AppendUint64(nil, uint64(number)),
				Value: f.lines[number%len(f.lines)],
			}, promise)
		}
	}
	require.NoError(t, f.cl.Flush(ctx))
}
