package bulk_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/internal/searchtest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
)

func TestRun(t *testing.T) {
	for name, change := range map[string]func(*bulk.Indexer){
		"default":         func(*bulk.Indexer) {},
		"gzip":            func(ix *bulk.Indexer) { ix.Target.Gzip = true },
		"index":           func(ix *bulk.Indexer) { ix.Op = bulk.Index },
		"small requests":  func(ix *bulk.Indexer) { ix.Limits = bulk.Limits{Bytes: 1 << 10, InFlight: 3} },
		"single items":    func(ix *bulk.Indexer) { ix.Limits = bulk.Limits{Items: 1, InFlight: 8} },
		"one at a time":   func(ix *bulk.Indexer) { ix.Limits.InFlight = 1 },
		"small batches":   func(ix *bulk.Indexer) { ix.MaxRecords = 7 },
		"a path in front": func(ix *bulk.Indexer) { ix.Target.Nodes[0] += "/es/" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cluster(t)
			f := searchtest.StartFake(t)
			ix := indexer(f.URL)
			change(ix)
			inFlight := watchRequests(t, f, ix)
			c.Produce(records(100)...)
			w := land(t, c, ix)
			requireLanded(t, f, 100)
			sum := w.total()
			assert.Equal(t, 300, sum.Read)
			assert.Equal(t, 300, sum.Indexed)
			assert.Zero(t, sum.Retried)
			assert.Equal(t, f.Requests(), sum.Requests)
			assert.Positive(t, sum.BytesOut)
			assert.Positive(t, sum.Slowest)
			assert.Empty(t, w.errors())
			assert.LessOrEqual(t, inFlight.most(), max(ix.Limits.InFlight, 4))
		})
	}
}

// TestReplay: what is read again, all of it, changes nothing.
func TestReplay(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	f := searchtest.StartFake(t)
	c.Produce(records(50)...)
	land(t, c, indexer(f.URL))
	ctx := context.Background()
	require.NoError(t, kafkaio.ReplayAt(ctx, c.Client(), "g", map[string]map[int32]int64{"in": {0: 0, 1: 10, 2: 50}}))
	w := land(t, c, indexer(f.URL))
	requireLanded(t, f, 50)
	assert.Equal(t, 150, f.Writes())
	assert.Equal(t, 90, w.total().Duplicates)

	require.NoError(t, kafkaio.ReplayAt(ctx, c.Client(), "g", map[string]map[int32]int64{"in": {0: 0, 1: 0, 2: 0}}))
	ix := indexer(f.URL)
	ix.Op = bulk.Index
	w = land(t, c, ix)
	requireLanded(t, f, 50)
	assert.Equal(t, 300, f.Writes(), "overwritten")
	assert.Equal(t, 150, w.total().Indexed)
}

