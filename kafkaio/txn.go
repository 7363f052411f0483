package kafkaio

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// RunTxn handles records exactly once until ctx is done or something fails: it
// polls a batch, handles it, and produces what handlers emitted, the dead
// letters and the batch's offsets in one transaction. Who reads with
// kgo.FetchIsolationLevel(kgo.ReadCommitted()) sees each record's results once.
//
// open returns a new session, made by kgo.NewGroupTransactSession from TxnOpts
// and always the same transactional id. RunTxn calls it at its start and
// whenever the last session can no longer be used, which it tells the Observer:
// after a fence, a transaction that timed out, an end whose outcome is unknown.
// It closes every session. Two running processes with one transactional id
// fence each other for ever.
//
// A rebalance in the middle of a batch takes the batch back: its Settlement
// says that it is not committed, and its records are read again.
//
// When ctx is done, RunTxn settles what it has polled, without trying a second
// time, and returns nil; or ErrDrainTimeout if that takes longer than
// DrainTimeout. The transaction that it is in then blocks its readers until
// the id is used again or kgo.TransactionTimeout has passed. Otherwise RunTxn
// returns an error as Run does, or what open returns; a *ProduceError also when
// the client itself refuses a record in five sessions in a row. Nothing was
// committed of the batch in hand, and calling RunTxn again reads it again.
//
// Memory is bounded as Run's is.
func (p *Pipeline) RunTxn(ctx context.Context, open func() (*kgo.GroupTransactSession, error)) error {
	if err := p.check(); err != nil {
		return err
	}
	if open == nil {
		return errors.New("kafkaio: RunTxn: open is nil")
	}
	r, err := newRun(ctx, p)
	if err != nil {
		return err
	}
	t := &txn{run: r, open: open}
	defer t.end()
	for {
		err := t.session()
		broken, ok := errors.AsType[*sessionError](err)
		if !ok {
			return err
		}
		if t.gaveUp(broken) {
			return broken.Err
		}
		t.survive(broken)
		if !t.pause() {
			return t.late()
		}
	}
}

// A txn is the state of one call of RunTxn.
type txn struct {
	*run
	open  func() (*kgo.GroupTransactSession, error)
	sess  *kgo.GroupTransactSession
	fails int // sessions in a row that committed nothing

	refusals int // in a row, of records by the client itself
}

// A sessionError is why a session cannot be used any more, though a new one
// can.
type sessionError struct{ Err error }

func (e *sessionError) Error() string { return fmt.Sprintf("kafkaio: session: %v", e.Err) }
func (e *sessionError) Unwrap() error { return e.Err }

// maxRefusals is how many sessions in a row may end because the client itself
// refused a record. Its view of a topic may be old, but not for ever.
const maxRefusals = 5

// gaveUp reports whether another session would fail as the last ones have.
func (t *txn) gaveUp(broken *sessionError) bool {
	switch {
	case !refused(broken.Err):
		t.refusals = 0
	case t.fails <= 1: // something was committed since the last one
		t.refusals = 1
	default:
		t.refusals++
	}
	return t.refusals >= maxRefusals
}

// session opens a session and works with it until ctx is done, which is nil, or
// it fails.
func (t *txn) session() (err error) {
	if t.sess, err = t.open(); err != nil {
		return fmt.Errorf("kafkaio: open session: %w", err)
	}
	if t.sess == nil {
		return errors.New("kafkaio: open session: none was returned")
	}
	defer t.leave()
	cl := t.sess.Client()
	if err := checkSession(cl); err != nil {
		return err
	}
	if err := t.suits(cl); err != nil {
		return err
	}
	t.fails++
	// The id's producer is made now and not when there is something to
	// produce: it ends a transaction that a dead process left open, whose
	// offsets the group could not be told before.
	if _, _, err := cl.ProducerID(t.ctx); err != nil {
		if t.ctx.Err() != nil {
			return nil
		}
		return verdict(fmt.Errorf("kafkaio: producer id: %w", err))
	}
	t.with(cl)
	for {
		if done, err := t.cycle(); done || err != nil {
			return err
		}
	}
}

// cycle takes one batch from poll to the end of its transaction.
func (t *txn) cycle() (done bool, err error) {
	some, err := t.poll()
	if err != nil || !some {
		return true, err
	}
	// Handlers come before the transaction: their time is not on its clock.
	if err := t.handle(); err != nil {
		return true, err
	}
	if err := t.sess.Begin(); err != nil {
		return true, verdict(err)
	}
	if err := t.produce(); err != nil {
		return true, t.abort(err)
	}
	if err := t.commit(); err != nil {
		return true, err
	}
	t.source.end()
	return t.ctx.Err() != nil, nil
}

func (t *txn) commit() error {
	start := time.Now()
	t.sess.AllowRebalance() // End waits for a rebalance that has begun
	committed, err := t.sess.End(t.work, kgo.TryCommit)
	if err != nil {
		if late := t.late(); late != nil {
			return late
		}
		if lasts(err) {
			return fmt.Errorf("kafkaio: end of transaction: %w", err)
		}
		return verdict(err)
	}
	t.report.Commit = time.Since(start)
	if !committed {
		t.settled(ErrAborted) // and the session has rewound
		return nil
	}
	t.fails = 0
	t.settled(nil)
	return nil
}

// abort takes the transaction back after a failure to produce, and returns
// what becomes of the run.
func (t *txn) abort(cause error) error {
	if late := t.late(); late != nil {
		return late
	}
	ctx, cancel := context.WithTimeout(t.work, giveUp)
	defer cancel()
	t.sess.AllowRebalance()
	// Should it fail, then the session's end is the transaction's.
	_, _ = t.sess.End(ctx, kgo.TryAbort)
	return verdict(cause)
}

// leave closes the session. Leaving the group needs a broker; without one, the
// group finds out by itself. What was emitted for the session goes with it: the
// next one reads the records again.
func (t *txn) leave() {
	t.crew.abandon()
	limit := giveUp
	if t.late() != nil {
		limit = 0
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), limit)
	defer cancel()
	cl := t.sess.Client()
	cl.AllowRebalance()
	_ = cl.LeaveGroupContext(ctx)
	cl.Close()
}

// pause waits before the next session, the longer the more have failed, and
// returns false if there is to be none.
func (t *txn) pause() bool {
	wait := min(100*time.Millisecond<<min(max(t.fails-1, 0), 6), 5*time.Second)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return t.ctx.Err() == nil
	case <-t.ctx.Done():
		return false
	}
}
