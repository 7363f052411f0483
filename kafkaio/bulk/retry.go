package bulk

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

const (
	defaultMinWait = 200 * time.Millisecond
	defaultMaxWait = 30 * time.Second
	maxRetryAfter  = 5 * time.Minute
)

// Retry says how to go on after a failure that passes. The n-th wait in a row is
// between 0 and Min times 2 to the n, but no more than Max: full jitter, so that
// those who failed together do not come back together. If the server says
// Retry-After, up to 5 min, the wait begins after that, unless it is a 5xx and
// another node may be asked.
type Retry struct {
	Min time.Duration // 0 means 200 ms
	Max time.Duration // 0 means 30 s
	// GiveUp ends Run with ErrGaveUp when a request has landed nothing for so
	// long. 0 means never: the records wait in Kafka.
	GiveUp time.Duration
}

// A patience is one request's, between two times that it landed something.
type patience struct {
	Retry
	tries int
	since time.Time
}

// fresh returns patience after something has landed.
func (r Retry) fresh() patience { return patience{Retry: r, since: time.Now()} }

// over reports whether to give up.
func (p *patience) over() bool { return p.GiveUp > 0 && time.Since(p.since) >= p.GiveUp }

// wait waits before the next try, or until ctx is done.
func (p *patience) wait(ctx context.Context, after time.Duration) {
	p.tries++
	long := after + jitter(p.Min, p.Max, p.tries)
	if p.GiveUp > 0 {
		long = min(long, p.GiveUp-time.Since(p.since))
	}
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// jitter returns a time between 0 and least times 2 to the tries, but no more than most.
func jitter(least, most time.Duration, tries int) time.Duration {
	limit := most
	if shift := min(tries, 30); least <= most>>shift {
		limit = least << shift
	}
	return rand.N(limit + 1)
}

// retryAfter returns what a response asks for: seconds, or a date (RFC 9110
// section 10.2.3).
func retryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if text == "" {
		return 0
	}
	var wait time.Duration
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if date, err := http.ParseTime(text); err == nil {
		wait = time.Until(date)
	}
	return min(max(wait, 0), maxRetryAfter)
}
