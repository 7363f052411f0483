package bulk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

const (
	defaultBytes        = 5 << 20
	defaultItems        = 5_000
	defaultInFlight     = 4
	defaultMaxRecords   = 10_000
	defaultTimeout      = time.Minute
	defaultDrainTimeout = 20 * time.Second
	minBytes            = 1 << 10
	maxBytes            = 1 << 30
)

// An Indexer lands topics in indices or data streams. Its zero value needs
// Target.Nodes and Index. It is configuration: Run does not change it, and
// several Runs, each with its own client, may share it.
type Indexer struct {
	// Target is where documents go.
	Target Target

	// Index names the index, alias or data stream of a record: Fixed,
	// ByTimestamp, ByKafkaTime, or the caller's own.
	Index IndexFunc

	// Op is Create, or Index to overwrite a document that is there.
	Op Op

	// Limits bound requests.
	Limits Limits

	// Retry says how to go on after a failure that passes.
	Retry Retry

	// OnError says what becomes of a record that cannot be landed: it is told
	// one of the errors of this package, or what Index returned. Run's own
	// goroutine calls it, several Runs of one Indexer at once; the record is
	// valid during the call. If it panics, that is Stop with a
	// *kafkaio.PanicError.
	//
	// Nil means DeadLetter, if there is one, for what is the record's own
	// fault, and Stop for what other records would meet alike: ErrForbidden,
	// ErrIndexMissing, and a panic of Index.
	OnError func(*kgo.Record, error) kafkaio.Action

	// DeadLetter is the topic that action DeadLetter produces to, with the
	// headers of kafkaio.HeaderException and so on. It must exist and take what
	// the input topics take, and headers of up to 1.5 KiB.
	DeadLetter string

	// MaxRecords is how many records are polled at once. 0 means 10,000.
	MaxRecords int

	// DrainTimeout is how long Run goes on after its context is done, to
	// settle what it has polled. 0 means 20 s.
	DrainTimeout time.Duration

	// OnDataLoss is what to do when records were lost before they were read:
	// kafkaio.Stop, or Skip to go on with what is left.
	OnDataLoss kafkaio.Action

	// Observer is told of every batch. Nil means nobody is.
	Observer Observer
}

// Limits bound one request, and how many there are.
type Limits struct {
	// Bytes of a request's body, before compression: 1 KiB to 1 GiB. A record
	// that needs more alone is ErrTooLarge. It must not exceed what the nodes
	// take (http.max_content_length, 100 MB unless set); while they answer 413,
	// or not in time, or hang up before they have a request, requests become
	// smaller. 0 means 5 MiB.
	Bytes int
	// Items in a request. 0 means 5,000.
	Items int
	// InFlight is how many requests are on their way at once, each with a
	// goroutine of its own. 0 means 4.
	InFlight int
	// Timeout of one request, from its first byte to the last of its answer.
	// 0 means 1 min.
	Timeout time.Duration
}

// Run lands records until ctx is done or something fails: it polls a batch,
// sends it in requests of which several are on their way at once, sends again
// what failed for a while, asks OnError about what cannot be landed, and only then
// commits the batch's offsets.
//
// When ctx is done, Run settles what it has polled and returns nil, or
// kafkaio.ErrDrainTimeout if that takes longer than DrainTimeout. Otherwise it
// returns why it cannot go on:
//
//   - a *kafkaio.ClientError, before anything is read, if cl is not safe (see
//     kafkaio.GroupOpts); or an error about ix;
//   - a *kafkaio.RecordError under action Stop;
//   - a *RequestError, if a request was refused in a way that would be so the
//     next time, or with ErrGaveUp after Retry.GiveUp;
//   - what kafkaio.Source and kafkaio.Sink return: a *kgo.ErrDataLoss under
//     OnDataLoss Stop, a *kafkaio.FetchError, a *kafkaio.ProduceError for a dead
//     letter, a commit's error that another try would meet again.
//
// The batch is not committed then. Run sets the client back to its start, so
// that another Run, with this client or another of the group, reads it again.
// What passes is survived and told to the Observer.
//
// While the target is away, Run waits with what it has, for ever unless
// Retry.GiveUp is set, and polls no more. A rebalance in that time takes its
// partitions after the client's RebalanceTimeout; they come back later, and what
// was landed meanwhile is met as duplicates.
//
// The client is the caller's, who closes it with CloseAllowingRebalance; until
// then it stays in the group and keeps its partitions from other members. While
// Run runs nobody else may poll it, commit with it or call AllowRebalance; Run
// waits for whatever else is produced with it. Run's goroutines have ended
// when it returns.
//
// Memory is bounded by the client's read-ahead (see kafkaio.GroupOpts), plus
// MaxRecords records read, plus for each request in flight its body, with
// Target.Gzip at most as much again, and an answer of 64 KiB and 1 KiB an item
// at most.
func (ix *Indexer) Run(ctx context.Context, cl *kgo.Client) error {
	if err := ix.check(); err != nil {
		return err
	}
	r, err := newRun(ctx, ix, cl)
	if err != nil {
		return err
	}
	defer r.end()
	for {
		if done, err := r.cycle(); done || err != nil {
			return err
		}
	}
}

