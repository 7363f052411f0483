package kafkatest

import (
	"context"
	"sync/atomic"
	"testing"
	"time"
)

// Patience is how long a test waits for what must come.
const Patience = time.Minute

// A Job is what a test has run in the background: a Run of a package under test, most often.
type Job struct {
	t      testing.TB
	cancel context.CancelFunc
	done   chan struct{}
	err    error // once done is closed
}

// running is how many jobs there are.
var running atomic.Int64

// packages are those whose goroutines end with the last job.
var packages = []string{
	"github.com/ltsvpipe/ltsvpipe/kafkaio.",
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive.",
	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk.",
}

// Begin starts run, whose context ends with Stop, Cancel or the test.
func Begin(t testing.TB, run func(context.Context) error) *Job {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	j := &Job{t: t, cancel: cancel, done: make(chan struct{})}
	running.Add(1)
	go func() {
		j.err = run(ctx)
		if j.err != nil && ctx.Err() == nil {
			t.Log("ended by itself: ", j.err)
		}
		running.Add(-1)
		close(j.done)
	}()
	t.Cleanup(cancel)
	return j
}

// Cancel ends the job's context.
func (j *Job) Cancel() { j.cancel() }

// Done is closed when the job has ended.
func (j *Job) Done() <-chan struct{} { return j.done }

// Wait returns what the job ended with. The test fails if it does not end, or if none is
// left but goroutines of theirs are.
func (j *Job) Wait() error {
	j.t.Helper()
	select {
	case <-j.done:
	case <-time.After(Patience):
		j.t.Fatal("kafkatest: the job does not end")
	}
	j.cancel()
	for _, p := range packages {
		NoGoroutines(j.t, p, func() bool { return running.Load() == 0 })
	}
	return j.err
}

// Stop cancels the job and waits for its end.
func (j *Job) Stop() error {
	j.t.Helper()
	j.cancel()
	return j.Wait()
}

// Until waits until ok returns true, and fails the test if it never does. what says what
// would be so then.
func Until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(Patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("kafkatest: never: ", what)
		}
	}
}
