package registry

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// A cache keeps what a registry answered, least recently used out first. Any number of
// goroutines may use it; it starts none: of those that ask for one key at once, the
// first fetches and the others wait.
type cache[K comparable, V any] struct {
	size  int           // entries
	retry time.Duration // for which a failure is remembered

	mu      sync.Mutex
	entries map[K]*list.Element // of *entry[K, V]
	recent  list.List           // the same, most recently used first
	flights map[K]*flight[V]
}

type entry[K comparable, V any] struct {
	key   K
	value V
	err   error
	until time.Time // of an error
}

// A flight is one fetch under way. Its results are read once done is closed.
type flight[V any] struct {
	done  chan struct{}
	value V
	err   error
	ended bool // with a result, and not because who fetched gave up
}

func newCache[K comparable, V any](size int, retry time.Duration) *cache[K, V] {
	return &cache[K, V]{size: size, retry: retry, entries: map[K]*list.Element{}, flights: map[K]*flight[V]{}}
}

// hit returns what is known of key. It allocates nothing.
func (c *cache[K, V]) hit(key K) (V, error, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known(key)
}

func (c *cache[K, V]) known(key K) (value V, err error, ok bool) {
	e, ok := c.entries[key]
	if !ok {
		return value, nil, false
	}
	known := e.Value.(*entry[K, V])
	if known.err != nil && !time.Now().Before(known.until) {
		c.drop(e)
		return value, nil, false
	}
	c.recent.MoveToFront(e)
	return known.value, known.err, true
}

// get returns what is known of key, or fetches it.
func (c *cache[K, V]) get(ctx context.Context, key K, fetch func(context.Context) (V, error)) (V, error) {
	for {
		c.mu.Lock()
		if value, err, ok := c.known(key); ok {
			c.mu.Unlock()
			return value, err
		}
		f, flying := c.flights[key]
		if !flying {
			f = &flight[V]{done: make(chan struct{})}
			c.flights[key] = f
		}
		c.mu.Unlock()
		if !flying {
			return c.fly(ctx, key, f, fetch)
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			var none V
			return none, ctx.Err()
		}
		if f.ended {
			return f.value, f.err
		}
		// Who fetched had no time left, or panicked. That is no answer to us.
	}
}

func (c *cache[K, V]) fly(ctx context.Context, key K, f *flight[V], fetch func(context.Context) (V, error)) (V, error) {
	defer func() { // also after a panic in a hook of the caller's
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.flights, key)
		if f.ended && (f.err == nil || c.retry > 0) {
			c.add(&entry[K, V]{key, f.value, f.err, time.Now().Add(c.retry)})
		}
		close(f.done)
	}()
	f.value, f.err = fetch(ctx)
	f.ended = f.err == nil || ctx.Err() == nil
	return f.value, f.err
}

// put makes value known without a fetch.
func (c *cache[K, V]) put(key K, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.add(&entry[K, V]{key: key, value: value})
}

func (c *cache[K, V]) add(e *entry[K, V]) {
	if old, ok := c.entries[e.key]; ok {
		c.drop(old)
	}
	c.entries[e.key] = c.recent.PushFront(e)
	for c.recent.Len() > c.size {
		c.drop(c.recent.Back())
	}
}

func (c *cache[K, V]) drop(e *list.Element) {
	delete(c.entries, e.Value.(*entry[K, V]).key)
	c.recent.Remove(e)
}
