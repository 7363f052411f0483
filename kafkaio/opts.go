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
//   - kgo.KeepControlRecords: what is committed comes after the markers of
//     transactions, which handlers never see;
//   - kgo.RebalanceTimeout(30 s), in which a batch must be settled, and
//     kgo.SessionTimeout(45 s), after which a dead member's partitions move:
//     longer, so that waiting for one slow member does not drop the others;
//   - kgo.MetadataMinAge(100 ms): the client asks for metadata before it tries
//     again what a broker refused, and by default no sooner than 5 s after it
//     last did. Partitions that move are found sooner; and brokers refuse to
//     produce in a transaction while they still end the one before
//     (CONCURRENT_TRANSACTIONS), which happens all the time;
//   - kgo.AlwaysRetryEOF: a broker that dies or restarts lets clients in and
//     ends their connections at once, as one that expects TLS or SASL does. By
//     default the client takes it for that, and what it was about fails. One
//     that does lack TLS or SASL says so in its log;
//   - kgo.WithPools: the memory of fetched records is used again after their
//     batch is settled, up to 64 MiB of it. Pools of the same kind that follow
//     have no effect.
func GroupOpts(group string, topics ...string) []kgo.Opt {
	return append([]kgo.Opt{
		kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(),
	}, commonOpts(group, topics)...)
}

// commonOpts are what GroupOpts and TxnOpts share. The pools come last.
func commonOpts(group string, topics []string) []kgo.Opt {
	return []kgo.Opt{
		kgo.ConsumerGroup(group),
		kgo.ConsumeTopics(topics...),
		kgo.RebalanceTimeout(30 * time.Second),
		kgo.SessionTimeout(45 * time.Second),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(),
		kgo.FetchMinBytes(128 << 10),
		kgo.FetchMaxWait(100 * time.Millisecond),
		kgo.FetchMaxBytes(16 << 20),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchMaxBytes(1_000_012),
		kgo.MetadataMinAge(100 * time.Millisecond),
		kgo.AlwaysRetryEOF(),
		kgo.WithPools(&pool{}),
	}
}

// TxnOpts returns the options of a session that RunTxn accepts: a member of
// group that reads topics and produces in transactions of transactionalID,
// which no two running processes may share. A process that takes the place of
// a dead one should have its id: then the dead one's transaction ends at once,
// and otherwise its partitions and its readers wait for TransactionTimeout.
//
// They are the options of GroupOpts and
//
//   - kgo.TransactionTimeout(60 s): longer than kgo.RebalanceTimeout, so that a
//     rebalance that waits for a dead member does not cost the living theirs;
//   - no kgo.BlockRebalanceOnPoll: a rebalance need not wait for the batch in
//     hand, since the session takes the batch back if it comes in between.
//
// kgo.NewGroupTransactSession takes them.
func TxnOpts(transactionalID, group string, topics ...string) []kgo.Opt {
	return append([]kgo.Opt{
		kgo.TransactionalID(transactionalID),
		kgo.TransactionTimeout(60 * time.Second),
	}, commonOpts(group, topics)...)
}
