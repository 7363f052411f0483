package kafkaio

import (
	"context"
	"errors"
	"net"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// passed are what a transaction can fail with and a new session mends: its
// producer was fenced or timed out, or its coordinator was away too long.
var passed = []error{
	kerr.ProducerFenced,
	kerr.InvalidProducerEpoch,
	kerr.InvalidProducerIDMapping,
	kerr.UnknownProducerID,
	kerr.InvalidTxnState,
	kerr.TransactionAbortable,
	kerr.TransactionCoordinatorFenced,
	kerr.OutOfOrderSequenceNumber,
	kerr.DuplicateSequenceNumber,
	kerr.OperationNotAttempted,
	kerr.ConcurrentTransactions,
	kerr.CoordinatorNotAvailable,
	kerr.CoordinatorLoadInProgress,
	kerr.NotCoordinator,
}

// verdict returns a *sessionError if a new session can go on after err, and
// err if it would fail alike.
//
// Of a record that was not produced, what counts is whether Kafka refused the
// record or the transaction: the client has done all retries.
func verdict(err error) error {
	if lasts(err) || errors.Is(err, kgo.ErrClientClosed) {
		return err
	}
	if _, ok := errors.AsType[*ProduceError](err); !ok {
		return &sessionError{err}
	}
	if errors.Is(err, kgo.ErrRecordTimeout) || errors.Is(err, kgo.ErrRecordRetries) {
		return err
	}
	if _, ok := errors.AsType[*kerr.Error](err); !ok {
		return &sessionError{err} // the way to the broker
	}
	for _, p := range passed {
		if errors.Is(err, p) {
			return &sessionError{err}
		}
	}
	return err
}

// refused reports whether err is of a record that the client would not take,
// neither Kafka's word nor the way to it: for a partition that there is not, for
// instance.
func refused(err error) bool {
	if _, ok := errors.AsType[*ProduceError](err); !ok {
		return false
	}
	if _, ok := errors.AsType[*kerr.Error](err); ok {
		return false
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return false
	}
	return !kgo.IsRetryableBrokerErr(err) && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}