// TestPoison: each costs one record, and the dead letter says why, but not what.
func TestPoison(t *testing.T) {
	t.Parallel()
	poison := map[string]struct {
		value []byte
		why   error
	}{
		"nil":             {nil, bulk.ErrNotObject},
		"empty":           {[]byte{}, bulk.ErrNotObject},
		"array":           {[]byte(`[{"secret":1}]`), bulk.ErrNotObject},
		"string":          {[]byte(`"secret"`), bulk.ErrNotObject},
		"cut short":       {[]byte(`{"secret":1`), bulk.ErrNotObject},
		"two":             {[]byte(`{"secret":1}{"create":{}}`), bulk.ErrNotObject},
		"injected":        {[]byte("{\"secret\":1}\n{\"delete\":{\"_id\":\"x\"}}"), bulk.ErrLineEnd},
		"line end":        {[]byte("{\n\"secret\":1}"), bulk.ErrLineEnd},
		"line end in it":  {[]byte("{\"secret\":\"a\nb\"}"), bulk.ErrLineEnd},
		"not UTF-8":       {[]byte("{\"secret\":\"\xff\"}"), bulk.ErrNotObject},
		"too large":       {[]byte(`{"secret":"` + strings.Repeat("x", 2<<10) + `"}`), bulk.ErrTooLarge},
		"a mark in front": {[]byte("\xef\xbb\xbf{\"secret\":1}"), bulk.ErrNotObject},
		"a control code":  {[]byte("{\"secret\":\"\x00\"}"), bulk.ErrNotObject},
		"no number":       {[]byte(`{"secret":NaN}`), bulk.ErrNotObject},
		"too deep":        {[]byte(`{"a":` + strings.Repeat(`[`, 100) + strings.Repeat(`]`, 100) + `}`), bulk.ErrNotObject},
		"no index":        {[]byte(`{"noindex":1}`), bulk.ErrIndexName},
		"no time":         {[]byte(`{"notime":1}`), bulk.ErrNoTime},
	}
	c := cluster(t)
	f := searchtest.StartFake(t)
	ix := indexer(f.URL)
	ix.Limits.Bytes = 1 << 10
	ix.Index = func(rec *kgo.Record) (string, error) {
		switch string(rec.Value) {
		case `{"noindex":1}`:
			return strings.Repeat("x", 256), nil
		case `{"notime":1}`:
			return "", bulk.ErrNoTime
		}
		return "access", nil
	}
	c.Produce(records(3)...)
	var names []string
	for name, p := range poison {
		names = append(names, name)
		c.Produce(&kgo.Record{Topic: "in", Partition: 1, Key: []byte(name), Value: p.value})
	}
	c.Produce(&kgo.Record{Topic: "in", Partition: 1, Value: []byte(" {\"white\":\t\"space\"} \r\n")})
	w := land(t, c, ix)
	assert.Len(t, f.Documents("*"), 10)
	assert.Equal(t, len(poison), w.total().DeadLettered)
	dead := c.Read("dead")
	require.Len(t, dead, len(poison))
	for i, rec := range dead {
		p := poison[string(rec.Key)]
		assert.Equal(t, names[i], string(rec.Key), "in their order")
		assert.Equal(t, string(p.value), string(rec.Value))
		h := headers(rec)
		assert.Equal(t, p.why.Error(), h[kafkaio.HeaderMessage], names[i])
		assert.Equal(t, "in", h[kafkaio.HeaderTopic])
		assert.Equal(t, "1", h[kafkaio.HeaderPartition])
		assert.NotContains(t, strings.Join(mapValues(h), " "), "secret")
	}
}

func headers(rec *kgo.Record) map[string]string {
	h := make(map[string]string)
	for _, one := range rec.Headers {
		h[one.Key] = string(one.Value)
	}
	return h
}

func mapValues(m map[string]string) (vs []string) {
	for _, v := range m {
		vs = append(vs, v)
	}
	return vs
}

