package live

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/jobs"
	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// A clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 22, 16, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// A request is one record, and the oracle's memory of it.
type request struct {
	Server  string   `json:"server,omitempty"`
	Vhost   *string  `json:"vhost"`
	Path    string   `json:"path,omitempty"`
	Status  int      `json:"status"`
	Reqtime *float64 `json:"reqtime,omitempty"`
	Bot     bool     `json:"bot"`

	second int
}

func (r *request) value(t testing.TB) []byte {
	b, err := json.Marshal(r)
	require.NoError(t, err)
	return b
}

// naive counts what Group says of these requests, before the second now.
func naive(all []*request, now int) Group {
	g := Group{Series: make([]int64, Seconds)}
	var times []float64
	for _, r := range all {
		if r.second >= now || r.second < now-Seconds {
			continue
		}
		g.Requests++
		g.Series[r.second-(now-Seconds)]++
		if r.Status >= 100 && r.Status < 600 {
			g.Status[r.Status/100]++
		} else {
			g.Status[0]++
		}
		if r.Bot {
			g.Bots++
		}
		if r.Reqtime != nil {
			times = append(times, *r.Reqtime)
		}
	}
	g.Rate = g.Series[Seconds-1]
	if len(times) > 0 {
		slices.Sort(times)
		rank := func(q float64) float64 { return times[int(math.Ceil(q*float64(len(times))))-1] }
		g.Times = &Times{rank(0.5), rank(0.9), rank(0.99)}
	}
	return g
}

// same requires got to say what was counted by the plain way.
func same(t *testing.T, want, got Group) {
	t.Helper()
	if want.Times != nil {
		require.NotNil(t, got.Times)
		for _, p := range [][2]float64{{want.Times.P50, got.Times.P50}, {want.Times.P90, got.Times.P90}, {want.Times.P99, got.Times.P99}} {
			near(t, p[0], p[1])
		}
		want.Times = got.Times
	}
	want.Name, want.Other, want.Paths = got.Name, got.Other, got.Paths
	require.Equal(t, want, got)
}

func random(r *rand.Rand, servers, paths int) *request {
	q := &request{Status: 200, Path: fmt.Sprintf("/p%c%c", 'a'+r.IntN(paths)/26, 'a'+r.IntN(paths)%26)}
	if r.IntN(10) > 0 {
		q.Server = fmt.Sprintf("web%d", r.IntN(servers))
	}
	if r.IntN(10) > 0 {
		vhost := fmt.Sprintf("www%d.example.com", r.IntN(servers))
		q.Vhost = &vhost
	}
	if r.IntN(3) == 0 {
		q.Status = []int{0, 99, 100, 304, 404, 499, 503, 599, 600, -1, 20000}[r.IntN(11)]
	}
	if r.IntN(20) == 0 {
		q.Path = ""
	}
	if r.IntN(8) > 0 {
		seconds := math.Round(1000*math.Exp(r.NormFloat64()*3-4)) / 1000
		q.Reqtime = &seconds
	}
	q.Bot = r.IntN(4) == 0
	return q
}

func TestWindowCountsLikeThePlainWay(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 1))
		c := newClock()
		w := NewWindow(WindowOptions{Now: c.Now})
		start := c.Now()
		var all []*request
		for range 150 {
			for range r.IntN(30) {
				q := random(r, 5, 7)
				q.second = int(c.Now().Sub(start) / time.Second)
				all = append(all, q)
				value := q.value(t)
				w.Add(value)
				for i := range value {
					value[i] = 0xff // Add has not kept it
				}
			}
			c.pass(time.Duration(r.IntN(2500)) * time.Millisecond)
			if r.IntN(40) == 0 {
				c.pass(time.Duration(r.IntN(100)) * time.Second)
			}
			if r.IntN(4) > 0 {
				continue
			}
			now := int(c.Now().Sub(start) / time.Second)
			s := w.Snapshot()
			require.EqualValues(t, len(all), s.Records)
			same(t, naive(all, now), s.All)
			samePaths(t, naivePaths(all, now), s.All.Paths, allPaths)
			var servers, vhosts int64
			for _, g := range s.Servers {
				of := slices.DeleteFunc(slices.Clone(all), func(q *request) bool { return q.Server != g.Name })
				same(t, naive(of, now), g)
				samePaths(t, naivePaths(of, now), g.Paths, anyPaths)
				servers += g.Requests
			}
			for _, g := range s.Vhosts {
				of := slices.DeleteFunc(slices.Clone(all), func(q *request) bool {
					return q.Vhost == nil && g.Name != "" || q.Vhost != nil && *q.Vhost != g.Name
				})
				same(t, naive(of, now), g)
				vhosts += g.Requests
			}
			require.Equal(t, s.All.Requests, servers)
			require.Equal(t, s.All.Requests, vhosts)
		}
	}
}

