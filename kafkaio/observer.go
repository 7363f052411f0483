package kafkaio

import "time"

// An Observer is told what Run or RunTxn does. Its methods are called by Run's own
// goroutine, between batches: they hold up the pipeline and must not block. The Observer
// of a Pipeline that several Runs share is called by several goroutines at once.
type Observer interface {
	// Settled is told of each batch whose records were all produced, whether
	// or not its commit was accepted. s and what it points to are valid
	// during the call only.
	Settled(s *Settlement)
	// Survived is told of each error that Run goes on after: a group session
	// lost and to be joined again, a fetch to be tried again, a topic that is not
	// there (a *FetchError with kerr.UnknownTopicOrPartition, every 30 s), data loss
	// under Pipeline.OnDataLoss Skip, and by RunTxn a session that it closed
	// to open a new one.
	Survived(err error)
}

// A Settlement is what became of one batch. Read is the sum of the records
// that emitted something, Dropped, Skipped and DeadLettered.
type Settlement struct {
	Read         int // records polled
	Emitted      int // records that handlers emitted, without dead letters
	Dropped      int // records for which the handler emitted nothing and returned nil, on purpose
	Skipped      int // records that failed and that Action Skip dropped
	DeadLettered int // records sent to Pipeline.DeadLetter

	BytesIn  int64 // keys and values read
	BytesOut int64 // keys and values emitted, without dead letters

	Poll    time.Duration // waiting for records and collecting them
	Handle  time.Duration // handlers: wall time, workers side by side
	Produce time.Duration // until the last record was acknowledged
	Commit  time.Duration

	// Committed says that the group took the offsets. If not, CommitErr says
	// why; the records were produced, and they will be read and produced
	// again by whoever has the partitions after a rebalance, or the offsets
	// will be committed with the next batch's. Partitions tells which
	// offsets, so that a batch that is done again can be recognised. Under
	// RunTxn a batch that is not committed was not produced either, for
	// those who read committed records only: CommitErr is ErrAborted.
	Committed bool
	CommitErr error

	Partitions []PartitionProgress
}

// PartitionProgress is how far a batch took one partition.
type PartitionProgress struct {
	Topic     string
	Partition int32
	First     int64 // offset of the first record in the batch
	Last      int64 // offset of the last
	// Next is the offset that is committed: after the last record, and after
	// the markers of transactions that follow it.
	Next int64
	// HighWatermark is the offset after the partition's last record or
	// marker, when the batch was fetched.
	HighWatermark int64
}

// Lag returns how many offsets were left to read when the batch was fetched.
func (p PartitionProgress) Lag() int64 { return max(p.HighWatermark-p.Next, 0) }
