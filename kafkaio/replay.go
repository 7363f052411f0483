package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// ReplayFrom has group read topics again, or skip ahead, from the first record
// of each partition whose timestamp is not before from; a partition without one
// is read from its end. See ReplayAt.
//
// A time before 1970 is the start of the log: Kafka has none.
//
// A group that is not there yet is made, by a misspelt name too. One that has read nothing
// yet needs no replay: it begins where
// kgo.ConsumeResetOffset says, for instance kgo.NewOffset().AfterMilli(ms).
func ReplayFrom(ctx context.Context, cl *kgo.Client, group string, from time.Time, topics ...string) error {
	partitions, err := partitionsOf(ctx, cl, topics)
	if err != nil {
		return err
	}
	// Negative numbers mean other things: -1, the end.
	at, err := listOffsets(ctx, cl, partitions, max(from.UnixMilli(), 0))
	if err != nil {
		return err
	}
	var ends map[place]int64
	offsets := make(map[string]map[int32]int64)
	for _, p := range partitions {
		if at[p] < 0 && ends == nil {
			if ends, err = listOffsets(ctx, cl, partitions, logEnd); err != nil {
				return err
			}
		}
		if offsets[p.topic] == nil {
			offsets[p.topic] = make(map[int32]int64)
		}
		if offsets[p.topic][p.partition] = at[p]; at[p] < 0 {
			offsets[p.topic][p.partition] = ends[p]
		}
	}
	return ReplayAt(ctx, cl, group, offsets)
}

// ReplayAt has group read next at the offset given for each topic and
// partition, and leaves its other partitions where they are. An offset that the
// log does not have, or its end, is an error: the group would start over, or stop
// for data loss.
//
// The group must have no members: stop its pipelines first, or Kafka refuses
// (kerr.UnknownMemberID). cl is any client that is not itself one of them.
func ReplayAt(ctx context.Context, cl *kgo.Client, group string, offsets map[string]map[int32]int64) error {
	topics, err := describe(ctx, cl, slices.Collect(maps.Keys(offsets)))
	if err != nil {
		return err
	}
	if err := checkOffsets(ctx, cl, topics, offsets); err != nil {
		return err
	}
	req := kmsg.NewPtrOffsetCommitRequest()
	req.Group = group
	req.Generation = -1 // from outside of the group
	for i := range topics {
		t := kmsg.NewOffsetCommitRequestTopic()
		t.Topic, t.TopicID = *topics[i].Topic, topics[i].TopicID // which of them counts is the broker's choice
		for partition, offset := range offsets[t.Topic] {
			p := kmsg.NewOffsetCommitRequestTopicPartition()
			p.Partition, p.Offset = partition, offset
			t.Partitions = append(t.Partitions, p)
		}
		req.Topics = append(req.Topics, t)
	}
	resp, err := req.RequestWith(ctx, cl)
	if err == nil {
		err = worst(resp, nil)
	}
	if err != nil {
		return fmt.Errorf("kafkaio: replay of group %s: %w", group, err)
	}
	return nil
}

// What listOffsets takes for a time.
const (
	logEnd   = -1
	logStart = -2
)

// checkOffsets looks for offsets that the logs do not have.
func checkOffsets(ctx context.Context, cl *kgo.Client, topics []kmsg.MetadataResponseTopic, offsets map[string]map[int32]int64) error {
	known := make(map[place]bool)
	for _, t := range topics {
		for _, p := range t.Partitions {
			known[place{*t.Topic, p.Partition}] = true
		}
	}
	var partitions []place
	for topic, of := range offsets {
		for partition := range of {
			if !known[place{topic, partition}] {
				return fmt.Errorf("kafkaio: replay: topic %s has no partition %d", topic, partition)
			}
			partitions = append(partitions, place{topic, partition})
		}
	}
	starts, err := listOffsets(ctx, cl, partitions, logStart)
	if err != nil {
		return err
	}
	ends, err := listOffsets(ctx, cl, partitions, logEnd)
	if err != nil {
		return err
	}
	for _, at := range partitions {
		if offset := offsets[at.topic][at.partition]; offset < starts[at] || offset > ends[at] {
			return fmt.Errorf("kafkaio: replay: topic %s partition %d: offset %d is not in the log, which has %d to %d",
				at.topic, at.partition, offset, starts[at], ends[at])
		}
	}
	return nil
}

// describe returns what the cluster knows of topics.
func describe(ctx context.Context, cl *kgo.Client, topics []string) ([]kmsg.MetadataResponseTopic, error) {
	if len(topics) == 0 {
		return nil, errors.New("kafkaio: replay: no topics")
	}
	req := kmsg.NewPtrMetadataRequest()
	for _, topic := range topics {
		t := kmsg.NewMetadataRequestTopic()
		t.Topic = kmsg.StringPtr(topic)
		req.Topics = append(req.Topics, t)
	}
	resp, err := req.RequestWith(ctx, cl)
	if err != nil {
		return nil, fmt.Errorf("kafkaio: replay: %w", err)
	}
	for _, t := range resp.Topics {
		if err := kerr.ErrorForCode(t.ErrorCode); err != nil {
			return nil, fmt.Errorf("kafkaio: replay: topic %s: %w", *t.Topic, err)
		}
	}
	return resp.Topics, nil
}

// partitionsOf returns all partitions of topics.
func partitionsOf(ctx context.Context, cl *kgo.Client, topics []string) (all []place, err error) {
	described, err := describe(ctx, cl, topics)
	for _, t := range described {
		for _, p := range t.Partitions {
			all = append(all, place{*t.Topic, p.Partition})
		}
	}
	return all, err
}

// listOffsets returns the first offset of each partition that is not before
// milli, -1 if there is none; or of logStart or logEnd.
func listOffsets(ctx context.Context, cl *kgo.Client, partitions []place, milli int64) (map[place]int64, error) {
	req := kmsg.NewPtrListOffsetsRequest()
	index := make(map[string]int)
	for _, at := range partitions {
		i, ok := index[at.topic]
		if !ok {
			i = len(req.Topics)
			index[at.topic] = i
			t := kmsg.NewListOffsetsRequestTopic()
			t.Topic = at.topic
			req.Topics = append(req.Topics, t)
		}
		p := kmsg.NewListOffsetsRequestTopicPartition()
		p.Partition, p.Timestamp = at.partition, milli
		req.Topics[i].Partitions = append(req.Topics[i].Partitions, p)
	}
	resp, err := req.RequestWith(ctx, cl)
	if err != nil {
		return nil, fmt.Errorf("kafkaio: replay: %w", err)
	}
	at := make(map[place]int64)
	for _, t := range resp.Topics {
		for _, p := range t.Partitions {
			if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
				return nil, fmt.Errorf("kafkaio: replay: topic %s partition %d: %w", t.Topic, p.Partition, err)
			}
			at[place{t.Topic, p.Partition}] = p.Offset
		}
	}
	return at, nil
}
