package archive

import (
	"errors"
	"sync"
	"sync/atomic"
)

// errEnded is why nothing goes on after runtime.Goexit in a function of the
// caller's.
var errEnded = errors.New("archive: a function of the caller's ended its goroutine")

// each does something with all items, at most so many at a time, until it fails
// with one. It returns the first error, when nothing is being done any more.
func each[T any](workers int, items []T, do func(*T) error) (first error) {
	var (
		next atomic.Int64
		once sync.Once
		busy sync.WaitGroup
	)
	fail := func(err error) {
		once.Do(func() { first = err })
		next.Add(int64(len(items)))
	}
	work := func() {
		err := errEnded
		defer func() {
			if err != nil {
				fail(err)
			}
		}()
		for {
			i := int(next.Add(1)) - 1
			if i >= len(items) {
				err = nil
				return
			}
			err = errEnded
			if err = do(&items[i]); err != nil {
				return
			}
		}
	}
	for range min(workers, len(items)) - 1 {
		busy.Go(work)
	}
	defer busy.Wait() // also if a function of the caller's ends this goroutine
	work()
	return
}