// check looks for mistakes that need no client to be seen.
func (ix *Indexer) check() error {
	l := ix.Limits
	switch {
	case ix.Index == nil:
		return errors.New("bulk: Indexer.Index is nil")
	case ix.Op > Index:
		return fmt.Errorf("bulk: Indexer.Op: %v is neither Create nor Index", ix.Op)
	case l.Bytes != 0 && (l.Bytes < minBytes || l.Bytes > maxBytes):
		return fmt.Errorf("bulk: Limits.Bytes: %d is not in %d to %d", l.Bytes, minBytes, maxBytes)
	case ix.OnDataLoss != kafkaio.Stop && ix.OnDataLoss != kafkaio.Skip:
		return fmt.Errorf("bulk: Indexer.OnDataLoss: %v is neither Stop nor Skip", ix.OnDataLoss)
	}
	if field := ix.negative(); field != "" {
		return fmt.Errorf("bulk: Indexer.%s is negative", field)
	}
	return ix.Target.check()
}

// negative returns the name of a field that is, or nothing.
func (ix *Indexer) negative() string {
	l, t := ix.Limits, ix.Retry
	for _, field := range []struct {
		name  string
		value int64
	}{
		{"Limits.Items", int64(l.Items)}, {"Limits.InFlight", int64(l.InFlight)}, {"Limits.Timeout", int64(l.Timeout)},
		{"Retry.Min", int64(t.Min)}, {"Retry.Max", int64(t.Max)}, {"Retry.GiveUp", int64(t.GiveUp)},
		{"MaxRecords", int64(ix.MaxRecords)}, {"DrainTimeout", int64(ix.DrainTimeout)},
	} {
		if field.value < 0 {
			return field.name
		}
	}
	return ""
}

// suits looks for what does not go together with cl.
func (ix *Indexer) suits(cl *kgo.Client) error {
	if ix.DeadLetter != "" && slices.Contains(cl.GetConsumeTopics(), ix.DeadLetter) {
		return errors.New("bulk: Indexer.DeadLetter is a topic that the client reads")
	}
	return nil
}

// defaults returns ix with what was left at zero.
func (ix *Indexer) defaults() Indexer {
	d := *ix
	d.Limits.Bytes = cmp.Or(d.Limits.Bytes, defaultBytes)
	d.Limits.Items = cmp.Or(d.Limits.Items, defaultItems)
	d.Limits.InFlight = cmp.Or(d.Limits.InFlight, defaultInFlight)
	d.Limits.Timeout = cmp.Or(d.Limits.Timeout, defaultTimeout)
	d.Retry.Min = cmp.Or(d.Retry.Min, defaultMinWait)
	d.Retry.Max = max(cmp.Or(d.Retry.Max, defaultMaxWait), d.Retry.Min)
	d.MaxRecords = cmp.Or(d.MaxRecords, defaultMaxRecords)
	d.DrainTimeout = cmp.Or(d.DrainTimeout, defaultDrainTimeout)
	return d
}
