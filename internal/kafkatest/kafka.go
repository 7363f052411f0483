package kafkatest

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// A Kafka is a running cluster of either kind, fake or real, seen through the
// protocol alone: what a test does with it means the same on both. One
// goroutine of the test uses it; Kill, Restart and Move may be called from
// another.
type Kafka struct {
	Kind  string // "kfake" or "Kafka"
	t     testing.TB
	seeds func() []string
	nodes nodes
	admin *kgo.Client
	more  []kgo.Opt // that the cluster wants of clients
}

// nodes are a cluster's brokers, numbered from 0.
type nodes interface {
	count() int
	kill(node int) error
	restart(node int) error
}

// Opts returns the options of a client that finds the cluster and retries
// quickly.
func (k *Kafka) Opts() []kgo.Opt {
	return append([]kgo.Opt{
		kgo.SeedBrokers(k.seeds()...),
		kgo.MetadataMinAge(50 * time.Millisecond),
		kgo.RetryBackoffFn(func(int) time.Duration { return 20 * time.Millisecond }),
		kgo.HeartbeatInterval(100 * time.Millisecond),
		// A request to a broker that was killed may hang: not for long.
		kgo.RequestTimeoutOverhead(4 * time.Second),
	}, k.more...)
}

// Seeds returns the addresses of all brokers, those that are killed too.
func (k *Kafka) Seeds() []string { return k.seeds() }

// Client returns a client that retries quickly. It is closed with the test.
func (k *Kafka) Client(opts ...kgo.Opt) *kgo.Client {
	k.t.Helper()
	cl, err := kgo.NewClient(append(k.Opts(), opts...)...)
	if err != nil {
		k.t.Fatal("kafkatest: client: ", err)
	}
	k.t.Cleanup(cl.CloseAllowingRebalance)
	return cl
}

// Produce writes records to the partitions that they name.
func (k *Kafka) Produce(records ...*kgo.Record) {
	k.t.Helper()
	cl := k.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.UnknownTopicRetries(100))
	defer cl.Close()
	if err := cl.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
		k.t.Fatal("kafkatest: produce: ", err)
	}
}

// Nodes returns how many brokers the cluster has.
func (k *Kafka) Nodes() int { return k.nodes.count() }

// Kill ends a broker at once, as kill -9 does. What it has on disk stays. To
// kill a dead one, or restart a living one, does nothing.
func (k *Kafka) Kill(node int) {
	k.t.Helper()
	if err := k.nodes.kill(node); err != nil {
		k.t.Errorf("kafkatest: kill node %d: %v", node, err)
	}
}

// Restart starts a broker that was killed, where it was. It need not be ready
// when Restart returns.
func (k *Kafka) Restart(node int) {
	k.t.Helper()
	if err := k.nodes.restart(node); err != nil {
		k.t.Errorf("kafkatest: restart node %d: %v", node, err)
	}
}

// Each runs test against a fake cluster and, if LTSVPIPE_REAL is 1, against a
// real one, both of so many brokers and without topics. The real one is shared
// by all tests of a process and wiped before each; with no real one to be had,
// the test fails.
func Each(t *testing.T, brokers int, test func(*testing.T, *Kafka)) {
	t.Run("kfake", func(t *testing.T) { test(t, startFake(t, brokers)) })
	t.Run("Kafka", func(t *testing.T) {
		if !Real() {
			t.Skip("set LTSVPIPE_REAL=1 for a real broker")
		}
		test(t, StartReal(t, brokers).Wiped(t))
	})
}

// Wiped deletes all topics and groups, and returns the cluster for the use of
// t.
func (k *Kafka) Wiped(t testing.TB) *Kafka {
	t.Helper()
	mine := &Kafka{Kind: k.Kind, t: t, seeds: k.seeds, nodes: k.nodes}
	mine.wipe()
	return mine
}

// Whole waits until all brokers work and have all there is.
func (k *Kafka) Whole() {
	k.t.Helper()
	k.everywhere(func(topics map[string]kmsg.MetadataResponseTopic) bool {
		for _, t := range topics {
			for _, p := range t.Partitions {
				if p.Leader < 0 || len(p.ISR) < len(p.Replicas) {
					return false
				}
			}
		}
		return true
	})
}
