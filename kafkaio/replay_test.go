package kafkaio_test

import (
	"context"
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

// TestReplay sends a group back, to a time and to offsets.
func TestReplay(t *testing.T) {
	ctx := context.Background()
	c := kafkatest.Start(t)
	c.Topic("in", 3)
	c.Topic("out", 1)
	for p := range int32(2) { // partition 2 has nothing
		rs := records(p, 100)
		for i, r := range rs {
			r.Timestamp = time.UnixMilli(1_600_000_000_000 + int64(i)*1000)
		}
		c.Produce(rs...)
	}
	run := func() {
		cl := member(c)
		j := start(t, &kafkaio.Pipeline{NewHandler: copying}, cl)
		c.AwaitCommitted(t, "g", "in")
		require.NoError(t, j.Stop())
		cl.CloseAllowingRebalance()
	}
	run()
	require.EqualValues(t, 200, c.End("out")[0])

	admin := c.Client()
	require.NoError(t, kafkaio.ReplayFrom(ctx, admin, "g", time.UnixMilli(1_600_000_000_000+89_500), "in"))
	assert.Equal(t, map[int32]int64{0: 90, 1: 90, 2: 0}, c.Committed("g", "in"))
	run()
	require.EqualValues(t, 220, c.End("out")[0])

	require.NoError(t, kafkaio.ReplayFrom(ctx, admin, "g", time.Now(), "in"))
	assert.Equal(t, map[int32]int64{0: 100, 1: 100, 2: 0}, c.Committed("g", "in"), "after the last record: the end")

	require.NoError(t, kafkaio.ReplayAt(ctx, admin, "g", map[string]map[int32]int64{"in": {1: 95}}))
	assert.Equal(t, map[int32]int64{0: 100, 1: 95, 2: 0}, c.Committed("g", "in"))
	run()
	require.EqualValues(t, 225, c.End("out")[0])

	for _, bad := range []map[int32]int64{{1: -1}, {1: 101}, {7: 0}} {
		assert.Error(t, kafkaio.ReplayAt(ctx, admin, "g", map[string]map[int32]int64{"in": bad}), "%v", bad)
	}
	assert.EqualError(t, kafkaio.ReplayAt(ctx, admin, "g", map[string]map[int32]int64{"in": {7: 0}}), "kafkaio: replay: topic in has no partition 7")
	assert.Equal(t, map[int32]int64{0: 100, 1: 100, 2: 0}, c.Committed("g", "in"), "as they were")
	for _, early := range []time.Time{{}, time.UnixMilli(-1), time.Unix(-1e9, 0)} { // -1 is the end to Kafka
		require.NoError(t, kafkaio.ReplayFrom(ctx, admin, "g", early, "in"))
		assert.Equal(t, map[int32]int64{0: 0, 1: 0, 2: 0}, c.Committed("g", "in"), "the start")
	}
	run()
	require.EqualValues(t, 425, c.End("out")[0])

	busy := member(c)
	defer busy.CloseAllowingRebalance()
	kafkatest.Until(t, "a member", func() bool { return len(groupMembers(c)) == 1 })
	assert.ErrorIs(t, kafkaio.ReplayAt(ctx, admin, "g", map[string]map[int32]int64{"in": {1: 0}}), kerr.UnknownMemberID)
	assert.ErrorIs(t, kafkaio.ReplayFrom(ctx, admin, "g", time.Now(), "no-such-topic"), kerr.UnknownTopicOrPartition)
	assert.ErrorContains(t, kafkaio.ReplayFrom(ctx, admin, "g", time.Now()), "no topics")
}

// TestNewGroupBeginsAtATime needs no replay.
func TestNewGroupBeginsAtATime(t *testing.T) {
	c := cluster(t)
	rs := records(0, 100)
	for i, r := range rs {
		r.Timestamp = time.UnixMilli(1_600_000_000_000 + int64(i)*1000)
	}
	c.Produce(rs...)
	from := kgo.ConsumeResetOffset(kgo.NewOffset().AfterMilli(1_600_000_060_000))
	j := start(t, &kafkaio.Pipeline{NewHandler: copying}, member(c, from))
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	assert.EqualValues(t, 40, c.End("out")[0])
}

// TestAbortOfTheFirstBatch: a group that has committed nothing goes back to
// where it began, not to the start of the log.
func TestAbortOfTheFirstBatch(t *testing.T) {
	c := cluster(t)
	rs := records(0, 100)
	for i, r := range rs {
		r.Timestamp = time.UnixMilli(1_600_000_000_000 + int64(i)*1000)
	}
	c.Produce(rs...)
	from := kgo.ConsumeResetOffset(kgo.NewOffset().AfterMilli(1_600_000_060_000))
	aborted := c.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.TxnOffsetCommit}, Err: kerr.RebalanceInProgress})
	j := startTxn(t, &kafkaio.Pipeline{NewHandler: copying}, &session{id: "t", c: c, opts: []kgo.Opt{from}})
	c.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	assert.Equal(t, 1, aborted.Hits())
	assert.Len(t, c.Read("out"), 40)
}
