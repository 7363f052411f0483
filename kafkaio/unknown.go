package kafkaio

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	// unknownEvery is how often a source asks again for topics that were not found.
	unknownEvery = 30 * time.Second
	// unknownFor is how long it waits for the answer, and does not poll.
	unknownFor = time.Second
)

// An inquiry finds out whether there are the topics that a source is to read. The client
// waits for those that are not there, and says nothing: a name that is misspelt would be a
// pipeline that has nothing to do.
type inquiry struct {
	next time.Time
	done bool
}

// tellUnknown asks, if it is time, and tells of each topic that is not known.
func (s *Source) tellUnknown(ctx context.Context, now time.Time) {
	q := &s.inquiry
	if q.done || now.Before(q.next) {
		return
	}
	if q.done = has(s.cl, kgo.ConsumeRegex); q.done {
		return // any number may match, none too
	}
	ctx, cancel := context.WithTimeout(ctx, unknownFor)
	defer cancel()
	req := kmsg.NewPtrMetadataRequest()
	for _, topic := range s.cl.GetConsumeTopics() {
		t := kmsg.NewMetadataRequestTopic()
		t.Topic = kmsg.StringPtr(topic)
		req.Topics = append(req.Topics, t)
	}
	resp, err := req.RequestWith(ctx, s.cl)
	if err != nil {
		return // brokers are away: it is asked when next there is time
	}
	q.next, q.done = now.Add(unknownEvery), true
	for _, t := range resp.Topics {
		if err := kerr.ErrorForCode(t.ErrorCode); errors.Is(err, kerr.UnknownTopicOrPartition) && t.Topic != nil {
			s.survive(&FetchError{Topic: *t.Topic, Partition: -1, Err: err})
			q.done = false
		}
	}
}
