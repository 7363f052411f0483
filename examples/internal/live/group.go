package live

// places is the size of the rings that have a place for each second of the window and
// one for the running second.
const places = Seconds + 1

// A group is what is counted of one server or vhost. It takes about 110 KB.
type group struct {
	seconds [places]second
	total   second // of the window, without the running second
	paths   paths
}

// tick ends the running second, at place head, and begins the one at place next. The
// second that was there leaves the window.
func (g *group) tick(head, next int) {
	g.total.add(&g.seconds[head])
	g.total.subtract(&g.seconds[next])
	g.seconds[next] = second{}
	g.paths.leave(next)
}

// idle reports whether nothing of the group is left.
func (g *group) idle(head int) bool { return g.total.requests == 0 && g.seconds[head].requests == 0 }

// groups are the groups of one kind, servers or vhosts, by name.
type groups struct {
	limit int
	named map[string]*group
	other group // of those that came when there was no room
	free  []*group
}

// of returns the group of name, or other if there is no room for it.
func (gs *groups) of(name []byte) *group {
	name = name[:min(len(name), maxName)]
	if g, ok := gs.named[string(name)]; ok {
		return g
	}
	if len(gs.named) == gs.limit {
		return &gs.other
	}
	g := &group{}
	if n := len(gs.free); n > 0 {
		g, gs.free = gs.free[n-1], gs.free[:n-1]
		*g = group{}
	}
	gs.named[string(name)] = g
	return g
}

// tick is that of each group. If there is no room for another group, those of which
// nothing is left in the window make some.
func (gs *groups) tick(head, next int) {
	gs.other.tick(head, next)
	full := len(gs.named) == gs.limit
	for name, g := range gs.named {
		g.tick(head, next)
		if full && g.idle(next) {
			delete(gs.named, name)
			gs.free = append(gs.free, g)
		}
	}
}