// TestOnError: stop, skip, and what is meant without one.
func TestOnError(t *testing.T) {
	t.Parallel()
	run := func(t *testing.T, status int, change func(*bulk.Indexer)) (*watcher, *searchtest.Fake, error) {
		c := cluster(t)
		f := searchtest.StartFake(t)
		f.Item = func(d searchtest.Document) (int, string) {
			if d.ID == "in+1+1" {
				return status, "some_exception"
			}
			return 0, ""
		}
		c.Produce(records(3)...)
		ix := indexer(f.URL)
		w := &watcher{t: t}
		ix.Observer = w
		change(ix)
		j := start(t, ix, member(c))
		if ix.OnError == nil && (ix.DeadLetter == "" || status != 400) {
			err := j.Wait()
			assert.Empty(t, c.Committed("g", "in"))
			return w, f, err
		}
		c.AwaitCommitted(t, "g", "in")
		return w, f, j.Stop()
	}
	t.Run("without a topic", func(t *testing.T) {
		_, _, err := run(t, 400, func(ix *bulk.Indexer) { ix.DeadLetter = "" })
		var rec *kafkaio.RecordError
		require.ErrorAs(t, err, &rec)
		assert.Equal(t, kafkaio.RecordError{Topic: "in", Partition: 1, Offset: 1, Err: rec.Err}, *rec)
		var item *bulk.ItemError
		require.ErrorAs(t, err, &item)
		assert.Equal(t, bulk.ItemError{Status: 400, Type: "some_exception"}, *item)
	})
	t.Run("the record's fault", func(t *testing.T) {
		w, f, err := run(t, 400, func(*bulk.Indexer) {})
		require.NoError(t, err)
		assert.Equal(t, 1, w.total().DeadLettered)
		requireLanded(t, f, 3, "in+1+1")
	})
	for status, want := range map[int]error{401: bulk.ErrForbidden, 403: bulk.ErrForbidden, 404: bulk.ErrIndexMissing} {
		_, _, err := run(t, status, func(*bulk.Indexer) {})
		assert.ErrorIs(t, err, want)
	}
	t.Run("skip", func(t *testing.T) {
		w, f, err := run(t, 413, func(ix *bulk.Indexer) {
			ix.OnError = func(rec *kgo.Record, err error) kafkaio.Action {
				assert.ErrorIs(t, err, bulk.ErrTooLarge)
				assert.EqualValues(t, 1, rec.Offset)
				return kafkaio.Skip
			}
		})
		require.NoError(t, err)
		assert.Equal(t, 1, w.total().Skipped)
		requireLanded(t, f, 3, "in+1+1")
	})
	t.Run("panic", func(t *testing.T) {
		c := cluster(t)
		c.Produce(records(1)...)
		ix := indexer(searchtest.StartFake(t).URL)
		ix.Index = func(*kgo.Record) (string, error) { panic("secret") }
		err := start(t, ix, member(c)).Wait()
		var panicked *kafkaio.PanicError
		require.ErrorAs(t, err, &panicked)
		assert.NotContains(t, err.Error(), "secret")
	})
}

// TestDrain: what was polled is settled, or given back in time.
func TestDrain(t *testing.T) {
	t.Parallel()
	for _, late := range []bool{false, true} {
		c := cluster(t)
		f := searchtest.StartFake(t)
		asked, answer := make(chan struct{}, 100), make(chan struct{})
		f.Intercept = func(http.ResponseWriter, *http.Request, []byte) bool {
			asked <- struct{}{}
			<-answer
			return false
		}
		c.Produce(records(10)...)
		ix := indexer(f.URL)
		ix.DrainTimeout = 20 * time.Second
		if late {
			ix.DrainTimeout = 50 * time.Millisecond
		}
		cl := member(c)
		j := start(t, ix, cl)
		<-asked
		j.Cancel()
		if !late {
			close(answer)
			require.NoError(t, j.Wait())
			assert.NotEmpty(t, c.Committed("g", "in"))
			continue
		}
		require.ErrorIs(t, j.Wait(), kafkaio.ErrDrainTimeout)
		close(answer)
		cl.CloseAllowingRebalance()
		assert.Empty(t, c.Committed("g", "in"))
		land(t, c, indexer(f.URL))
		requireLanded(t, f, 10)
	}
}

