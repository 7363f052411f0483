package kafkaio

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// poll fills r.polled with at most MaxRecords records. It returns nil with
// nothing polled when ctx is done.
func (r *run) poll() error {
	start := time.Now()
	r.polled.reset()
	limit := r.maxRecords()
	if err := r.take(r.ctx, limit); err != nil {
		return err
	}
	if r.MaxWait > 0 && r.polled.count > 0 && r.polled.count < limit {
		if err := r.gather(limit); err != nil {
			return err
		}
	}
	r.report.Poll = time.Since(start)
	r.report.Read = r.polled.count
	return r.checkLoss()
}

// gather polls on until the batch is full or MaxWait has passed. Polling again
// without AllowRebalance in between keeps the partitions where they are.
func (r *run) gather(limit int) error {
	ctx, cancel := context.WithTimeout(r.ctx, r.MaxWait)
	defer cancel()
	for r.polled.count < limit && ctx.Err() == nil {
		if err := r.take(ctx, limit-r.polled.count); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) take(ctx context.Context, limit int) error {
	fetches := r.cl.PollRecords(ctx, limit)
	var fatal error
	for _, f := range fetches {
		for i := range f.Topics {
			t := &f.Topics[i]
			for j := range t.Partitions {
				p := &t.Partitions[j]
				r.polled.add(t.Topic, p)
				if p.Err == nil || ctx.Err() != nil && errors.Is(p.Err, ctx.Err()) {
					continue
				}
				if err := r.fetchError(t.Topic, p.Partition, p.Err); err != nil && fatal == nil {
					fatal = err
				}
			}
		}
	}
	return fatal
}

// fetchError returns nil for an error that the client recovers from by itself.
func (r *run) fetchError(topic string, partition int32, err error) error {
	if _, ok := errors.AsType[*kgo.ErrDataLoss](err); ok {
		return r.dataLoss(err)
	}
	if transient(err) {
		r.survive(err)
		return nil
	}
	return &FetchError{Topic: topic, Partition: partition, Err: err}
}

// lasting are the errors of a group session that joining again cannot mend.
var lasting = []error{
	kerr.GroupAuthorizationFailed,
	kerr.TopicAuthorizationFailed,
	kerr.ClusterAuthorizationFailed,
	kerr.SaslAuthenticationFailed,
	kerr.FencedInstanceID,
	kerr.InvalidGroupID,
	kerr.InconsistentGroupProtocol,
	kerr.UnsupportedVersion,
}

func transient(err error) bool {
	if _, ok := errors.AsType[*kgo.ErrGroupSession](err); ok {
		for _, l := range lasting {
			if errors.Is(err, l) {
				return false
			}
		}
		return true
	}
	// Though retriable, it means that the topic was created anew: the client
	// never reads this partition again.
	if errors.Is(err, kerr.UnknownTopicID) {
		return false
	}
	return kerr.IsRetriable(err) || kgo.IsRetryableBrokerErr(err)
}
