package live

import (
	"cmp"
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// Seconds is how far back a [Window] goes.
const Seconds = 60

const (
	maxName  = 255 // bytes of a server or vhost
	allPaths = 15  // that a snapshot has of all requests together
	anyPaths = 10  // and of each server and vhost
)

// WindowOptions say what a [Window] counts, and how. The zero value is ready for use.
type WindowOptions struct {
	// MaxGroups is how many servers, and how many vhosts, are counted apart; the
	// rest is counted together. One that was silent for a minute makes room for
	// another. Each takes about 110 KB. Default 24, which is 6 MB at most.
	MaxGroups int
	// Parts returns what the parts of the pipeline have counted. It is called for
	// each snapshot, by any goroutine, and must not block. Default: no parts.
	Parts func() []Part
	// Now is the clock. Seconds that it goes back do not count. Default time.Now.
	Now func() time.Time
}

// A Window counts records by server, by vhost and together, over the last minute of
// the time at which they came. Its memory is bounded, whatever comes. Add is for one
// goroutine at a time, Snapshot for any, also while Add runs.
type Window struct {
	opts   WindowOptions
	start  time.Time
	seed   maphash.Seed
	worker *transform.Worker
	seen   sighting

	mu              sync.Mutex // of what is below
	now             int64      // the running second, counted from start
	head            int        // its place in the rings
	last            time.Time  // when the last record came
	all             group
	servers, vhosts groups

	records, undecodable int64
}

// NewWindow returns an empty window.
func NewWindow(opts WindowOptions) *Window {
	if opts.MaxGroups <= 0 {
		opts.MaxGroups = 24
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	w := &Window{opts: opts, start: opts.Now(), seed: maphash.MakeSeed()}
	w.servers = groups{limit: opts.MaxGroups, named: map[string]*group{}}
	w.vhosts = groups{limit: opts.MaxGroups, named: map[string]*group{}}
	chain, err := transform.NewChain(transform.Path{MaxBytes: maxPath}, look{&w.seen})
	if err != nil {
		panic(err) // the stages are fixed
	}
	w.worker = chain.NewWorker(jsonrec.Decoder{})
	return w
}

// Add counts a record, a JSON object as job 1 makes them. The members that it looks at
// are server, vhost, path, status, reqtime and bot; each may be missing. A value that
// is no JSON object is counted as undecodable, and false is returned. Add does not keep
// value.
func (w *Window) Add(value []byte) bool {
	_, err := w.worker.Process(value)
	now := w.opts.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tick(now)
	w.last = now
	if err != nil {
		w.undecodable++
		return false
	}
	w.records++
	w.count(&w.all)
	w.count(w.servers.of(w.seen.server))
	w.count(w.vhosts.of(w.seen.vhost))
	return true
}

// count counts what was seen in a group.
func (w *Window) count(g *group) {
	g.seconds[w.head].count(&w.seen)
	g.paths.count(w.seed, w.seen.path, w.now, w.head)
}

// tick ends the seconds that are over at now. After as many as the rings have places
// all are empty.
func (w *Window) tick(now time.Time) {
	second := int64(now.Sub(w.start) / time.Second)
	for range min(second-w.now, places) {
		next := (w.head + 1) % places
		w.all.tick(w.head, next)
		w.servers.tick(w.head, next)
		w.vhosts.tick(w.head, next)
		w.head = next
	}
	w.now = max(w.now, second)
}

// Snapshot returns what was counted. It is the caller's.
func (w *Window) Snapshot() *Snapshot {
	s := &Snapshot{Parts: []Part{}}
	if w.opts.Parts != nil {
		s.Parts = append(s.Parts, w.opts.Parts()...)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	s.At = w.opts.Now()
	w.tick(s.At)
	s.Records, s.Undecodable = w.records, w.undecodable
	if !w.last.IsZero() {
		silent := max(s.At.Sub(w.last), 0).Seconds()
		s.Silent = &silent
	}
	s.All = w.all.snapshot(w.now, w.head, allPaths)
	s.Servers, s.Vhosts = w.snapshot(&w.servers), w.snapshot(&w.vhosts)
	return s
}

// snapshot returns those of the groups, by name.
func (w *Window) snapshot(gs *groups) []Group {
	all := make([]Group, 0, len(gs.named)+1)
	for name, g := range gs.named {
		s := g.snapshot(w.now, w.head, anyPaths)
		s.Name = visible([]byte(name))
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b Group) int { return cmp.Compare(a.Name, b.Name) })
	if gs.other.total.requests > 0 {
		s := gs.other.snapshot(w.now, w.head, anyPaths)
		s.Other = true
		all = append(all, s)
	}
	return all
}
