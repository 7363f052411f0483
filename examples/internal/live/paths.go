package live

import (
	"cmp"
	"hash/maphash"
	"slices"
)

const (
	watched = 64  // paths that a group watches at once
	maxPath = 128 // bytes
)

// paths counts the most frequent paths of a window in bounded memory, after Metwally,
// Agrawal and El Abbadi, Efficient Computation of Frequent and Top-k Elements in Data
// Streams (2005), "space saving": a path that is not watched takes the place, and the
// count, of the watched path with the smallest count, which is at most 1/64 of the
// requests. Here each count is kept by second, so that it leaves with the window.
//
// What is told of a path is what was counted since it is watched: never too much, and
// all of it unless the path may have been pushed out within the window. Where no more
// than 64 paths come in a minute, none is.
type paths struct {
	n      int   // watched
	pushed int64 // one more than the last second in which a path was pushed out; 0 is never

	// By count, the greatest first, of all seconds and the running one. The search
	// goes through this: hot paths are found at once.
	hashes [watched]uint64
	counts [watched]uint32
	at     [watched]uint8 // in seen

	seen [watched]watchedPath
}

type watchedPath struct {
	seconds [places]uint32 // as those of the group
	since   int64          // the second in which it took the place of another
	before  uint32         // of that second, what the others before it had counted
	pushed  int64          // as paths had it then
	length  int
	text    [maxPath]byte
}

// count counts a path, of which only the first bytes are kept, in the running second
// now, whose place is head.
func (p *paths) count(seed maphash.Seed, path []byte, now int64, head int) {
	path = path[:min(len(path), maxPath)]
	hash := maphash.Bytes(seed, path)
	i := slices.Index(p.hashes[:p.n], hash)
	if i < 0 {
		i = p.watch(path, now, head)
		p.hashes[i] = hash
	}
	p.counts[i]++
	p.seen[p.at[i]].seconds[head]++
	p.rise(i)
}

// watch makes room for a path and returns its rank.
func (p *paths) watch(path []byte, now int64, head int) int {
	if p.n < watched {
		p.at[p.n] = uint8(p.n)
		p.counts[p.n] = 0
		p.n++
	}
	i := p.n - 1
	s := &p.seen[p.at[i]]
	s.since, s.before, s.pushed = now, s.seconds[head], p.pushed
	if p.counts[i] > 0 {
		p.pushed = now + 1
	}
	s.length = copy(s.text[:], path)
	return i
}

// rise takes the path at rank i in front of those with smaller counts.
func (p *paths) rise(i int) {
	hash, count, at := p.hashes[i], p.counts[i], p.at[i]
	for ; i > 0 && p.counts[i-1] < count; i-- {
		p.hashes[i], p.counts[i], p.at[i] = p.hashes[i-1], p.counts[i-1], p.at[i-1]
	}
	p.hashes[i], p.counts[i], p.at[i] = hash, count, at
}

// leave takes off what was counted in the second at a place, which leaves the window.
func (p *paths) leave(place int) {
	for i := range p.n {
		s := &p.seen[p.at[i]]
		p.counts[i] -= s.seconds[place]
		s.seconds[place] = 0
	}
	for i := range p.n {
		p.rise(i)
	}
}

// top returns the most frequent paths of the seconds before now.
func (p *paths) top(n int, now int64, head int) []Path {
	top := make([]Path, 0, p.n)
	for i := range p.n {
		s := &p.seen[p.at[i]]
		if own := s.own(now, head); own > 0 {
			top = append(top, Path{visible(s.text[:s.length]), int64(own), s.pushed > max(0, now-Seconds)})
		}
	}
	slices.SortStableFunc(top, func(a, b Path) int { return cmp.Compare(b.Requests, a.Requests) })
	return slices.Clip(top[:min(n, len(top))])
}

// own returns how often the path came in the seconds before now since it is watched.
func (s *watchedPath) own(now int64, head int) uint32 {
	n := uint32(0)
	for t := max(s.since, now-Seconds); t < now; t++ {
		place := (head + places - int(now-t)) % places
		n += s.seconds[place]
		if t == s.since {
			n -= s.before
		}
	}
	return n
}
