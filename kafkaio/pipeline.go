package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	defaultMaxRecords   = 10_000
	defaultDrainTimeout = 20 * time.Second
)

// A Pipeline reads topics as a member of a consumer group, hands each record
// to a handler and produces what it emits. Its zero value needs NewHandler
// only. It is configuration: Run does not change it, and several Runs, each
// with its own client, may share it.
type Pipeline struct {
	// NewHandler returns the handler of one worker. It is called Workers
	// times at the start of Run, and again after a handler panicked. It must
	// not return nil.
	NewHandler func() Handler

	// Workers is how many goroutines handle records. A partition's records of
	// one batch are handled by one worker, in order; more workers than
	// partitions have nothing to do. 0 means runtime.GOMAXPROCS(0).
	Workers int

	// OnError says what becomes of a record whose handler returned an error.
	// Workers call it, several at once. The record is valid during the call.
	// Nil means DeadLetter if there is a topic for them, else Stop.
	OnError func(*kgo.Record, error) Action

	// DeadLetter is the topic that Action DeadLetter produces to. It must
	// exist and take what the input topics take, and headers of up to 1.5 KiB.
	// If it fails, Run does. A record that does not fit the client's
	// kgo.ProducerBatchMaxBytes goes without its value, or without key, value
	// and headers; the headers that are added tell so, and where it was read.
	DeadLetter string

	// MaxRecords is how many records a batch has at most. It bounds memory
	// and what is done again after a crash. 0 means 10,000.
	MaxRecords int

	// MaxWait is how long a batch that has records waits for more, up to
	// MaxRecords. It must be shorter than the client's RebalanceTimeout. 0
	// means not at all: a batch is what the client has fetched, which
	// kgo.FetchMinBytes and kgo.FetchMaxWait already gather.
	MaxWait time.Duration

	// DrainTimeout is how long Run goes on after its context is done, to
	// settle what it has polled. 0 means 20 s.
	DrainTimeout time.Duration

	// OnDataLoss is what to do when records were lost before they were read,
	// by a broker or to retention: Stop, or Skip to go on with what is left.
	// After a Stop, another Run with the same client goes on behind the loss;
	// a new client meets it again, since nothing behind it was committed. With
	// Skip the client may go back to an offset that it had passed, and what
	// the log has there now is handled as new, by RunTxn too.
	OnDataLoss Action

	// Observer is told of every batch. Nil means nobody is.
	Observer Observer
}

// Run handles records at least once until ctx is done or something fails: it
// polls a batch, handles it, produces what handlers emitted, waits until Kafka
// has all of it, and only then commits the batch's offsets.
//
// When ctx is done, Run settles what it has polled and returns nil, or
// ErrDrainTimeout if that takes longer than DrainTimeout. Otherwise it returns
// why it cannot go on:
//
//   - a *ClientError, before anything is read, if cl is not safe; or an error
//     about p;
//   - a *RecordError under Action Stop;
//   - a *ProduceError, when the client gave a record up, for which records still
//     on their way are waited for no longer than 5 s;
//   - a *kgo.ErrDataLoss, wrapped, under OnDataLoss Stop;
//   - a *FetchError, for what reading cannot recover from, kgo.ErrClientClosed
//     among them;
//   - the commit's error, wrapped, if another try would have the same result:
//     kerr.GroupAuthorizationFailed, for instance.
//
// A batch that Run could not settle is not committed. Run sets the client back
// to its start, so that calling Run again, with this client or another of the
// group, reads it again and loses nothing.
//
// What passes is survived: a rebalance that refuses a commit, a lost group
// session, and a topic that is to be read and is not there, all of which the
// Observer is told of, and brokers that are away, of which the client tells its
// logger and hooks. Retries are the client's: producing
// goes on until it succeeds unless the client has kgo.RecordRetries or
// kgo.RecordDeliveryTimeout. So Run waits, and says nothing, also when no broker
// was ever there, or expects TLS or SASL: kgo.Client.Ping before it finds out.
//
// The client is the caller's, who closes it with CloseAllowingRebalance; until
// then it stays in the group and keeps its partitions from other members. While
// Run runs nobody else may poll it, commit with it or call AllowRebalance; Run
// waits for whatever else is produced with it. Run's goroutines have ended
// when it returns, and the client's buffers hold nothing of its own except
// after ErrDrainTimeout, or a *ProduceError whose 5 s have passed.
//
// Memory is bounded by the client's read-ahead (see GroupOpts), plus
// MaxRecords records read and what was emitted for them, plus what each worker
// keeps for reuse: up to 32 MiB of values and 6 MiB of records and headers.
func (p *Pipeline) Run(ctx context.Context, cl *kgo.Client) error {
	if err := p.check(); err != nil {
		return err
	}
	if err := checkClient(cl); err != nil {
		return err
	}
	if err := p.suits(cl); err != nil {
		return err
	}
	r, err := newRun(ctx, p)
	if err != nil {
		return err
	}
	defer r.end()
	r.with(cl)
	for {
		if done, err := r.cycle(); done || err != nil {
			return err
		}
	}
}

// check looks for mistakes that need no client to be seen.
func (p *Pipeline) check() error {
	switch {
	case p.NewHandler == nil:
		return errors.New("kafkaio: Pipeline.NewHandler is nil")
	case p.Workers < 0:
		return errors.New("kafkaio: Pipeline.Workers is negative")
	case p.MaxRecords < 0:
		return errors.New("kafkaio: Pipeline.MaxRecords is negative")
	case p.MaxWait < 0:
		return errors.New("kafkaio: Pipeline.MaxWait is negative")
	case p.DrainTimeout < 0:
		return errors.New("kafkaio: Pipeline.DrainTimeout is negative")
	case p.OnDataLoss != Stop && p.OnDataLoss != Skip:
		return fmt.Errorf("kafkaio: Pipeline.OnDataLoss: %v is neither Stop nor Skip", p.OnDataLoss)
	}
	return nil
}

// suits looks for what does not go together with cl.
func (p *Pipeline) suits(cl *kgo.Client) error {
	if p.DeadLetter != "" && reads(cl, p.DeadLetter) {
		return errors.New("kafkaio: Pipeline.DeadLetter is a topic that the client reads")
	}
	return checkWait(cl, p.MaxWait)
}

func (p *Pipeline) workers() int {
	if p.Workers > 0 {
		return p.Workers
	}
	return runtime.GOMAXPROCS(0)
}

func (p *Pipeline) drainTimeout() time.Duration {
	if p.DrainTimeout > 0 {
		return p.DrainTimeout
	}
	return defaultDrainTimeout
}
