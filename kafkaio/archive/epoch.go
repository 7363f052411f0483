package archive

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// epochTimeout is how long a broker may take to say where an epoch ends.
const epochTimeout = 5 * time.Second

// endOfEpoch asks the partition's leader where the epoch ends in its log of
// which the record before next was. If that is before next, the log was cut
// there, by an election of a leader who had not all of it, and what follows is
// something else. The client asks that by itself when it joins a group, of the
// offset that the group has, but not when it is set to another.
//
// It returns -1 if nobody knows, and an error if to ask again may help.
func (p *partition) endOfEpoch() (int64, error) {
	if p.leader < 0 || p.run.cl == nil {
		return -1, nil
	}
	req := kmsg.NewPtrOffsetForLeaderEpochRequest()
	topic := kmsg.NewOffsetForLeaderEpochRequestTopic()
	topic.Topic = p.topic
	partition := kmsg.NewOffsetForLeaderEpochRequestTopicPartition()
	partition.Partition, partition.LeaderEpoch = p.number, p.leader
	topic.Partitions = append(topic.Partitions, partition)
	req.Topics = append(req.Topics, topic)
	ctx, cancel := context.WithTimeout(p.run.work, epochTimeout)
	defer cancel()
	resp, err := req.RequestWith(ctx, p.run.cl)
	if err == nil {
		for _, t := range resp.Topics {
			for _, of := range t.Partitions {
				if err = kerr.ErrorForCode(of.ErrorCode); err == nil {
					return of.EndOffset, nil
				}
			}
		}
	}
	if kerr.IsRetriable(err) || kgo.IsRetryableBrokerErr(err) || ctx.Err() != nil {
		return -1, err
	}
	return -1, nil // before Kafka 2.1, or not to be asked
}
