package brokers

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// An Access is where brokers are, and what they want to see of a client. It is immutable,
// and prints as the addresses alone.
type Access struct {
	Seeds     []string
	tls       *tls.Config // nil: without
	mechanism string      // of SASL; empty: without
	opts      []kgo.Opt
}

// At is the way to brokers that want nothing, as those in the process.
func At(seeds ...string) *Access {
	return &Access{Seeds: seeds, opts: []kgo.Opt{kgo.SeedBrokers(seeds...)}}
}

// Opts are the options of every client of these brokers.
func (a *Access) Opts() []kgo.Opt { return slices.Clone(a.opts) }

func (a *Access) String() string { return strings.Join(a.Seeds, ",") }

// ErrAway is that no broker is there, which may change by itself. Any other error of Reach
// is one of what the flags say.
var ErrAway = errors.New("none answers")

const (
	patience  = 6 * time.Second // for the answer of a broker
	diagnosis = 2 * time.Second // for another of one that has not let it in
)

// Reach returns nil once one of the brokers has let this client in. It asks all at once, and
// each once, or twice if it hangs up: a client's own retries would hide why it is not let in.
func (a *Access) Reach(ctx context.Context) error {
	cl, err := kgo.NewClient(a.opts...)
	if err != nil {
		return fmt.Errorf("-brokers %s: %w", a, err)
	}
	defer cl.Close()
	seeds := cl.SeedBrokers()
	answers := make(chan error, len(seeds))
	for i, b := range seeds {
		go func() { answers <- a.knock(ctx, b, a.Seeds[i]) }()
	}
	var failed error
	for range seeds {
		err := <-answers
		if err == nil {
			return nil
		}
		if !refused(failed) {
			failed = err
		}
	}
	if refused(failed) {
		return fmt.Errorf("-brokers %s: %w", a, failed)
	}
	return fmt.Errorf("-brokers %s: %w: %w", a, ErrAway, failed)
}

// knock asks a broker for next to nothing, as a client that is let in may.
func (a *Access) knock(ctx context.Context, b *kgo.Broker, seed string) error {
	try, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req := kmsg.NewPtrMetadataRequest()
	req.Topics = []kmsg.MetadataRequestTopic{} // nil would be all
	_, err := b.Request(try, req)
	if errors.Is(err, io.EOF) { // it may just have been about to end: a refusal comes again
		_, err = b.Request(try, req)
	}
	if err == nil {
		return nil
	}
	return a.diagnose(ctx, seed, err)
}