func TestWindowIsBounded(t *testing.T) {
	c := newClock()
	w := NewWindow(WindowOptions{Now: c.Now, MaxGroups: 3})
	add := func(from, to int) {
		for i := from; i < to; i++ {
			w.Add(fmt.Appendf(nil, `{"server":"s%d","vhost":"v","path":"/%s"}`, i, slices.Repeat([]byte("a/"), i)))
		}
	}
	names := func() (names []string) {
		for _, g := range w.Snapshot().Servers {
			names = append(names, fmt.Sprintf("%s%t%d", g.Name, g.Other, g.Requests))
		}
		return names
	}
	add(0, 10)
	c.pass(time.Second)
	assert.Equal(t, []string{"s0false1", "s1false1", "s2false1", "true7"}, names())
	for _, p := range w.Snapshot().All.Paths {
		assert.LessOrEqual(t, len(p.Path), maxPath)
	}
	add(0, 1)
	c.pass(Seconds * time.Second)
	assert.Equal(t, []string{"s0false1"}, names(), "the silent are gone, there was no room left")
	add(5, 7)
	c.pass(time.Second)
	assert.Equal(t, []string{"s5false1", "s6false1"}, names())
	c.pass(Seconds * time.Second)
	assert.Equal(t, []string{"s5false0", "s6false0"}, names(), "there is room: the silent stay")

	w.Add(fmt.Appendf(nil, `{"server":"%s"}`, slices.Repeat([]byte("ü"), 1000)))
	c.pass(time.Second)
	require.Len(t, w.Snapshot().Servers, 1, "the silent make room once there is none")
	assert.LessOrEqual(t, len(w.Snapshot().Servers[0].Name), maxName)
	assert.NotContains(t, w.Snapshot().Servers[0].Name, "\ufffd")
}

func TestUndecodableIsCountedAndNoMore(t *testing.T) {
	c := newClock()
	w := NewWindow(WindowOptions{Now: c.Now})
	assert.Nil(t, w.Snapshot().Silent)
	for _, bad := range []string{"", "{", "[]", "null", "\xff", `{"a":1}{`, `{"a":1,"a":2}`, "{\"a\":\"\xff\"}"} {
		w.Add([]byte(bad))
	}
	w.Add([]byte(`{"server":1,"vhost":true,"path":{},"status":"200","reqtime":"1","bot":"true"}`))
	w.Add([]byte(`{"reqtime":-1,"status":1e999}`))
	w.Add([]byte(`{"reqtime":1e999}`))
	c.pass(2500 * time.Millisecond)
	s := w.Snapshot()
	assert.EqualValues(t, 8, s.Undecodable)
	assert.EqualValues(t, 3, s.Records)
	assert.InDelta(t, 2.5, *s.Silent, 1e-9)
	assert.EqualValues(t, [6]int64{3}, s.All.Status)
	assert.Zero(t, s.All.Bots)
	assert.Nil(t, s.All.Times)
	assert.Len(t, s.Servers, 1)
}

func TestClockThatGoesBack(t *testing.T) {
	c := newClock()
	w := NewWindow(WindowOptions{Now: c.Now})
	w.Add([]byte(`{}`))
	c.pass(-time.Hour)
	w.Add([]byte(`{}`))
	assert.Zero(t, *w.Snapshot().Silent)
	c.pass(time.Hour + time.Second)
	assert.EqualValues(t, 2, w.Snapshot().All.Rate)
}

