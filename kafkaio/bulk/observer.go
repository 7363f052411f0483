package bulk

import (
	"time"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// An Observer is told what Run does. Its methods are called by Run's own
// goroutine: they hold it up and must not block. Several Runs of one Indexer
// call them at once. Who wants figures or traces of
// single requests gives Target.Client a Transport that takes them.
type Observer interface {
	// Settled is told of each batch of which every record is settled, whether
	// or not its commit was accepted. s and what it points to are valid during
	// the call only.
	Settled(s *Settlement)
	// Survived is told of each error that Run goes on after: a *RequestError
	// whose documents are sent again, a commit that was refused, and what
	// kafkaio.SourceOptions says.
	Survived(err error)
}

// A Settlement is what became of one batch. Read is the sum of Indexed,
// Duplicates, Skipped and DeadLettered.
type Settlement struct {
	Read         int // records polled
	Indexed      int // documents written
	FailureStore int // of Indexed, those that a data stream's failure store took instead (Elasticsearch)
	Duplicates   int // documents that were there: from an attempt whose answer was lost, or a replay
	Skipped      int // records that action Skip dropped
	DeadLettered int // records sent to Indexer.DeadLetter

	Requests int // sent, with those that failed
	Retried  int // documents sent again, each time they were

	BytesIn  int64 // values read
	BytesOut int64 // bodies sent, compressed if they were, with those sent again

	Poll    time.Duration // waiting for records and collecting them
	Land    time.Duration // until the last record was settled
	Slowest time.Duration // of the requests, from first byte to last
	Commit  time.Duration

	// Committed says that the group took the offsets. If not, CommitErr says
	// why; the records come again here or elsewhere, as duplicates, or their
	// offsets are committed with the next batch's.
	Committed bool
	CommitErr error

	Partitions []kafkaio.PartitionProgress
}
