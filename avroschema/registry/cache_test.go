package registry

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// counted is a fetch that counts its calls.
func counted(calls *atomic.Int32, value int, err error) func(context.Context) (int, error) {
	return func(context.Context) (int, error) {
		calls.Add(1)
		return value, err
	}
}

func TestCacheFetchesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[string, int](10, time.Second)
		var calls atomic.Int32
		for range 100 {
			go func() {
				v, err := c.get(t.Context(), "a", func(ctx context.Context) (int, error) {
					time.Sleep(time.Second)
					return counted(&calls, 7, nil)(ctx)
				})
				assert.NoError(t, err)
				assert.Equal(t, 7, v)
			}()
		}
		synctest.Wait()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		assert.EqualValues(t, 1, calls.Load())
		v, err, ok := c.hit("a")
		assert.True(t, ok)
		assert.NoError(t, err)
		assert.Equal(t, 7, v)
		_, _, ok = c.hit("b")
		assert.False(t, ok)
	})
}

func TestCacheRemembersFailuresForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		for retry, calls := range map[time.Duration][3]int32{
			time.Second: {1, 1, 2},
			0:           {1, 2, 3},
			-1:          {1, 2, 3},
		} {
			c := newCache[string, int](10, retry)
			var n atomic.Int32
			for i, want := range calls {
				_, err := c.get(t.Context(), "a", counted(&n, 0, broken))
				assert.Equal(t, broken, err)
				assert.Equal(t, want, n.Load(), "%v, call %d", retry, i)
				time.Sleep(500 * time.Millisecond)
			}
			time.Sleep(time.Second)
			v, err := c.get(t.Context(), "a", counted(&n, 1, nil))
			assert.NoError(t, err)
			assert.Equal(t, 1, v)
		}
	})
}

// TestCacheOutlivesWhoFetched: the time that one has is not that of the others, and
// nobody waits longer than he may.
func TestCacheOutlivesWhoFetched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[string, int](10, time.Second)
		var calls atomic.Int32
		slow := func(ctx context.Context) (int, error) {
			calls.Add(1)
			select {
			case <-time.After(5 * time.Second):
				return 7, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
		results := make(chan string, 4)
		for i, patience := range []time.Duration{2, 1, 60, 60} {
			ctx, cancel := context.WithTimeout(t.Context(), patience*time.Second)
			defer cancel()
			go func() {
				v, err := c.get(ctx, "a", slow)
				results <- fmt.Sprint(i, v, err)
			}()
			synctest.Wait() // the first is the first
		}
		assert.Equal(t, "1 0 context deadline exceeded", <-results)
		assert.Equal(t, "0 0 context deadline exceeded", <-results)
		assert.ElementsMatch(t, []string{"2 7 <nil>", "3 7 <nil>"}, []string{<-results, <-results})
		assert.EqualValues(t, 2, calls.Load(), "one of the others asks when the first has gone")
	})
}

func TestCacheSurvivesAPanic(t *testing.T) {
	c := newCache[string, int](10, time.Second)
	assert.Panics(t, func() {
		_, _ = c.get(t.Context(), "a", func(context.Context) (int, error) { panic("a hook") })
	})
	var calls atomic.Int32
	v, err := c.get(t.Context(), "a", counted(&calls, 1, nil))
	require.NoError(t, err)
	assert.Equal(t, 1, v)
}

func TestCacheIsBounded(t *testing.T) {
	c := newCache[int, int](3, time.Hour)
	var calls atomic.Int32
	get := func(key int, err error) { _, _ = c.get(t.Context(), key, counted(&calls, key, err)) }
	for key := range 3 {
		get(key, nil)
	}
	get(0, nil) // known, and used again
	assert.EqualValues(t, 3, calls.Load())
	for key := 10; key < 12; key++ { // failures take room too
		get(key, errors.New("no"))
	}
	c.put(0, 5)
	assert.Equal(t, 3, c.recent.Len())
	assert.Len(t, c.entries, 3)
	assert.Empty(t, c.flights)
	v, _, ok := c.hit(0)
	assert.True(t, ok)
	assert.Equal(t, 5, v)
	_, _, ok = c.hit(1)
	assert.False(t, ok)
}
