// Package kafkatest starts Kafka for tests: brokers of the fake kfake, in the
// test's own process, that speak the real protocol.
package kafkatest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A Cluster is a running Kafka that ends with its test. Its embedded cluster
// injects faults.
type Cluster struct {
	*kfake.Cluster
	t testing.TB
}

// Start starts a cluster: one broker, no topics, session timeouts from 500 ms,
// unless opts say otherwise.
func Start(t testing.TB, opts ...kfake.Opt) *Cluster {
	t.Helper()
	base := []kfake.Opt{
		kfake.NumBrokers(1),
		kfake.GroupMinSessionTimeout(500 * time.Millisecond),
	}
	c, err := kfake.NewCluster(append(base, opts...)...)
	if err != nil {
		t.Fatal("kafkatest: ", err)
	}
	t.Cleanup(c.Close)
	return &Cluster{Cluster: c, t: t}
}

// Topic creates a topic.
func (c *Cluster) Topic(name string, partitions int32) {
	c.t.Helper()
	if err := c.CreateTopic(name, partitions, nil); err != nil {
		c.t.Fatalf("kafkatest: topic %s: %v", name, err)
	}
}

// Opts returns the options of a client that finds the cluster and retries
// quickly.
func (c *Cluster) Opts() []kgo.Opt {
	return []kgo.Opt{
		kgo.SeedBrokers(c.ListenAddrs()...),
		kgo.MetadataMinAge(50 * time.Millisecond),
		kgo.RetryBackoffFn(func(int) time.Duration { return 20 * time.Millisecond }),
		kgo.HeartbeatInterval(100 * time.Millisecond),
	}
}

// Client returns a client that retries quickly. It is closed with the test.
func (c *Cluster) Client(opts ...kgo.Opt) *kgo.Client {
	c.t.Helper()
	cl, err := kgo.NewClient(append(c.Opts(), opts...)...)
	if err != nil {
		c.t.Fatal("kafkatest: client: ", err)
	}
	c.t.Cleanup(cl.CloseAllowingRebalance)
	return cl
}

// Produce writes records to the partitions that they name.
func (c *Cluster) Produce(records ...*kgo.Record) {
	c.t.Helper()
	cl := c.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	defer cl.Close()
	if err := cl.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
		c.t.Fatal("kafkatest: produce: ", err)
	}
}

// End returns how many offsets each partition of topic has.
func (c *Cluster) End(topic string) map[int32]int64 {
	end := make(map[int32]int64)
	for _, p := range c.PartitionInfos(topic) {
		end[p.Partition] = p.HighWatermark
	}
	return end
}

// Read returns what topic holds now, committed records only, one partition
// after another and each in order.
func (c *Cluster) Read(topic string) []*kgo.Record {
	c.t.Helper()
	left := 0
	end := c.End(topic)
	at := make(map[int32]kgo.Offset)
	for _, p := range c.PartitionInfos(topic) {
		if p.HighWatermark > p.LogStartOffset {
			at[p.Partition] = kgo.NewOffset().At(p.LogStartOffset)
			left++
		}
	}
	if left == 0 {
		return nil
	}
	cl := c.Client(
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: at}),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.FetchMaxWait(10*time.Millisecond),
		kgo.KeepControlRecords(), // they show that a partition is at its end
	)
	defer cl.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var all []*kgo.Record
	for left > 0 {
		fetches := cl.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			c.t.Fatalf("kafkatest: read %s: %v", topic, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if r.Offset+1 == end[r.Partition] {
				left--
			}
			if !r.Attrs.IsControl() {
				all = append(all, r)
			}
		})
	}
	slices.SortStableFunc(all, func(a, b *kgo.Record) int { return int(a.Partition - b.Partition) })
	return all
}

// Committed returns the offsets that group has committed for topic.
func (c *Cluster) Committed(group, topic string) map[int32]int64 {
	at := make(map[int32]int64)
	if info := c.GroupInfo(group); info != nil {
		for p, commit := range info.Commits[topic] {
			at[p] = commit.Offset
		}
	}
	return at
}
