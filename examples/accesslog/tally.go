package main

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// A tally is what a part has counted since it began: read is the sum of written, skipped,
// rejected and duplicates. Any goroutine may use it.
type tally struct {
	read, written, skipped, rejected, deadLettered, duplicates atomic.Int64

	batches, redone, survived                  atomic.Int64
	pollTime, handleTime, landTime, commitTime atomic.Int64 // nanoseconds of all batches: see stages

	mu      sync.Mutex
	trouble string // why the part does not get on, empty if it does
	since   time.Time
}

// stages are what a batch goes through, as metrics call it: it lands in a topic, an index
// or a file.
func (t *tally) stages() map[string]*atomic.Int64 {
	return map[string]*atomic.Int64{"poll": &t.pollTime, "handle": &t.handleTime, "land": &t.landTime, "commit": &t.commitTime}
}

// settled counts a batch of a pipeline.
func (t *tally) settled(s *kafkaio.Settlement) {
	t.took(s.Poll, s.Handle, s.Produce, s.Commit)
	t.read.Add(int64(s.Read))
	t.written.Add(int64(s.Emitted))
	t.skipped.Add(int64(s.Dropped + s.Skipped))
	t.rejected.Add(int64(s.DeadLettered))
	t.deadLettered.Add(int64(s.DeadLettered))
	t.well()
}

func (t *tally) took(poll, handle, land, commit time.Duration) {
	t.batches.Add(1)
	t.pollTime.Add(int64(poll))
	t.handleTime.Add(int64(handle))
	t.landTime.Add(int64(land))
	t.commitTime.Add(int64(commit))
}

// ails notes why the part does not get on, until it is well.
func (t *tally) ails(why string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.trouble == "" {
		t.since = time.Now()
	}
	t.trouble = why
}

func (t *tally) well() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.trouble = ""
}

// ailing returns why the part has not got on for so long, or nothing.
func (t *tally) ailing(long time.Duration) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.trouble == "" || time.Since(t.since) < long {
		return ""
	}
	return t.trouble
}

// counts are what a part did.
type counts struct {
	Read         int64 `json:"read"`
	Written      int64 `json:"written"`
	Skipped      int64 `json:"skipped"`
	Rejected     int64 `json:"rejected"` // those that were dead-lettered are among them
	DeadLettered int64 `json:"dead_lettered"`
	Duplicates   int64 `json:"duplicates,omitempty"` // of elastic: those that were there already
	ReadBack     int64 `json:"read_back"`            // by the independent consumer
}

func (t *tally) counts() counts {
	return counts{
		Read: t.read.Load(), Written: t.written.Load(), Skipped: t.skipped.Load(),
		Rejected: t.rejected.Load(), DeadLettered: t.deadLettered.Load(), Duplicates: t.duplicates.Load(),
	}
}

// whole reports whether all that was read is accounted for.
func (c counts) whole() bool { return c.Read == c.Written+c.Skipped+c.Rejected+c.Duplicates }
