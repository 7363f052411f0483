package archive

import (
	"sync"
	"sync/atomic"
)

// each does something with all items, at most so many at a time, until it fails
// with one. It returns the first error, when nothing is being done any more.
func each[T any](workers int, items []T, do func(*T) error) error {
	var (
		next  atomic.Int64
		once  sync.Once
		first error
		busy  sync.WaitGroup
	)
	work := func() {
		for {
			i := int(next.Add(1)) - 1
			if i >= len(items) {
				return
			}
			if err := do(&items[i]); err != nil {
				once.Do(func() { first = err })
				next.Add(int64(len(items)))
				return
			}
		}
	}
	for range min(workers, len(items)) - 1 {
		busy.Go(work)
	}
	work()
	busy.Wait()
	return first
}
