package kafkaio

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// GroupOpts returns the options of a client that Run accepts: a member of
// group that reads topics, from where the group is or else from the start of
// the log. Options that follow them override them, and kgo.SeedBrokers must
// follow. They are
//
//   - kgo.DisableAutoCommit and kgo.BlockRebalanceOnPoll: nothing is committed
//     but by Run, and no partition leaves while its records are worked on;
//   - kgo.RequiredAcks(kgo.AllISRAcks()), idempotent, and
//     kgo.ProducerBatchMaxBytes(1,000,012), which must not exceed a topic's
//     max.message.bytes: one record that is too large fails its whole batch;
//   - kgo.FetchMinBytes(128 KiB) and kgo.FetchMaxWait(100 ms): a record waits
//     up to 100 ms, so that a slow stream comes in few batches, not in many;
//   - kgo.FetchMaxBytes(16 MiB): what the client reads ahead from each broker,
//     compressed;
//   - kgo.FetchIsolationLevel(kgo.ReadCommitted()): what a transaction took
//     back is not read;
//   - kgo.RebalanceTimeout(30 s), in which a batch must be settled, and
//     kgo.SessionTimeout(45 s), after which a dead member's partitions move:
//     longer, so that waiting for one slow member does not drop the others;
//   - kgo.WithPools: the memory of fetched records is used again after their
//     batch is settled, up to 64 MiB of it. Pools of the same kind that follow
//     have no effect.
func GroupOpts(group string, topics ...string) []kgo.Opt {
	return []kgo.Opt{
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(topics...),
		kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(),
		kgo.RebalanceTimeout(30 * time.Second),
		kgo.SessionTimeout(45 * time.Second),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.FetchMinBytes(128 << 10),
		kgo.FetchMaxWait(100 * time.Millisecond),
		kgo.FetchMaxBytes(16 << 20),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchMaxBytes(1_000_012),
		kgo.WithPools(&pool{}),
	}
}

// checkClient returns a *ClientError for the first option by which cl could
// lose, reorder or misplace records.
func checkClient(cl *kgo.Client) error {
	is := func(opt any) bool { v, _ := cl.OptValue(opt).(bool); return v }
	group, _ := cl.OptValue(kgo.ConsumerGroup).(string)
	txn := cl.OptValues(kgo.TransactionalID)
	const missing = "missing: "
	for _, c := range []struct {
		bad            bool
		option, reason string
	}{
		{group == "", "ConsumerGroup", missing + "offsets are committed to a group"},
		{!is(kgo.DisableAutoCommit), "DisableAutoCommit", missing + "offsets would be committed before their records are produced"},
		{!is(kgo.BlockRebalanceOnPoll), "BlockRebalanceOnPoll", missing + "partitions could leave while their records are worked on"},
		{is(kgo.DisableIdempotentWrite), "DisableIdempotentWrite", "must not be set: a retry could reorder or repeat records"},
		{cl.OptValue(kgo.RequiredAcks) != kgo.AllISRAcks(), "RequiredAcks", "must be AllISRAcks: a record could be lost with the broker that acknowledged it"},
		{len(txn) == 2 && txn[1] == true, "TransactionalID", "must not be set: Run produces outside of transactions"},
		{is(kgo.ManualFlushing), "ManualFlushing", "must not be set: records above MaxBufferedRecords would fail"},
		{is(kgo.DefaultProduceTopicAlways), "DefaultProduceTopicAlways", "must not be set: it overrides the topic of every record"},
		{is(kgo.KeepControlRecords), "KeepControlRecords", "must not be set: transaction markers are no records to handle"},
	} {
		if c.bad {
			return &ClientError{Option: c.option, Reason: c.reason}
		}
	}
	return nil
}
