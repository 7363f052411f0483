package kafkaio

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrDrainTimeout says that what had been polled when the context was
	// cancelled could not be settled within Pipeline.DrainTimeout. Nothing is
	// lost: it was not committed and will be polled again.
	ErrDrainTimeout = errors.New("kafkaio: not drained in time")

	// ErrNotCommitted says that what was polled has been landed, but not
	// committed, for a temporary reason: a rebalance, or a coordinator that is
	// away. The error that is wrapped beside it tells which. The caller goes
	// on; the records come again, here or at another member.
	ErrNotCommitted = errors.New("kafkaio: offsets not committed")

	// ErrAborted is why RunTxn did not commit a batch that was produced: a
	// rebalance came in between and the transaction was taken back. Its
	// records are read again, by whoever has the partitions then.
	ErrAborted = errors.New("kafkaio: transaction aborted by a rebalance")

	// ErrTooLarge is the reason for rejecting a record when something that its
	// handler emitted does not fit a batch of its topic's limit
	// (kgo.ProducerBatchMaxBytes).
	ErrTooLarge = errors.New("kafkaio: emitted record exceeds the client's ProducerBatchMaxBytes")

	// ErrNoTopic is the reason for rejecting a record when its handler emitted
	// something without a topic and the client has no kgo.DefaultProduceTopic.
	ErrNoTopic = errors.New("kafkaio: emitted record has no topic")
)

// A ClientError is why a client is refused: the option that it lacks, or has
// and must not have.
type ClientError struct {
	Option string // as kgo names it
	Reason string
}

func (e *ClientError) Error() string {
	return "kafkaio: unsafe client: kgo." + e.Option + ": " + e.Reason
}

// A RecordError is a record that could not be handled, and why. Its text has
// the record's place and Err's text, never the record's content.
type RecordError struct {
	Topic     string
	Partition int32
	Offset    int64
	Err       error // what the handler returned, a *PanicError, ErrTooLarge or ErrNoTopic
}

func (e *RecordError) Error() string {
	why := strings.TrimPrefix(fmt.Sprint(e.Err), "kafkaio: ")
	return fmt.Sprintf("kafkaio: topic %s partition %d offset %d: %s", e.Topic, e.Partition, e.Offset, why)
}

func (e *RecordError) Unwrap() error { return e.Err }

// A PanicError is a handler that panicked. Its text names the type of the
// panic's value but not the value, which may hold log content. Stack is kept
// nowhere else: Pipeline.OnError may log it.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("kafkaio: handler panicked (%T)", e.Value) }

// Unwrap returns the panic's value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// A ProduceError is a record that Kafka did not take, after all the client's
// retries. What Run had polled was not committed.
type ProduceError struct {
	Topic     string // to which it was produced
	Partition int32  // 0 also if none had been chosen
	Err       error
}

func (e *ProduceError) Error() string {
	return fmt.Sprintf("kafkaio: produce to topic %s partition %d: %v", e.Topic, e.Partition, e.Err)
}

func (e *ProduceError) Unwrap() error { return e.Err }

// A FetchError is a partition that cannot be read any more.
type FetchError struct {
	Topic     string // empty if it is not about one topic
	Partition int32  // -1 if it is about all of them
	Err       error
}

func (e *FetchError) Error() string {
	if e.Topic == "" {
		return fmt.Sprintf("kafkaio: fetch: %v", e.Err)
	}
	if e.Partition < 0 {
		return fmt.Sprintf("kafkaio: fetch topic %s: %v", e.Topic, e.Err)
	}
	return fmt.Sprintf("kafkaio: fetch topic %s partition %d: %v", e.Topic, e.Partition, e.Err)
}

func (e *FetchError) Unwrap() error { return e.Err }
