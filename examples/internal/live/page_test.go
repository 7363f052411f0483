package live

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/chromiumtest"
	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// hostile are records of somebody who would like the page to do more than show them.
var hostile = []request{
	{Server: "web01", Path: `/<script>window.hacked=1</script>`, Status: 404},
	{Server: "web01", Path: `/<img src=x onerror=window.hacked=1>`, Status: 404},
	{Server: "web01", Path: `/"onmouseover="window.hacked=1`, Status: 404},
	{Server: "</table><script>window.hacked=1</script>", Path: "/\u202egpj.exe\u2066", Status: 400},
	{Server: "web\x00\x1b[31m\u202e", Path: "/\u2028\u0085", Status: 400},
	{Server: "web\x01\x1b[31m\u202e", Path: "/", Status: 400}, // looks like the one before
	{Server: strings.Repeat("long", 50), Path: "/" + strings.Repeat("long", 60), Status: 414, Bot: true},
}

// traffic returns a minute of real and hostile records, and how many came each second.
func traffic(t testing.TB) (records [][]byte, perSecond func(second int) int) {
	records, _ = values(t, logtest.Lines(logtest.Nginx)[:2900])
	for i := range hostile {
		for range 20 {
			records = append(records, hostile[i].value(t))
		}
	}
	return records, func(second int) int { return len(records)/Seconds - 12 + (second*7)%25 }
}

// feed gives the window a minute of traffic and returns it as the oracle remembers it.
func feed(t testing.TB, w *Window, c *clock) (all []*request) {
	t.Helper()
	records, perSecond := traffic(t)
	for second := range Seconds {
		for range perSecond(second) {
			value := records[(len(all)*31)%len(records)]
			r := &request{second: second}
			require.NoError(t, json.Unmarshal(value, r))
			r.second = second
			all = append(all, r)
			w.Add(value)
		}
		c.pass(time.Second)
	}
	return all
}

