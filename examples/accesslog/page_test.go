package main

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/chromiumtest"
	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
)

// shown is what is counted of records that are read from the topic, the plain way.
type shown struct {
	requests, bots  int
	status          [6]int
	servers, vhosts map[string]int
	paths           map[string]int
	times           []float64
}

func countTopic(t *testing.T, k *kafkatest.Kafka) (s shown) {
	t.Helper()
	s.servers, s.vhosts, s.paths = map[string]int{}, map[string]int{}, map[string]int{}
	for _, rec := range k.Read("access.json") {
		var m struct {
			Status              int
			Bot                 bool
			Server, Vhost, Path string
			Reqtime             *float64
		}
		require.NoError(t, json.Unmarshal(rec.Value, &m))
		s.requests++
		s.status[m.Status/100]++
		s.servers[m.Server]++
		s.vhosts[m.Vhost]++
		s.paths[m.Path]++
		if m.Bot {
			s.bots++
		}
		if m.Reqtime != nil {
			s.times = append(s.times, *m.Reqtime)
		}
	}
	slices.Sort(s.times)
	return s
}

// TestPageInChromium runs the system, opens its page in a browser and compares the numbers
// on it with those counted from the topic.
func TestPageInChromium(t *testing.T) {
	c := chromiumtest.Start(t)
	cluster := kafkatest.Start(t)
	brokers := strings.Join(cluster.ListenAddrs(), ",")
	page := startProgram(t, "-brokers", brokers, "-run", "dash", "-http", "127.0.0.1:0", "-ill-after", "500ms")
	c.Look(1200, "light")
	c.Open(page.url)
	c.Until(`document.getElementById('state-text').textContent === 'no records yet'`)
	c.Screenshot("empty")

	_, errs, _, status := start(t, t.Context(), "", "-quiet", "-brokers", brokers, "-registry", startRegistry(t), "-n", "3000")
	require.Zero(t, status, errs)
	c.Until(`document.getElementById('requests').textContent === '3,000 in the last minute'`)
	want := countTopic(t, cluster.Kafka)
	require.Equal(t, 3000, want.requests)
	assert.Equal(t, grouped(int64(want.bots))+" requests", c.Text("bot-requests"))
	assert.Equal(t, fmt.Sprintf("%.1f%%", 100*float64(want.status[5])/3000), c.Text("errors"))
	var classes []string
	c.Eval(`[...document.querySelectorAll('#status li')].map(l => l.textContent)`, &classes)
	for class := 2; class <= 5; class++ {
		assert.Equal(t, fmt.Sprintf("%dxx%s", class, grouped(int64(want.status[class]))), classes[class-2])
	}
	for id, share := range map[string]float64{"p50": 0.5, "p90": 0.9, "p99": 0.99} {
		checkTime(t, want.times[int(math.Ceil(share*float64(len(want.times))))-1], c.Text(id))
	}
	rows := func(id string) (cells [][]string) {
		c.Eval(fmt.Sprintf(`[...document.querySelectorAll('#%s tbody tr')].map(r => [...r.children].map(c => c.textContent))`, id), &cells)
		return cells
	}
	for id, groups := range map[string]map[string]int{"servers": want.servers, "vhosts": want.vhosts} {
		got := rows(id)
		require.Len(t, got, len(groups), id)
		for _, row := range got {
			assert.Equal(t, grouped(int64(groups[row[0]])), row[3], row[0])
		}
	}
	plain := 0
	for _, row := range rows("paths") {
		if !strings.ContainsAny(row[0], ":*") && !strings.Contains(row[1], "≥") { // those that stand for one path, and are sure
			assert.Equal(t, grouped(int64(want.paths[row[0]])), row[1], row[0])
			plain++
		}
	}
	assert.Positive(t, plain)
	c.Until(`[...document.querySelectorAll('#parts tbody tr')].filter(r => r.children[5].textContent === '0').length === 3`)
	var parts []string
	for _, row := range rows("parts") {
		parts = append(parts, strings.Join(row, " "))
	}
	assert.Equal(t, []string{"job 1, elsewhere – – – – 0 fine", "job 2, elsewhere – – – – 0 fine", "this page 3,000 3,000 0 0 0 fine"}, parts)

	cluster.Kill(0)
	c.Until(`document.getElementById('state-text').textContent.startsWith('trouble: Kafka')`)
	assert.Contains(t, c.Text("trouble"), "no broker has answered for")
	states := map[string]string{}
	for _, row := range rows("parts") {
		states[row[0]] = row[5] + " " + row[6]
	}
	assert.Equal(t, map[string]string{"job 1, elsewhere": "– –", "job 2, elsewhere": "– –", "this page": "– fine", "Kafka": "– trouble"}, states)
	c.Screenshot("brokers-away")
	cluster.Restart(0)
	c.Until(`document.getElementById('state-text').textContent.startsWith('no records for')`)
	assert.Empty(t, c.Faults())
}

// checkTime compares a time in seconds with how the page writes it.
func checkTime(t *testing.T, want float64, got string) {
	t.Helper()
	if want < 0.001 {
		assert.Equal(t, "< 1 ms", got)
		return
	}
	number, unit, _ := strings.Cut(got, " ")
	seconds, err := strconv.ParseFloat(number, 64)
	require.NoError(t, err, got)
	if unit == "ms" {
		seconds /= 1000
	}
	assert.InEpsilon(t, want, seconds, 1.0/32+0.006)
}
