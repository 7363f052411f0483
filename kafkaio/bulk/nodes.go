package bulk

import (
	"sync"
	"time"
)

const (
	minAway = time.Second
	maxAway = 30 * time.Second

	// A node that hangs costs Limits.Timeout each time it is asked, and the whole
	// batch waits: a sixth of the time at most.
	awayPerHang  = 5
	maxAfterHang = 5 * time.Minute
)

// nodes are those of a target, and which of them failed lately. Workers share it.
type nodes struct {
	mu   sync.Mutex
	all  []*node
	next int // to be asked
}

type node struct {
	name     string // as the caller wrote it
	url      string
	failures int       // in a row
	until    time.Time // left alone
}

func newNodes(t *Target) *nodes {
	n := &nodes{}
	for i, u := range t.urls() {
		n.all = append(n.all, &node{name: t.Nodes[i], url: u})
	}
	return n
}

// pick returns one node after another of those that are not left alone. If all
// are, it returns the one that may be asked first: to wait is the request's
// business.
func (n *nodes) pick() *node {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	first := n.all[n.next%len(n.all)]
	for range n.all {
		at := n.all[n.next%len(n.all)]
		n.next = (n.next + 1) % len(n.all)
		if !at.until.After(now) {
			return at
		}
		if at.until.Before(first.until) {
			first = at
		}
	}
	return first
}

// answered notes that a node works.
func (n *nodes) answered(at *node) {
	n.mu.Lock()
	defer n.mu.Unlock()
	at.failures, at.until = 0, time.Time{}
}

// failed leaves a node alone for a while: after a request that took so long, and
// for as long as its Retry-After says at least. Requests that fail together
// count as one failure. It returns how long until some node may be asked.
func (n *nodes) failed(at *node, took, after time.Duration) time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := time.Now()
	if !at.until.After(now) {
		away := min(minAway<<min(at.failures, 10), maxAway)
		away = away/2 + jitter(away/2, away/2, 0)
		at.failures++
		at.until = now.Add(max(away, min(awayPerHang*took, maxAfterHang)))
	}
	if asked := now.Add(after); asked.After(at.until) {
		at.until = asked
	}
	free := at.until
	for _, other := range n.all {
		if other.until.Before(free) {
			free = other.until
		}
	}
	return max(free.Sub(now), 0)
}
