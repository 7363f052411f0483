package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// SourceOptions are the options of a Source. The zero value is ready for use;
// the fields mean what they mean in a Pipeline.
type SourceOptions struct {
	MaxRecords int           // records a batch has at most; 0 means 10,000
	MaxWait    time.Duration // how long a batch waits for more; 0 means not at all
	OnDataLoss Action        // Stop or Skip

	// OwnOffsets says that the caller knows better than the group what has
	// landed. Then it is the caller, too, who looks for what retention took
	// unread: by Stretch.LogStart, and the offset it goes on at. And a Stretch
	// may have no records, for the markers of transactions that came alone.
	OwnOffsets bool

	// Survived is told of each error that Poll goes on after, as Observer.Survived
	// is. Nil means nobody is.
	Survived func(error)
}

// A Source is the reading half of a Pipeline, for a caller who lands records
// elsewhere than in Kafka and has a loop of its own: Poll, land what came, then
// Commit; or Rewind, if it could not be landed. One goroutine uses a Source.
type Source struct {
	o      SourceOptions
	cl     *kgo.Client
	polled polled
	open   bool      // a batch is neither committed nor rewound
	woken  time.Time // when the client was, see wakeEvery

	inquiry inquiry
}

// NewSource returns a source that reads with cl, or a *ClientError if cl is
// not safe (see GroupOpts): what producing needs is not asked for. The client
// is the caller's, who closes it with CloseAllowingRebalance; nobody else may
// poll it or commit with it.
func NewSource(cl *kgo.Client, o SourceOptions) (*Source, error) {
	if err := checkReader(cl); err != nil {
		return nil, err
	}
	switch {
	case o.MaxRecords < 0:
		return nil, errors.New("kafkaio: SourceOptions.MaxRecords is negative")
	case o.MaxWait < 0:
		return nil, errors.New("kafkaio: SourceOptions.MaxWait is negative")
	case o.OnDataLoss != Stop && o.OnDataLoss != Skip:
		return nil, fmt.Errorf("kafkaio: SourceOptions.OnDataLoss: %v is neither Stop nor Skip", o.OnDataLoss)
	}
	if err := checkWait(cl, o.MaxWait); err != nil {
		return nil, err
	}
	return newSource(cl, o), nil
}

func newSource(cl *kgo.Client, o SourceOptions) *Source {
	s := &Source{o: o, cl: cl}
	s.polled.init()
	s.polled.alone = o.OwnOffsets
	return s
}

// Poll waits for records and returns them by partition. They are valid until
// Commit or Rewind, one of which must follow before the next Poll: until then
// no partition leaves, so it must come within the client's RebalanceTimeout.
//
// Poll returns nothing and no error when ctx is done. An error is one that
// reading cannot recover from: a *FetchError, or a *kgo.ErrDataLoss under
// OnDataLoss Stop. What had been polled is rewound then.
func (s *Source) Poll(ctx context.Context) ([]Stretch, error) {
	if s.open {
		return nil, errors.New("kafkaio: Source.Poll before Commit or Rewind")
	}
	for {
		err := s.poll(ctx)
		if err == nil && len(s.polled.tasks) > 0 {
			s.open = true
			return s.polled.tasks, nil
		}
		s.Rewind() // of nothing, or because of the error; and rebalances go on
		if err != nil || ctx.Err() != nil {
			return nil, err
		}
	}
}

// Commit commits everything polled, and the batch is over. After an error that
// is ErrNotCommitted the caller polls on: in a rebalance somebody else has the
// records now and lands them again, or the next commit has these offsets too.
// After any other error the batch is rewound and another try would fail alike.
//
// A context that ends cuts the commit short. A caller who drains on SIGTERM
// commits with one that outlives the signal.
func (s *Source) Commit(ctx context.Context) error {
	refusal, err := s.commit(ctx)
	if err != nil {
		s.Rewind()
		return err
	}
	s.end()
	if refusal != nil {
		return fmt.Errorf("%w: %w", ErrNotCommitted, refusal)
	}
	return nil
}

// Rewind gives up what was polled: it is read again. The client believes all of
// it read; without this, the next commit would pass over it.
func (s *Source) Rewind() {
	back := make(map[string]map[int32]kgo.EpochOffset)
	for i := range s.polled.tasks {
		t := &s.polled.tasks[i]
		if len(t.Records) == 0 {
			continue // nobody misses a marker
		}
		if back[t.Topic] == nil {
			back[t.Topic] = make(map[int32]kgo.EpochOffset)
		}
		first := t.Records[0]
		back[t.Topic][t.Partition] = kgo.EpochOffset{Epoch: first.LeaderEpoch, Offset: first.Offset}
	}
	s.cl.SetOffsets(back)
	s.release()
}

// end makes the batch a thing of the past: its memory is used again.
func (s *Source) end() {
	s.polled.recycle()
	s.release()
}

func (s *Source) release() {
	s.polled.reset()
	s.open = false
	s.cl.AllowRebalance()
}
