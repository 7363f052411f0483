package kafkaio

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const missing = "missing: "

var errNoClient = errors.New("kafkaio: the client is nil")

// A flaw is an option by which a client could lose, reorder, misplace or
// repeat records.
type flaw struct {
	there          bool
	option, reason string
}

// refuse returns a *ClientError for the first flaw that is there.
func refuse(flaws ...flaw) error {
	for _, f := range flaws {
		if f.there {
			return &ClientError{Option: f.option, Reason: f.reason}
		}
	}
	return nil
}

func has(cl *kgo.Client, opt any) bool { v, _ := cl.OptValue(opt).(bool); return v }

func transactional(cl *kgo.Client) bool {
	v := cl.OptValues(kgo.TransactionalID)
	return len(v) == 2 && v[1] == true
}

// noTopics is what a client has that waits for records for ever.
func noTopics(cl *kgo.Client) flaw {
	none := len(cl.GetConsumeTopics()) == 0 && !has(cl, kgo.ConsumeRegex)
	return flaw{none, "ConsumeTopics", missing + "nothing would be read"}
}

// reads reports whether cl reads topic, or would if there were one.
func reads(cl *kgo.Client, topic string) bool {
	if !has(cl, kgo.ConsumeRegex) {
		return slices.Contains(cl.GetConsumeTopics(), topic)
	}
	excluded, _ := cl.OptValue(kgo.ConsumeExcludeTopics).([]string)
	patterns, _ := cl.OptValue(kgo.ConsumeTopics).([]string)
	return !matches(excluded, topic) && matches(patterns, topic)
}

// matches reports whether one of the patterns, which the client has compiled
// already, is of topic.
func matches(patterns []string, topic string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return regexp.MustCompile(pattern).MatchString(topic) })
}

// checkReader refuses what Source could lose records with.
func checkReader(cl *kgo.Client) error {
	if cl == nil {
		return errNoClient
	}
	group, _ := cl.OptValue(kgo.ConsumerGroup).(string)
	return refuse(
		// First: a session's client has others of these too, and another purpose.
		flaw{transactional(cl), "TransactionalID", "must not be set: Run and Source commit outside of transactions; RunTxn is for them"},
		flaw{group == "", "ConsumerGroup", missing + "offsets are committed to a group"},
		noTopics(cl),
		flaw{!has(cl, kgo.DisableAutoCommit), "DisableAutoCommit", missing + "offsets would be committed before their records are produced"},
		flaw{!has(cl, kgo.BlockRebalanceOnPoll), "BlockRebalanceOnPoll", missing + "partitions could leave while their records are worked on"},
	)
}

// checkWriter refuses what Sink could lose records with.
func checkWriter(cl *kgo.Client) error {
	if cl == nil {
		return errNoClient
	}
	return refuse(append(writerFlaws(cl),
		flaw{transactional(cl), "TransactionalID", "must not be set: Run and Sink produce outside of transactions"})...)
}

func writerFlaws(cl *kgo.Client) []flaw {
	return []flaw{
		{has(cl, kgo.DisableIdempotentWrite), "DisableIdempotentWrite", "must not be set: a retry could reorder or repeat records"},
		{cl.OptValue(kgo.RequiredAcks) != kgo.AllISRAcks(), "RequiredAcks", "must be AllISRAcks: a record could be lost with the broker that acknowledged it"},
		{has(cl, kgo.ManualFlushing), "ManualFlushing", "must not be set: records above MaxBufferedRecords would fail"},
		{has(cl, kgo.DefaultProduceTopicAlways), "DefaultProduceTopicAlways", "must not be set: it overrides the topic of every record"},
	}
}

// checkClient refuses what Run could lose records with.
func checkClient(cl *kgo.Client) error {
	if err := checkReader(cl); err != nil {
		return err
	}
	return checkWriter(cl)
}

// checkSession refuses what RunTxn could lose or repeat records with.
func checkSession(cl *kgo.Client) error {
	rebalance, _ := cl.OptValue(kgo.RebalanceTimeout).(time.Duration)
	session, _ := cl.OptValue(kgo.SessionTimeout).(time.Duration)
	txn, _ := cl.OptValue(kgo.TransactionTimeout).(time.Duration)
	const committed = int8(1)
	return refuse(append(writerFlaws(cl),
		flaw{!transactional(cl), "TransactionalID", missing + "RunTxn produces in transactions"},
		noTopics(cl),
		flaw{cl.OptValue(kgo.FetchIsolationLevel) != committed, "FetchIsolationLevel", "must be ReadCommitted: what another transaction took back would be handled"},
		flaw{txn <= rebalance, "TransactionTimeout", fmt.Sprintf("%v must be longer than RebalanceTimeout, %v: a rebalance that waits for a dead member would fence the living", txn, rebalance)},
		flaw{session <= rebalance, "SessionTimeout", fmt.Sprintf("%v must be longer than RebalanceTimeout, %v: a member that waits in a rebalance would be dropped", session, rebalance)},
	)...)
}

// checkWait returns an error if a batch could wait longer than a rebalance.
func checkWait(cl *kgo.Client, wait time.Duration) error {
	if limit, _ := cl.OptValue(kgo.RebalanceTimeout).(time.Duration); wait > 0 && wait >= limit {
		return fmt.Errorf("kafkaio: MaxWait %v is not shorter than the client's RebalanceTimeout %v", wait, limit)
	}
	return nil
}
