package transform

import (
	"errors"
	"fmt"
)

// A Policy says what a stage does with a value that it cannot work on: a status that is
// no number, a time in no layout that is known. Of a stage that writes other labels than
// it reads, it is those that become null, stay as they are or are removed. Every case is
// counted in [StageStats.Failed].
type Policy uint8

const (
	OnErrorNull      Policy = iota // the value becomes null
	OnErrorKeep                    // the value stays as it is
	OnErrorDropField               // the field is removed
	OnErrorSkip                    // the record is skipped
	OnErrorReject                  // the record is rejected
	OnErrorFail                    // the record is rejected, and errors.Is(err, ErrFatal): the caller should stop
)

var policyNames = [...]string{"OnErrorNull", "OnErrorKeep", "OnErrorDropField", "OnErrorSkip", "OnErrorReject", "OnErrorFail"}

// String returns the name of p.
func (p Policy) String() string {
	if int(p) < len(policyNames) {
		return policyNames[p]
	}
	return fmt.Sprintf("Policy(%d)", p)
}

// ErrFatal is in the error of a stage under OnErrorFail.
var ErrFatal = errors.New("transform: a stage failed that must not")

// OnError gives a stage, and those inside it, another policy than its own. A
// [Custom] stage has no value of its own to null or drop: under OnErrorNull,
// OnErrorKeep and OnErrorDropField its error is counted, and the record goes on as
// the stage left it.
func OnError(p Policy, s Stage) Stage { return onError{p, s} }

type onError struct {
	policy Policy
	inner  Stage
}

func (s onError) String() string { return fmt.Sprintf("OnError(%v, %s)", s.policy, stageName(s.inner)) }

func (s onError) Bind(b *Binder) (func() Func, error) {
	if int(s.policy) >= len(policyNames) {
		return nil, errors.New("policy is unknown")
	}
	outer, chosen := b.policy, b.chosen
	b.policy, b.chosen = s.policy, true
	inner, err := bindStage(b, s.inner)
	b.policy, b.chosen = outer, chosen
	if err != nil {
		return nil, err
	}
	return func() Func {
		f := inner()
		return func(r *Record) error {
			err := f(r)
			if err == nil || errors.Is(err, ErrSkip) {
				return err
			}
			if _, applied := err.(*fieldError); applied {
				return err
			}
			return r.apply(s.policy, nil, err)
		}
	}, nil
}

// A fieldError is an error to which the policy has been applied already.
type fieldError struct {
	label string
	err   error
	fatal bool
}

func (e *fieldError) Error() string { return e.err.Error() }

func (e *fieldError) Unwrap() error { return e.err }

func (e *fieldError) Is(target error) bool { return e.fatal && target == ErrFatal }

// Fail is for stages of one's own that work by slots: it does with the field at slot
// what p says, counts the case, and returns what the [Func] has to return, which may be
// nil. Under OnErrorNull the field becomes null, and is added if it is not there: so a
// stage that writes another label than it reads gives the slot of that. err must not
// quote the value.
func (r *Record) Fail(p Policy, slot Slot, err error) error {
	return r.apply(p, r.slots[slot], err)
}

func (r *Record) apply(p Policy, n *name, err error) error {
	if r.failed != nil {
		r.failed[r.stage].Add(1)
	}
	switch p {
	case OnErrorNull:
		if f := r.at(n); f != nil {
			f.value = Null
		} else if n != nil {
			r.set(n, Null)
		}
		return nil
	case OnErrorKeep:
		return nil
	case OnErrorDropField:
		r.remove(n)
		return nil
	case OnErrorSkip:
		return ErrSkip
	}
	e := &fieldError{err: err, fatal: p == OnErrorFail}
	if n != nil {
		e.label = n.label
	}
	return e
}
