package kafkaio

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// poll fills s.polled with at most MaxRecords records. It returns nil with
// nothing polled when ctx is done.
func (s *Source) poll(ctx context.Context) error {
	s.polled.reset()
	limit := s.o.MaxRecords
	if limit == 0 {
		limit = defaultMaxRecords
	}
	if err := s.take(ctx, limit); err != nil {
		return err
	}
	if s.o.MaxWait > 0 && s.polled.count > 0 && s.polled.count < limit {
		if err := s.gather(ctx, limit); err != nil {
			return err
		}
	}
	if s.o.OwnOffsets {
		return nil
	}
	return s.checkLoss()
}

// gather polls on until the batch is full or MaxWait has passed. Polling again
// without AllowRebalance in between keeps the partitions where they are.
func (s *Source) gather(ctx context.Context, limit int) error {
	ctx, cancel := context.WithTimeout(ctx, s.o.MaxWait)
	defer cancel()
	for s.polled.count < limit && ctx.Err() == nil {
		if err := s.take(ctx, limit-s.polled.count); err != nil {
			return err
		}
	}
	return nil
}

// wakeEvery is how often the client is woken, at the least.
//
// franz-go (v1.22.3) can forget to fetch: the goroutine that fetches from a
// broker (source.loopFetch) looks up the client's session and then joins it. If
// it is held up in between, while SetOffsets, a rebalance or a move of a leader
// ends that session and begins another, then the new session's call to fetch is
// taken for one to the goroutine, which finds its session over and ends. Nobody
// fetches from that broker until something else calls, and records of others
// hide it. It takes microseconds to be held up, so it is seen on machines that
// have more to do than they can.
//
// ResumeFetchTopics of nothing calls every goroutine, and changes nothing else.
const wakeEvery = time.Second

// take returns without records, too, when there are none for a while.
func (s *Source) take(outer context.Context, limit int) error {
	ctx, cancel := context.WithTimeout(outer, wakeEvery)
	defer cancel()
	fetches := s.cl.PollRecords(ctx, limit)
	if now := time.Now(); now.Sub(s.woken) >= wakeEvery {
		s.woken = now
		s.cl.ResumeFetchTopics()
		s.tellUnknown(outer, now)
	}
	var fatal error
	for _, f := range fetches {
		for i := range f.Topics {
			t := &f.Topics[i]
			for j := range t.Partitions {
				p := &t.Partitions[j]
				s.polled.add(t, p)
				if p.Err == nil || ctx.Err() != nil && errors.Is(p.Err, ctx.Err()) {
					continue
				}
				if err := s.fetchError(t.Topic, p.Partition, p.Err); err != nil && fatal == nil {
					fatal = err
				}
			}
		}
	}
	return fatal
}

// fetchError returns nil for an error that the client recovers from by itself.
func (s *Source) fetchError(topic string, partition int32, err error) error {
	if _, ok := errors.AsType[*kgo.ErrDataLoss](err); ok {
		return s.dataLoss(err)
	}
	if transient(err) {
		s.survive(err)
		return nil
	}
	return &FetchError{Topic: topic, Partition: partition, Err: err}
}

func (s *Source) survive(err error) {
	if s.o.Survived != nil {
		s.o.Survived(err)
	}
}

// lasting are the errors that joining again, or a new session, cannot mend.
var lasting = []error{
	kerr.GroupAuthorizationFailed,
	kerr.TopicAuthorizationFailed,
	kerr.ClusterAuthorizationFailed,
	kerr.TransactionalIDAuthorizationFailed,
	kerr.SaslAuthenticationFailed,
	kerr.FencedInstanceID,
	kerr.InvalidGroupID,
	kerr.InconsistentGroupProtocol,
	kerr.InvalidTransactionTimeout,
	kerr.UnsupportedVersion,
}

func lasts(err error) bool {
	for _, l := range lasting {
		if errors.Is(err, l) {
			return true
		}
	}
	return false
}

func transient(err error) bool {
	if _, ok := errors.AsType[*kgo.ErrGroupSession](err); ok {
		return !lasts(err)
	}
	// Though retriable, it means that the topic was created anew: the client
	// never reads this partition again.
	if errors.Is(err, kerr.UnknownTopicID) {
		return false
	}
	return kerr.IsRetriable(err) || kgo.IsRetryableBrokerErr(err)
}
