package live

import "time"

// A Snapshot is what a [Window] has counted. Its numbers are of the last whole
// [Seconds] seconds, if nothing else is said; the running second is not in it.
type Snapshot struct {
	At          time.Time `json:"at"`
	Records     int64     `json:"records"`     // since the window was made, the undecodable not among them
	Undecodable int64     `json:"undecodable"` // since the window was made
	Silent      *float64  `json:"silent"`      // seconds since the last record came; nil before the first
	All         Group     `json:"all"`
	Servers     []Group   `json:"servers"` // by name; "other" last
	Vhosts      []Group   `json:"vhosts"`
	Parts       []Part    `json:"parts"`
}

// A Group is what was counted of one server or vhost, or of all.
type Group struct {
	Name     string   `json:"name"`  // empty: of records that name none
	Other    bool     `json:"other"` // of all those for which there was no room
	Requests int64    `json:"requests"`
	Rate     int64    `json:"rate"`   // requests in the last whole second
	Series   []int64  `json:"series"` // requests by second, the oldest first
	Status   [6]int64 `json:"status"` // requests by class: 1 is 1xx; 0 is no or another status
	Bots     int64    `json:"bots"`   // requests
	Times    *Times   `json:"times"`  // nil if no request has a response time
	Paths    []Path   `json:"paths"`  // the most frequent first
}

// Times are response times in seconds, within 1/32 of the true ones from 1 ms to 1,024
// s; 0 is any below 1 ms. They are nearest ranks: P90 is the smallest time that 90 % of
// the requests did not exceed.
type Times struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P99 float64 `json:"p99"`
}

// A Path is one path, or several that differ in an id only, as [transform.Path] writes
// them.
type Path struct {
	Path     string `json:"path"` // empty: of records that have none
	Requests int64  `json:"requests"`
	AtLeast  bool   `json:"atLeast"` // there may have been more
}

// A Part is what one part of the pipeline has counted since it began. A negative number
// is one that is not known.
type Part struct {
	Name     string `json:"name"`
	Read     int64  `json:"read"`
	Written  int64  `json:"written"`
	Skipped  int64  `json:"skipped"`
	Rejected int64  `json:"rejected"`
	Lag      int64  `json:"lag"`     // records yet to be read
	Trouble  string `json:"trouble"` // why the part does not get on; empty if it does
}

// snapshot returns what the group counted before the second now, whose place is head.
func (g *group) snapshot(now int64, head, paths int) Group {
	s := Group{
		Requests: int64(g.total.requests),
		Rate:     int64(g.seconds[(head+places-1)%places].requests),
		Series:   make([]int64, 0, Seconds),
		Bots:     int64(g.total.bots),
		Paths:    g.paths.top(paths, now, head),
	}
	for i := 1; i <= Seconds; i++ {
		s.Series = append(s.Series, int64(g.seconds[(head+i)%places].requests))
	}
	for class, n := range g.total.status {
		s.Status[class] = int64(n)
	}
	if n := g.total.timed; n > 0 {
		t := &g.total.times
		s.Times = &Times{quantile(t, n, 0.5), quantile(t, n, 0.9), quantile(t, n, 0.99)}
	}
	return s
}