// tableText is JavaScript for the cells of a table, as text, by row.
func tableText(id string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('#%s tbody tr')].map(r => [...r.children].map(c => c.textContent))`, id)
}

func digits(n int64) string { // as the page writes numbers, up to a million
	if n < 1000 {
		return strconv.FormatInt(n, 10)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

// wantRow returns the counts in the row of a group: requests in the last second and
// minute, and by class.
func wantRow(name string, g Group) []string {
	row := []string{name, digits(g.Rate), digits(g.Requests)}
	for _, n := range g.Status[2:] {
		row = append(row, digits(n))
	}
	return row
}

// checkGroups compares a table of the page with what was counted by the plain way.
func checkGroups(t *testing.T, c *browser, id string, all []*request, name func(*request) string) {
	t.Helper()
	by := map[string][]*request{}
	for _, r := range all {
		by[name(r)] = append(by[name(r)], r)
	}
	var want [][]string
	for n, of := range by {
		if n == "" {
			n = "(no name)"
		}
		want = append(want, wantRow(visible([]byte(n)), naive(of, Seconds)))
	}
	var rows, got [][]string
	c.Eval(tableText(id), &rows)
	for _, row := range rows {
		got = append(got, append([]string{row[0], row[2], row[3]}, row[8:]...))
	}
	assert.ElementsMatch(t, want, got)
}

// checkPaths compares the table of paths with what was counted by the plain way.
func checkPaths(t *testing.T, c *browser, all []*request) {
	t.Helper()
	chain, err := transform.NewChain(transform.Path{MaxBytes: maxPath})
	require.NoError(t, err)
	worker := chain.NewWorker(jsonrec.Decoder{})
	want := map[string]int64{}
	for _, r := range all {
		rec, err := worker.Process(r.value(t))
		require.NoError(t, err)
		path, _ := rec.Get("path")
		want[visible(path.Bytes)]++
	}
	var rows [][]string
	c.Eval(tableText("paths"), &rows)
	require.Len(t, rows, allPaths)
	for _, row := range rows[:8] {
		assert.Equal(t, digits(want[row[0]]), row[1], row[0])
	}
	for _, row := range rows[8:] {
		n, err := strconv.ParseInt(strings.TrimPrefix(row[1], "≥ "), 10, 64)
		require.NoError(t, err)
		assert.LessOrEqual(t, n, want[row[0]], row[0])
	}
}

// openPage opens the page of w in a browser.
func openPage(t *testing.T, w *Window) (*browser, *restartable) {
	t.Helper()
	c := &browser{chromiumtest.Start(t), t}
	srv := &restartable{t: t, window: w}
	srv.start("127.0.0.1:0")
	t.Cleanup(srv.stop)
	c.Look(1200, "light")
	c.Open("http://" + srv.addr)
	return c, srv
}

// A restartable is a server that can be stopped and started again at its address.
type restartable struct {
	t      *testing.T
	window *Window
	addr   string
	server *http.Server
	done   chan struct{}
}

func (s *restartable) start(addr string) {
	l, err := net.Listen("tcp", addr)
	require.NoError(s.t, err)
	h := NewHandler(s.window, HandlerOptions{Every: 100 * time.Millisecond})
	s.addr, s.server, s.done = l.Addr().String(), &http.Server{Handler: h}, make(chan struct{})
	s.server.RegisterOnShutdown(h.Close)
	go func() {
		defer close(s.done)
		_ = s.server.Serve(l)
	}()
}

func (s *restartable) stop() {
	_ = s.server.Close()
	<-s.done
}

// A browser is one that has the page open.
type browser struct {
	*chromiumtest.Chromium
	t testing.TB
}

// state waits until the page says this of the stream.
func (c *browser) state(text string) {
	c.t.Helper()
	c.Until(fmt.Sprintf(`document.getElementById('state-text').textContent === %q`, text))
}

func (c *browser) title() (title string) {
	c.t.Helper()
	c.Eval(`document.title`, &title)
	return title
}

// TestPageShowsWhatCame opens the page in a browser and compares its numbers with those
// of the records that came.
func TestPageShowsWhatCame(t *testing.T) {
	now := newClock()
	parts := []Part{{"agent", 3000, 3000, 0, 0, -1, ""}, {"job 1", 2990, 2980, 8, 2, 10, ""}, {"job 2", 1_002_980, 2500, 480, 0, 0, ""}}
	w := NewWindow(WindowOptions{Now: now.Now, Parts: func() []Part { return parts }})
	c, _ := openPage(t, w)
	c.state("no records yet")
	c.Screenshot("empty")

	all := feed(t, w, now)
	want := naive(all, Seconds)
	c.Until(fmt.Sprintf(`document.getElementById('requests').textContent === '%s in the last minute'`, digits(want.Requests)))
	c.state("live")
	assert.Equal(t, digits(want.Rate)+"/s – Access log, live", c.title())
	assert.Equal(t, digits(want.Rate), c.Text("rate"))
	assert.Equal(t, digits(want.Bots)+" requests", c.Text("bot-requests"))
	assert.Equal(t, digits(int64(len(all)))+" records since the start.", c.Text("since"))
	var status []string
	c.Eval(`[...document.querySelectorAll('#status li')].map(l => l.textContent)`, &status)
	assert.Equal(t, []string{"2xx" + digits(want.Status[2]), "3xx" + digits(want.Status[3]), "4xx" + digits(want.Status[4]), "5xx" + digits(want.Status[5])}, status)
	for id, seconds := range map[string]float64{"p50": want.Times.P50, "p90": want.Times.P90, "p99": want.Times.P99} {
		checkDuration(t, seconds, c.Text(id))
	}
	checkGroups(t, c, "servers", all, func(r *request) string { return r.Server })
	checkGroups(t, c, "vhosts", all, func(r *request) string {
		if r.Vhost == nil {
			return ""
		}
		return *r.Vhost
	})
	checkPaths(t, c, all)
	var rows [][]string
	c.Eval(tableText("parts"), &rows)
	assert.Equal(t, [][]string{
		{"agent", "3,000", "3,000", "0", "0", "–", "fine"}, {"job 1", "2,990", "2,980", "8", "2", "10", "fine"}, {"job 2", "1,002,980", "2,500", "480", "0", "0", "fine"},
	}, rows)

	var hacked bool
	c.Eval(`!!window.hacked || document.querySelectorAll('main script, main img, [onmouseover]').length > 0`, &hacked)
	assert.False(t, hacked, "what is in the log is text")

	for _, width := range []int{1200, 390, 320} {
		for _, scheme := range []string{"light", "dark"} {
			c.Look(width, scheme)
			var wide int
			c.Eval(`document.documentElement.scrollWidth`, &wide)
			assert.LessOrEqual(t, wide, width, "no need to scroll sideways")
			c.checkContrast()
			c.Screenshot(fmt.Sprintf("%d-%s", width, scheme))
		}
	}
	c.checkTables(4)
	assert.Empty(t, c.Faults())
}

// TestPageShowsOneGroup: a name, chosen, shows what is of it above.
func TestPageShowsOneGroup(t *testing.T) {
	now := newClock()
	w := NewWindow(WindowOptions{Now: now.Now})
	c, _ := openPage(t, w)
	for i := range 10 {
		w.Add(fmt.Appendf(nil, `{"server":"web%d","vhost":"www","path":"/of/web%c","status":200}`, i%3, 'a'+i%3))
	}
	now.pass(time.Second)
	c.Until(`document.querySelectorAll('#servers button').length === 3`)
	press := func(button string) {
		c.Eval(fmt.Sprintf(`document.querySelector(%q).click(), 0`, button), new(int))
	}
	press("#servers tr:nth-child(2) button")
	assert.Equal(t, "Server web1", c.Text("of"))
	assert.Equal(t, "3 in the last minute", c.Text("requests"))
	var rows [][]string
	c.Eval(tableText("paths"), &rows)
	assert.Equal(t, [][]string{{"/of/webb", "3", "100.0%"}}, rows)
	var pressed []string
	c.Eval(`[...document.querySelectorAll('button[aria-pressed=true]')].map(b => b.textContent)`, &pressed)
	assert.Equal(t, []string{"web1"}, pressed)
	c.Eval(`document.querySelector('#servers tr:nth-child(3) button').focus({focusVisible: true}), 0`, new(int))
	c.Screenshot("chosen")
	var outline string
	c.Eval(`getComputedStyle(document.activeElement).outlineStyle`, &outline)
	assert.Equal(t, "solid", outline, "where the focus is can be seen")
	press("#vhosts button")
	assert.Equal(t, "Virtual host www", c.Text("of"))
	press("#all")
	assert.Equal(t, "All requests", c.Text("of"))
	assert.Equal(t, "10 in the last minute", c.Text("requests"))
	assert.Empty(t, c.Faults())
}

// TestPageSaysWhatIsIll: above everything else, and in the part's own row.
func TestPageSaysWhatIsIll(t *testing.T) {
	var trouble atomic.Pointer[string]
	trouble.Store(new(string))
	w := NewWindow(WindowOptions{Parts: func() []Part {
		return []Part{{Name: "job 1", Read: 5, Lag: 70, Trouble: *trouble.Load()}, {Name: "job 2, elsewhere", Read: -1, Written: -1, Skipped: -1, Rejected: -1, Lag: 3}}
	}})
	c, _ := openPage(t, w)
	c.state("no records yet")
	var hidden bool
	c.Eval(`document.getElementById('trouble').hidden`, &hidden)
	assert.True(t, hidden)
	why := "partition 3 has not got on for <b>61 s"
	trouble.Store(&why)
	c.state("trouble: job 1")
	assert.Equal(t, "job 1 "+why, c.Text("trouble"))
	var rows [][]string
	c.Eval(tableText("parts"), &rows)
	assert.Equal(t, [][]string{{"job 1", "5", "0", "0", "0", "70", "trouble"}, {"job 2, elsewhere", "–", "–", "–", "–", "3", "fine"}}, rows)
	for _, width := range []int{1200, 390} {
		c.Look(width, "dark")
		c.checkContrast()
		c.Screenshot(fmt.Sprintf("ill-%d", width))
	}
	trouble.Store(new(string))
	c.state("no records yet")
	assert.Empty(t, c.Faults())
}

// TestPageSaysThatTheStreamIsSilentOrBroken, and goes on once it is not.
func TestPageSaysThatTheStreamIsSilentOrBroken(t *testing.T) {
	now := newClock()
	w := NewWindow(WindowOptions{Now: now.Now})
	c, srv := openPage(t, w)
	c.state("no records yet")
	feed(t, w, now)
	c.state("live")
	now.pass(12 * time.Second)
	c.state("no records for 13 s")
	assert.Equal(t, "no records are coming", c.Text("announce"))
	assert.Equal(t, "no records for 13 s – Access log, live", c.title())
	c.Look(390, "light")
	c.Screenshot("silent")

	srv.stop()
	c.state("connection lost, trying again")
	assert.Equal(t, "connection lost, trying again", c.Text("announce"))
	assert.Equal(t, "connection lost, trying again – Access log, live", c.title())
	assert.Contains(t, c.Text("trouble"), "What is below is of then.")
	c.checkContrast()
	c.Screenshot("broken")
	c.Look(1200, "dark")
	c.checkContrast()
	c.Screenshot("broken-1200")
	w.Add([]byte(`{"server":"web99"}`))
	now.pass(time.Second)
	srv.start(srv.addr)
	c.state("live")
	c.Until(`document.getElementById('servers').textContent.includes('web99')`)
	c.Until(`document.getElementById('trouble').hidden`)
	assert.Empty(t, c.Faults())
}

// checkContrast requires 4.5:1 (WCAG 2.2, 1.4.3) of all text against what is behind it.
func (c *browser) checkContrast() {
	c.t.Helper()
	var low []string
	c.Eval(`(() => {
		const parse = s => s.match(/[\d.]+/g).map(Number);
		const channel = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
		const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
		const behind = n => { for (; n; n = n.parentElement) { const c = parse(getComputedStyle(n).backgroundColor); if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
		return [...document.querySelectorAll('body *')]
			.filter(n => [...n.childNodes].some(k => k.nodeType === 3 && k.data.trim()) && !n.closest('script, style, noscript, .unseen'))
			.map(n => [n, luminance(parse(getComputedStyle(n).color)), luminance(behind(n))])
			.filter(([, a, b]) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5)
			.map(([n]) => n.tagName + ' ' + n.className + ' ' + n.textContent);
	})()`, &low)
	assert.Empty(c.t, low)
}

// checkTables requires so many data tables, with column headers, in what a screen
// reader is given.
func (c *browser) checkTables(want int) {
	c.t.Helper()
	var tree struct {
		Nodes []struct {
			Ignored bool
			Role    struct{ Value string }
			Name    struct{ Value string }
		}
	}
	c.Do("Accessibility.getFullAXTree", nil, &tree)
	count := map[string]int{}
	named := 0
	for _, n := range tree.Nodes {
		if n.Ignored {
			continue
		}
		count[n.Role.Value]++
		if n.Role.Value == "table" && n.Name.Value != "" {
			named++
		}
	}
	assert.Equal(c.t, want, named)
	assert.Equal(c.t, 12+12+3+7, count["columnheader"])
	assert.Equal(c.t, 1, count["status"])
}

// checkDuration reads a time as the page writes it.
func checkDuration(t *testing.T, want float64, got string) {
	t.Helper()
	if want < shortestTime {
		assert.Equal(t, "< 1 ms", got)
		return
	}
	number, unit, _ := strings.Cut(strings.ReplaceAll(got, ",", ""), " ")
	n, err := strconv.ParseFloat(number, 64)
	require.NoError(t, err)
	if unit == "ms" {
		n /= 1000
	}
	assert.InEpsilon(t, want, n, 1.0/32+0.006) // and three digits
}
