package kafkatest

import (
	"context"
	"errors"
	"net"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// patience is how long a cluster may take for anything.
const patience = 60 * time.Second

// Topic creates a topic, on as many brokers as there are, and waits until all
// of them know it.
func (k *Kafka) Topic(name string, partitions int32) {
	k.t.Helper()
	req := kmsg.NewPtrCreateTopicsRequest()
	t := kmsg.NewCreateTopicsRequestTopic()
	t.Topic, t.NumPartitions, t.ReplicationFactor = name, partitions, int16(k.Nodes())
	req.Topics = append(req.Topics, t)
	k.retry("create topic "+name, func(ctx context.Context, cl *kgo.Client) error {
		resp, err := req.RequestWith(ctx, cl)
		if err != nil {
			return err
		}
		if err := kerr.ErrorForCode(resp.Topics[0].ErrorCode); err != kerr.TopicAlreadyExists {
			return err
		}
		return nil
	})
	k.everywhere(func(topics map[string]kmsg.MetadataResponseTopic) bool {
		t := topics[name]
		return len(t.Partitions) == int(partitions) && !slices.ContainsFunc(t.Partitions, func(p kmsg.MetadataResponseTopicPartition) bool {
			return p.Leader < 0 || len(p.ISR) < k.Nodes() && k.Kind == kindReal
		})
	})
}

// Delete deletes a topic and waits until no broker knows it.
func (k *Kafka) Delete(name string) {
	k.t.Helper()
	req := kmsg.NewPtrDeleteTopicsRequest()
	req.TopicNames = []string{name} // for brokers that know no ids
	topic := kmsg.NewDeleteTopicsRequestTopic()
	topic.Topic = &name
	req.Topics = append(req.Topics, topic)
	k.retry("delete topic "+name, func(ctx context.Context, cl *kgo.Client) error {
		resp, err := req.RequestWith(ctx, cl)
		if err != nil {
			return err
		}
		if err := kerr.ErrorForCode(resp.Topics[0].ErrorCode); err != kerr.UnknownTopicOrPartition {
			return err
		}
		return nil
	})
	k.everywhere(func(topics map[string]kmsg.MetadataResponseTopic) bool { return topics[name].Topic == nil })
}

// everywhere waits until every broker's view of the topics is ok.
func (k *Kafka) everywhere(ok func(map[string]kmsg.MetadataResponseTopic) bool) {
	k.t.Helper()
	k.retry("metadata", func(ctx context.Context, cl *kgo.Client) error {
		for _, b := range cl.SeedBrokers() {
			req := kmsg.NewPtrMetadataRequest() // nil: all topics
			resp, err := b.RetriableRequest(ctx, req)
			if err != nil {
				return err
			}
			topics := make(map[string]kmsg.MetadataResponseTopic)
			for _, t := range resp.(*kmsg.MetadataResponse).Topics {
				if !t.IsInternal {
					topics[*t.Topic] = t
				}
			}
			if !ok(topics) {
				return kerr.UnknownTopicOrPartition
			}
		}
		return nil
	})
}

// End returns how many offsets each partition of topic has.
func (k *Kafka) End(topic string) map[int32]int64 {
	k.t.Helper()
	return k.offsets(topic, -1, 0)
}

// Stable returns how many offsets of each partition a reader of committed records gets
// to: those before the first open transaction.
func (k *Kafka) Stable(topic string) map[int32]int64 {
	k.t.Helper()
	return k.offsets(topic, -1, 1)
}

// offsets returns the offsets at milli, where -1 is the end and -2 the start, for an
// isolation level.
func (k *Kafka) offsets(topic string, milli int64, isolation int8) map[int32]int64 {
	k.t.Helper()
	at := make(map[int32]int64)
	k.retry("offsets of "+topic, func(ctx context.Context, cl *kgo.Client) error {
		meta := kmsg.NewPtrMetadataRequest()
		mt := kmsg.NewMetadataRequestTopic()
		mt.Topic = kmsg.StringPtr(topic)
		meta.Topics = append(meta.Topics, mt)
		known, err := meta.RequestWith(ctx, cl)
		if err != nil {
			return err
		}
		if err := kerr.ErrorForCode(known.Topics[0].ErrorCode); err != nil {
			return err
		}
		req := kmsg.NewPtrListOffsetsRequest()
		req.IsolationLevel = isolation
		lt := kmsg.NewListOffsetsRequestTopic()
		lt.Topic = topic
		for _, p := range known.Topics[0].Partitions {
			lp := kmsg.NewListOffsetsRequestTopicPartition()
			lp.Partition, lp.Timestamp = p.Partition, milli
			lt.Partitions = append(lt.Partitions, lp)
		}
		req.Topics = append(req.Topics, lt)
		resp, err := req.RequestWith(ctx, cl)
		if err != nil {
			return err
		}
		for _, t := range resp.Topics {
			for _, p := range t.Partitions {
				if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
					return err
				}
				at[p.Partition] = p.Offset
			}
		}
		return nil
	})
	return at
}

// Read returns what topic holds now, committed records only, one partition
// after another and each in order.
func (k *Kafka) Read(topic string) []*kgo.Record {
	k.t.Helper()
	left := 0
	end, begin := k.End(topic), k.offsets(topic, -2, 0)
	at := make(map[int32]kgo.Offset)
	for p := range end {
		if end[p] > begin[p] {
			at[p] = kgo.NewOffset().At(begin[p])
			left++
		}
	}
	if left == 0 {
		return nil
	}
	cl := k.Client(
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: at}),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.FetchMaxWait(10*time.Millisecond),
		kgo.KeepControlRecords(), // they show that a partition is at its end
	)
	defer cl.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var all []*kgo.Record
	for left > 0 {
		fetches := cl.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			k.t.Fatalf("kafkatest: read %s: %v", topic, err)
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

// retry does something until it succeeds.
func (k *Kafka) retry(what string, do func(context.Context, *kgo.Client) error) {
	k.t.Helper()
	if k.admin == nil {
		k.admin = k.Client()
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		try, stop := context.WithTimeout(ctx, 5*time.Second)
		err := do(try, k.admin)
		stop()
		if err == nil {
			return
		}
		if _, ok := errors.AsType[*net.OpError](err); ok { // a client asks a coordinator for offsets that it knows, though it is gone
			k.admin.Close()
			k.admin = k.Client()
		}
		select {
		case <-ctx.Done():
			k.t.Fatalf("kafkatest: %s: %v", what, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
