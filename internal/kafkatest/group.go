package kafkatest

import (
	"context"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Committed returns the offsets that group has committed for topic. While a
// transaction that commits is open, those are the ones before it.
func (k *Kafka) Committed(group, topic string) map[int32]int64 {
	k.t.Helper()
	at := make(map[int32]int64)
	k.retry("offsets of group "+group, func(ctx context.Context, cl *kgo.Client) error {
		req := kmsg.NewPtrOffsetFetchRequest() // without topics: all
		g := kmsg.NewOffsetFetchRequestGroup()
		g.Group = group
		req.Group = group
		req.Groups = append(req.Groups, g)
		resp, err := req.RequestWith(ctx, cl)
		if err != nil {
			return err
		}
		if len(resp.Groups) == 0 {
			return kerr.ErrorForCode(resp.ErrorCode)
		}
		if err := kerr.ErrorForCode(resp.Groups[0].ErrorCode); err != nil {
			if err == kerr.GroupIDNotFound {
				return nil
			}
			return err
		}
		id := [16]byte{}
		for _, t := range resp.Groups[0].Topics {
			if t.Topic == "" && t.TopicID != id { // by id alone, as of late
				t.Topic = k.nameOf(ctx, cl, t.TopicID)
			}
			for _, p := range t.Partitions {
				if t.Topic == topic && p.Offset >= 0 {
					at[p.Partition] = p.Offset
				}
			}
		}
		return nil
	})
	return at
}

// CaughtUp reports whether group has committed all of topic.
func (k *Kafka) CaughtUp(group, topic string) bool {
	k.t.Helper()
	at := k.Committed(group, topic)
	for p, end := range k.End(topic) {
		if at[p] < end {
			return false
		}
	}
	return true
}

// AwaitCommitted waits until group has committed all of topic.
func (k *Kafka) AwaitCommitted(t testing.TB, group, topic string) {
	t.Helper()
	never := true
	defer func() {
		if never {
			t.Log("committed ", k.Committed(group, topic), " of ", k.End(topic))
		}
	}()
	Until(t, "group "+group+" has committed all of "+topic, func() bool { return k.CaughtUp(group, topic) })
	never = false
}

// Evict has all members leave a group, the dead among them; the living notice and join
// again. A fake needs it where workers are killed: it never ends the session of one
// that died while its join waited for the others.
func (k *Kafka) Evict(group string) {
	k.t.Helper()
	k.retry("evict the members of group "+group, func(ctx context.Context, cl *kgo.Client) error {
		describe := kmsg.NewPtrDescribeGroupsRequest()
		describe.Groups = append(describe.Groups, group)
		resp, err := describe.RequestWith(ctx, cl)
		if err != nil {
			return err
		}
		leave := kmsg.NewPtrLeaveGroupRequest()
		leave.Group = group
		for _, m := range resp.Groups[0].Members {
			member := kmsg.NewLeaveGroupRequestMember()
			member.MemberID = m.MemberID
			leave.Members = append(leave.Members, member)
		}
		_, err = leave.RequestWith(ctx, cl)
		return err
	})
}

func (k *Kafka) nameOf(ctx context.Context, cl *kgo.Client, id [16]byte) string {
	resp, err := kmsg.NewPtrMetadataRequest().RequestWith(ctx, cl)
	if err != nil {
		return ""
	}
	for _, t := range resp.Topics {
		if t.TopicID == id {
			return *t.Topic
		}
	}
	return ""
}

// wipe deletes all topics and groups.
func (k *Kafka) wipe() {
	k.t.Helper()
	k.retry("delete groups", func(ctx context.Context, cl *kgo.Client) error {
		groups, err := kmsg.NewPtrListGroupsRequest().RequestWith(ctx, cl)
		if err != nil {
			return err
		}
		req := kmsg.NewPtrDeleteGroupsRequest()
		for _, g := range groups.Groups {
			req.Groups = append(req.Groups, g.Group)
		}
		if len(req.Groups) == 0 {
			return nil
		}
		resp, err := req.RequestWith(ctx, cl)
		if err != nil {
			return err
		}
		for _, g := range resp.Groups { // a dead member's stays until its session ends
			if err := kerr.ErrorForCode(g.ErrorCode); err != nil && err != kerr.GroupIDNotFound {
				return err
			}
		}
		return nil
	})
	k.retry("delete topics", func(ctx context.Context, cl *kgo.Client) error {
		all, err := kmsg.NewPtrMetadataRequest().RequestWith(ctx, cl)
		if err != nil {
			return err
		}
		req := kmsg.NewPtrDeleteTopicsRequest()
		for _, t := range all.Topics {
			if !t.IsInternal {
				req.TopicNames = append(req.TopicNames, *t.Topic)
				dt := kmsg.NewDeleteTopicsRequestTopic()
				dt.Topic = t.Topic
				req.Topics = append(req.Topics, dt)
			}
		}
		if len(req.Topics) == 0 {
			return nil
		}
		resp, err := req.RequestWith(ctx, cl)
		if err != nil {
			return err
		}
		for _, t := range resp.Topics {
			if err := kerr.ErrorForCode(t.ErrorCode); err != nil && err != kerr.UnknownTopicOrPartition {
				return err
			}
		}
		return nil
	})
	k.everywhere(func(topics map[string]kmsg.MetadataResponseTopic) bool { return len(topics) == 0 })
}
