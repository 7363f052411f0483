package kafkaio_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

func TestGroupOpts(t *testing.T) {
	cl, err := kgo.NewClient(kafkaio.GroupOpts("g", "a", "b")...)
	require.NoError(t, err)
	defer cl.Close()
	topics := cl.GetConsumeTopics()
	slices.Sort(topics)
	assert.Equal(t, []string{"a", "b"}, topics)
	for _, want := range []struct{ opt, value any }{
		{kgo.ConsumerGroup, "g"},
		{kgo.DisableAutoCommit, true},
		{kgo.BlockRebalanceOnPoll, true},
		{kgo.RequiredAcks, kgo.AllISRAcks()},
		{kgo.DisableIdempotentWrite, false},
		{kgo.ProducerBatchMaxBytes, int32(1_000_012)},
		{kgo.FetchMinBytes, int32(128 << 10)},
		{kgo.FetchMaxWait, 100 * time.Millisecond},
		{kgo.FetchMaxBytes, int32(16 << 20)},
		{kgo.FetchIsolationLevel, int8(1)},
		{kgo.KeepControlRecords, true},
		{kgo.MetadataMinAge, 100 * time.Millisecond},
		{kgo.AlwaysRetryEOF, true},
		{kgo.RebalanceTimeout, 30 * time.Second},
		{kgo.SessionTimeout, 45 * time.Second},
	} {
		assert.Equal(t, want.value, cl.OptValue(want.opt))
	}
}

func TestRunRefusesUnsafeClients(t *testing.T) {
	opts := func(more ...kgo.Opt) []kgo.Opt { return append(kafkaio.GroupOpts("g", "in"), more...) }
	for option, opts := range map[string][]kgo.Opt{
		"ConsumerGroup":             {kgo.ConsumeTopics("in")},
		"ConsumeTopics":             kafkaio.GroupOpts("g"),
		"DisableAutoCommit":         {kgo.ConsumeTopics("in"), kgo.ConsumerGroup("g"), kgo.BlockRebalanceOnPoll()},
		"BlockRebalanceOnPoll":      {kgo.ConsumeTopics("in"), kgo.ConsumerGroup("g"), kgo.DisableAutoCommit()},
		"DisableIdempotentWrite":    opts(kgo.DisableIdempotentWrite()),
		"TransactionalID":           opts(kgo.TransactionalID("t")),
		"ManualFlushing":            opts(kgo.ManualFlushing()),
		"DefaultProduceTopicAlways": opts(kgo.DefaultProduceTopic("out"), kgo.DefaultProduceTopicAlways()),
	} {
		t.Run(option, func(t *testing.T) {
			cl, err := kgo.NewClient(opts...)
			require.NoError(t, err)
			defer cl.CloseAllowingRebalance()
			err = (&kafkaio.Pipeline{NewHandler: copying}).Run(context.Background(), cl)
			var refused *kafkaio.ClientError
			require.ErrorAs(t, err, &refused)
			assert.Equal(t, option, refused.Option)
			assert.Contains(t, err.Error(), "kgo."+option)
		})
	}
}

func TestRunRefusesBadPipelines(t *testing.T) {
	cl, err := kgo.NewClient(kafkaio.GroupOpts("g", "in")...)
	require.NoError(t, err)
	defer cl.CloseAllowingRebalance()
	for name, p := range map[string]*kafkaio.Pipeline{
		"NewHandler is nil":        {},
		"NewHandler returned nil":  {NewHandler: func() kafkaio.Handler { return nil }},
		"Workers is negative":      {NewHandler: copying, Workers: -1},
		"MaxRecords is negative":   {NewHandler: copying, MaxRecords: -1},
		"MaxWait is negative":      {NewHandler: copying, MaxWait: -1},
		"DrainTimeout is negative": {NewHandler: copying, DrainTimeout: -1},
		"OnDataLoss":               {NewHandler: copying, OnDataLoss: kafkaio.DeadLetter},
		"DeadLetter":               {NewHandler: copying, DeadLetter: "in"},
		"MaxWait 30s":              {NewHandler: copying, MaxWait: 30 * time.Second},
	} {
		assert.ErrorContains(t, p.Run(context.Background(), cl), name)
	}
}

// TestNoClient: nil is a mistake that is told, not a panic.
func TestNoClient(t *testing.T) {
	p := &kafkaio.Pipeline{NewHandler: copying}
	require.ErrorContains(t, p.Run(t.Context(), nil), "the client is nil")
	require.ErrorContains(t, p.RunTxn(t.Context(), func() (*kgo.GroupTransactSession, error) { return nil, nil }), "none was returned")
	_, err := kafkaio.NewSource(nil, kafkaio.SourceOptions{})
	require.ErrorContains(t, err, "the client is nil")
	_, err = kafkaio.NewSink(nil)
	require.ErrorContains(t, err, "the client is nil")
}

// TestSessionsClient: who gives Run a client for RunTxn is told of that first.
func TestSessionsClient(t *testing.T) {
	cl, err := kgo.NewClient(kafkaio.TxnOpts("g", "t", "in")...)
	require.NoError(t, err)
	defer cl.CloseAllowingRebalance()
	err = (&kafkaio.Pipeline{NewHandler: copying}).Run(t.Context(), cl)
	assert.ErrorContains(t, err, "kgo.TransactionalID: must not be set")
	assert.ErrorContains(t, err, "RunTxn is for them")
}

// TestDeadLetterMatchesAPattern: a dead letter that is read again would be one
// again, for ever.
func TestDeadLetterMatchesAPattern(t *testing.T) {
	for _, test := range []struct {
		letters string
		more    []kgo.Opt
		refused bool
	}{
		{"access.dead", nil, true},
		{"dead", nil, false},
		{"access.dead", []kgo.Opt{kgo.ConsumeExcludeTopics("\\.dead$")}, false},
		{"access.letters", []kgo.Opt{kgo.ConsumeExcludeTopics("\\.dead$")}, true},
	} {
		cl, err := kgo.NewClient(append(append(kafkaio.GroupOpts("g", "^logs$", "^access"), kgo.ConsumeRegex()), test.more...)...)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		err = (&kafkaio.Pipeline{NewHandler: copying, DeadLetter: test.letters}).Run(ctx, cl)
		if test.refused {
			assert.ErrorContains(t, err, "DeadLetter")
		} else {
			assert.NoError(t, err)
		}
		cl.CloseAllowingRebalance()
	}
}

func TestTxnOpts(t *testing.T) {
	cl, err := kgo.NewClient(kafkaio.TxnOpts("t", "g", "a")...)
	require.NoError(t, err)
	defer cl.Close()
	for _, want := range []struct{ opt, value any }{
		{kgo.TransactionalID, "t"},
		{kgo.TransactionTimeout, time.Minute},
		{kgo.ConsumerGroup, "g"},
		{kgo.BlockRebalanceOnPoll, false},
		{kgo.FetchMinBytes, int32(128 << 10)},
		{kgo.FetchIsolationLevel, int8(1)},
		{kgo.KeepControlRecords, true},
		{kgo.MetadataMinAge, 100 * time.Millisecond},
		{kgo.AlwaysRetryEOF, true},
		{kgo.RebalanceTimeout, 30 * time.Second},
		{kgo.SessionTimeout, 45 * time.Second},
	} {
		assert.Equal(t, want.value, cl.OptValue(want.opt))
	}
}