// values returns what job 1 makes of real log lines.
func values(t testing.TB, lines [][]byte) (values [][]byte, size int) {
	chain, err := jobs.JSON(ltsv.EscapeNginx, nil)
	require.NoError(t, err)
	worker := chain.NewWorker(transform.LTSV{})
	var enc jsonrec.Encoder
	for _, line := range lines {
		rec, err := worker.Process(line)
		require.NoError(t, err)
		value, err := enc.Append(nil, rec)
		require.NoError(t, err)
		values = append(values, value)
		size += len(value)
	}
	return values, size
}

func TestAddAllocatesNothing(t *testing.T) {
	all, _ := values(t, logtest.Corpus24(3000))
	c := newClock()
	w := NewWindow(WindowOptions{Now: c.Now})
	i := 0
	add := func() {
		w.Add(all[i%len(all)])
		if i++; i%50 == 0 {
			c.pass(time.Second)
		}
	}
	for range 2 * len(all) {
		add()
	}
	assert.Zero(t, testing.AllocsPerRun(len(all), add))
}

func TestSnapshotWhileAdding(t *testing.T) {
	all, _ := values(t, logtest.Corpus24(500))
	w := NewWindow(WindowOptions{})
	var done sync.WaitGroup
	done.Go(func() {
		for range 20 {
			for _, v := range all {
				w.Add(v)
			}
		}
	})
	for range 50 {
		s := w.Snapshot()
		sum := int64(0)
		for _, n := range s.All.Series {
			sum += n
		}
		require.Equal(t, s.All.Requests, sum)
	}
	done.Wait()
	assert.EqualValues(t, 10_000, w.Snapshot().Records)
}

func FuzzAdd(f *testing.F) {
	all, _ := values(f, logtest.Lines(logtest.Nginx)[:50])
	for _, v := range all {
		f.Add(v)
	}
	f.Add([]byte(`{"path":"/\u202e<script>","server":"\u0000","reqtime":1e308,"status":599,"bot":true}`))
	c := newClock()
	w := NewWindow(WindowOptions{Now: c.Now, MaxGroups: 2})
	f.Fuzz(func(t *testing.T, value []byte) {
		before := w.Snapshot()
		w.Add(value)
		c.pass(700 * time.Millisecond)
		s := w.Snapshot()
		require.Equal(t, before.Records+before.Undecodable+1, s.Records+s.Undecodable)
		for _, g := range append(append([]Group{s.All}, s.Servers...), s.Vhosts...) {
			status := int64(0)
			for _, n := range g.Status {
				status += n
			}
			require.Equal(t, g.Requests, status)
			require.LessOrEqual(t, g.Bots, g.Requests)
			require.LessOrEqual(t, len(g.Paths), allPaths)
		}
		_, err := json.Marshal(s)
		require.NoError(t, err)
	})
}

// BenchmarkAdd is one record of job 1; decode is the part of it that reads the JSON.
func BenchmarkAdd(b *testing.B) {
	all, size := values(b, logtest.Corpus24(3000))
	b.Run("decode", func(b *testing.B) {
		var rec transform.Record
		b.SetBytes(int64(size / len(all)))
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if err := (jsonrec.Decoder{}).Decode(&rec, all[i%len(all)]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("add", func(b *testing.B) {
		w := NewWindow(WindowOptions{})
		b.SetBytes(int64(size / len(all)))
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			w.Add(all[i%len(all)])
		}
	})
}

// BenchmarkSnapshot is one of a window with all groups that it may have.
func BenchmarkSnapshot(b *testing.B) {
	c := newClock()
	w := NewWindow(WindowOptions{Now: c.Now})
	r := rand.New(rand.NewPCG(1, 1))
	for range 60 {
		for range 500 {
			w.Add(random(r, 30, 200).value(b))
		}
		c.pass(time.Second)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := json.Marshal(w.Snapshot()); err != nil {
			b.Fatal(err)
		}
	}
}
