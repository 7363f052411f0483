package kafkaio_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// TestHalves moves records with a loop of its own, through a Source and a Sink
// of one client; the first batch is given up once, and one commit refused.
func TestHalves(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), kafkatest.Patience)
	defer cancel()
	c := cluster(t)
	c.Produce(records(0, 100)...)
	cl := member(c)
	source, err := kafkaio.NewSource(cl, kafkaio.SourceOptions{MaxRecords: 30})
	require.NoError(t, err)
	sink, err := kafkaio.NewSink(cl)
	require.NoError(t, err)
	require.NoError(t, sink.Flush(ctx), "of nothing")
	refusal := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: kerr.RebalanceInProgress})
	refused, last, rewound := 0, int64(0), false
	for last < 99 {
		in, err := source.Poll(ctx)
		require.NoError(t, err)
		require.Len(t, in, 1)
		assert.EqualValues(t, 100, in[0].HighWatermark)
		assert.LessOrEqual(t, len(in[0].Records), 30)
		_, err = source.Poll(ctx)
		require.ErrorContains(t, err, "before Commit")
		if !rewound {
			source.Rewind()
			rewound = true
			continue
		}
		for _, r := range in[0].Records {
			sink.Batch().Emit("out", r, append(sink.Batch().Buf(), r.Value...))
			last = r.Offset
		}
		require.NoError(t, sink.Flush(ctx))
		if err := source.Commit(ctx); err != nil {
			require.ErrorIs(t, err, kafkaio.ErrNotCommitted)
			require.ErrorIs(t, err, kerr.RebalanceInProgress)
			refused++
		}
	}
	assert.Equal(t, 1, refused)
	assert.Equal(t, 1, refusal.Hits())
	requireDelivered(t, c.Read("out"), 1, 100, false)
	assert.EqualValues(t, 100, c.Committed("g", "in")[0])

	stopped, stop := context.WithCancel(ctx)
	stop()
	in, err := source.Poll(stopped)
	assert.NoError(t, err)
	assert.Empty(t, in)
}

// TestSourceCommitFatal: the batch comes again.
func TestSourceCommitFatal(t *testing.T) {
	c := cluster(t)
	c.Produce(records(0, 10)...)
	source, err := kafkaio.NewSource(member(c), kafkaio.SourceOptions{})
	require.NoError(t, err)
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetCommit}, Err: kerr.GroupAuthorizationFailed})
	ctx := context.Background()
	for range 2 {
		in, err := source.Poll(ctx)
		require.NoError(t, err)
		require.EqualValues(t, 0, in[0].Records[0].Offset)
		err = source.Commit(ctx)
		if err == nil {
			return
		}
		require.ErrorIs(t, err, kerr.GroupAuthorizationFailed)
		require.False(t, errors.Is(err, kafkaio.ErrNotCommitted))
	}
	t.Fatal("never committed")
}

// TestSinkGoesOnAfterAnError: memory that the client may still have is not
// used again.
func TestSinkGoesOnAfterAnError(t *testing.T) {
	c := cluster(t)
	sink, err := kafkaio.NewSink(c.Client())
	require.NoError(t, err)
	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "out", Err: kerr.MessageTooLarge})
	ctx := context.Background()
	sink.Batch().Emit("out", nil, []byte("refused"))
	var failed *kafkaio.ProduceError
	require.ErrorAs(t, sink.Flush(ctx), &failed)
	sink.Batch().Emit("out", nil, []byte("taken"))
	require.NoError(t, sink.Flush(ctx))
	assert.Equal(t, []string{"taken"}, values(c.Read("out")))

	c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Topic: "out", Err: kerr.NotEnoughReplicas, Count: -1})
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	sink.Batch().Emit("out", nil, []byte("late"))
	require.ErrorIs(t, sink.Flush(short), context.DeadlineExceeded)
}

func TestHalvesRefuse(t *testing.T) {
	client := func(opts ...kgo.Opt) *kgo.Client {
		cl, err := kgo.NewClient(opts...)
		require.NoError(t, err)
		t.Cleanup(cl.CloseAllowingRebalance)
		return cl
	}
	var refused *kafkaio.ClientError
	_, err := kafkaio.NewSource(client(kgo.ConsumeTopics("in")), kafkaio.SourceOptions{})
	assert.ErrorAs(t, err, &refused)
	_, err = kafkaio.NewSink(client(kgo.ManualFlushing()))
	assert.ErrorAs(t, err, &refused)
	_, err = kafkaio.NewSink(client(kgo.TransactionalID("t")))
	assert.ErrorAs(t, err, &refused)
	good := client(kafkaio.GroupOpts("g", "in")...)
	for name, o := range map[string]kafkaio.SourceOptions{
		"negative": {MaxRecords: -1}, "OnDataLoss": {OnDataLoss: kafkaio.DeadLetter}, "MaxWait": {MaxWait: time.Minute},
	} {
		_, err = kafkaio.NewSource(good, o)
		assert.ErrorContains(t, err, name)
	}
	// What only producing needs is not asked of a reader.
	_, err = kafkaio.NewSource(client(append(kafkaio.GroupOpts("g", "in"), kgo.ManualFlushing())...), kafkaio.SourceOptions{})
	assert.NoError(t, err)
}
