package kafkatest

import (
	"context"
	"slices"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Leader returns the node that leads a partition, -1 if none does.
func (k *Kafka) Leader(topic string, partition int32) (node int) {
	k.t.Helper()
	k.retry("leader", func(ctx context.Context, cl *kgo.Client) error {
		resp, err := kmsg.NewPtrMetadataRequest().RequestWith(ctx, cl)
		if err != nil {
			return err
		}
		slices.SortFunc(resp.Brokers, func(a, b kmsg.MetadataResponseBroker) int { return int(a.NodeID - b.NodeID) })
		node = -1
		for _, t := range resp.Topics {
			for _, p := range t.Partitions {
				if *t.Topic == topic && p.Partition == partition && p.Leader >= 0 {
					node = int(p.Leader) - k.first()
				}
			}
		}
		return nil
	})
	return node
}

// Coordinator returns the node that coordinates the group or, with transaction, the
// transactional id named key.
func (k *Kafka) Coordinator(key string, transaction bool) (node int) {
	k.t.Helper()
	req := kmsg.NewPtrFindCoordinatorRequest()
	req.CoordinatorKey, req.CoordinatorKeys = key, []string{key}
	if transaction {
		req.CoordinatorType = 1
	}
	k.retry("coordinator of "+key, func(ctx context.Context, cl *kgo.Client) error {
		resp, err := req.RequestWith(ctx, cl)
		if err != nil {
			return err
		}
		for _, c := range resp.Coordinators {
			node = int(c.NodeID) - k.first()
			return kerr.ErrorForCode(c.ErrorCode)
		}
		node = int(resp.NodeID) - k.first()
		return kerr.ErrorForCode(resp.ErrorCode)
	})
	return node
}

// Move makes node lead a partition, as soon as it has all of it.
func (k *Kafka) Move(topic string, partition int32, node int) {
	k.t.Helper()
	id := int32(node + k.first())
	req := kmsg.NewPtrAlterPartitionAssignmentsRequest()
	t := kmsg.NewAlterPartitionAssignmentsRequestTopic()
	t.Topic = topic
	p := kmsg.NewAlterPartitionAssignmentsRequestTopicPartition()
	p.Partition = partition
	for i := range k.Nodes() {
		p.Replicas = append(p.Replicas, (int32(node+i)%int32(k.Nodes()))+int32(k.first()))
	}
	t.Partitions = append(t.Partitions, p)
	req.Topics = append(req.Topics, t)
	elect := kmsg.NewPtrElectLeadersRequest()
	et := kmsg.NewElectLeadersRequestTopic()
	et.Topic, et.Partitions = topic, []int32{partition}
	elect.Topics = append(elect.Topics, et)
	k.retry("move a partition", func(ctx context.Context, cl *kgo.Client) error {
		if fake, ok := k.nodes.(*fakeNodes); ok {
			return fake.c.MoveTopicPartition(topic, partition, id)
		}
		_, err := req.RequestWith(ctx, cl)
		return err
	})
	k.retry("a new leader", func(ctx context.Context, cl *kgo.Client) error {
		if k.Leader(topic, partition) != node {
			if k.Kind == kindReal { // which it is once it has caught up
				_, _ = elect.RequestWith(ctx, cl)
			}
			return kerr.LeaderNotAvailable
		}
		return nil
	})
}

// first is the id of node 0: kfake counts from 0, real brokers here from 1.
func (k *Kafka) first() int {
	if k.Kind == kindReal {
		return 1
	}
	return 0
}