// TestCommitRefused: the records come again, and are there once.
func TestCommitRefused(t *testing.T) {
	t.Parallel()
	c := cluster(t)
	f := searchtest.StartFake(t)
	c.Produce(records(10)...)
	fault := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: kerr.RebalanceInProgress})
	ix := indexer(f.URL)
	w := &watcher{t: t}
	ix.Observer = w
	cl := member(c)
	j := start(t, ix, cl)
	kafkatest.Until(t, "a refusal", func() bool { return len(w.refusals()) > 0 })
	require.ErrorIs(t, w.refusals()[0], kerr.RebalanceInProgress)
	require.ErrorIs(t, w.refusals()[0], kafkaio.ErrNotCommitted)
	c.Produce(records(10)...) // whose commit has the others' offsets too
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	cl.CloseAllowingRebalance()
	assert.Equal(t, 1, fault.Hits())
	assert.Len(t, f.Documents("*"), 60)

	c.Produce(records(1)...)
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: kerr.GroupAuthorizationFailed})
	require.ErrorIs(t, start(t, indexer(f.URL), member(c)).Wait(), kerr.GroupAuthorizationFailed)
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	cl, err := kgo.NewClient(kafkaio.GroupOpts("g", "in")...)
	require.NoError(t, err)
	defer cl.CloseAllowingRebalance()
	for name, change := range map[string]func(*bulk.Indexer){
		"no nodes":             func(ix *bulk.Indexer) { ix.Target.Nodes = nil },
		"no URL":               func(ix *bulk.Indexer) { ix.Target.Nodes = []string{"http://sec\x7fret"} },
		"no scheme":            func(ix *bulk.Indexer) { ix.Target.Nodes = []string{"es:9200"} },
		"a password":           func(ix *bulk.Indexer) { ix.Target.Nodes = []string{"http://u:secret@es:9200"} },
		"a query":              func(ix *bulk.Indexer) { ix.Target.Nodes = []string{"http://es:9200?secret"} },
		"no index":             func(ix *bulk.Indexer) { ix.Index = nil },
		"a key's line end":     func(ix *bulk.Indexer) { ix.Target.Auth = bulk.APIKey("secret\n") },
		"a header's":           func(ix *bulk.Indexer) { ix.Target.Header = http.Header{"X-A": {"b", "secret\r"}} },
		"an op":                func(ix *bulk.Indexer) { ix.Op = 2 },
		"few bytes":            func(ix *bulk.Indexer) { ix.Limits.Bytes = 1 },
		"data loss":            func(ix *bulk.Indexer) { ix.OnDataLoss = kafkaio.DeadLetter },
		"its own dead letters": func(ix *bulk.Indexer) { ix.DeadLetter = "in" },
	} {
		ix := indexer("http://es:9200")
		change(ix)
		err := ix.Run(t.Context(), cl)
		if assert.Error(t, err, name) {
			assert.NotContains(t, err.Error(), "secret")
		}
	}
	for name, change := range map[string]func(*bulk.Indexer){
		"Limits.Items":    func(ix *bulk.Indexer) { ix.Limits.Items = -1 },
		"Limits.InFlight": func(ix *bulk.Indexer) { ix.Limits.InFlight = -1 },
		"Limits.Timeout":  func(ix *bulk.Indexer) { ix.Limits.Timeout = -1 },
		"Retry.Min":       func(ix *bulk.Indexer) { ix.Retry.Min = -1 },
		"Retry.Max":       func(ix *bulk.Indexer) { ix.Retry.Max = -1 },
		"Retry.GiveUp":    func(ix *bulk.Indexer) { ix.Retry.GiveUp = -1 },
		"MaxRecords":      func(ix *bulk.Indexer) { ix.MaxRecords = -1 },
		"DrainTimeout":    func(ix *bulk.Indexer) { ix.DrainTimeout = -1 },
	} {
		ix := indexer("http://es:9200")
		change(ix)
		assert.EqualError(t, ix.Run(t.Context(), cl), "bulk: Indexer."+name+" is negative")
	}
	for _, deadLetter := range []string{"", "dead"} {
		ix := indexer("http://es:9200")
		ix.DeadLetter = deadLetter
		assert.ErrorContains(t, ix.Run(t.Context(), nil), "the client is nil")
	}
	unsafe, err := kgo.NewClient(kgo.ConsumerGroup("g"), kgo.ConsumeTopics("in"))
	require.NoError(t, err)
	defer unsafe.Close()
	var refused *kafkaio.ClientError
	require.ErrorAs(t, indexer("http://es:9200").Run(t.Context(), unsafe), &refused)
	lossy, err := kgo.NewClient(append(kafkaio.GroupOpts("g", "in"), kgo.RequiredAcks(kgo.LeaderAck()), kgo.DisableIdempotentWrite())...)
	require.NoError(t, err)
	defer lossy.CloseAllowingRebalance()
	require.ErrorAs(t, indexer("http://es:9200").Run(t.Context(), lossy), &refused)
	ix := indexer("http://es:9200")
	ix.DeadLetter = "" // then nothing is produced
	done, cancel := context.WithCancel(t.Context())
	cancel()
	require.False(t, errors.As(ix.Run(done, lossy), &refused))
}
