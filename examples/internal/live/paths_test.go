package live

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// naivePaths counts paths exactly.
func naivePaths(all []*request, now int) map[string]int64 {
	n := map[string]int64{}
	for _, r := range all {
		if r.second < now && r.second >= now-Seconds {
			n[r.Path]++
		}
	}
	return n
}

// samePaths requires the paths to be the most frequent, with their exact counts.
func samePaths(t *testing.T, want map[string]int64, got []Path, limit int) {
	t.Helper()
	require.Len(t, got, min(limit, len(want)))
	var counts []int64
	for _, n := range want {
		counts = append(counts, n)
	}
	slices.SortFunc(counts, func(a, b int64) int { return int(b - a) })
	for i, p := range got {
		require.Equal(t, Path{p.Path, want[p.Path], false}, p)
		require.Equal(t, counts[i], p.Requests)
	}
}

func TestPathsAreNeverCountedTooOften(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	c := newClock()
	w := NewWindow(WindowOptions{Now: c.Now})
	var all []*request
	exact := 0
	for second := range 200 {
		for range 300 {
			q := &request{Path: fmt.Sprintf("/rare/%c%c%c", 'a'+r.IntN(26), 'a'+r.IntN(26), 'a'+r.IntN(26)), second: second}
			switch {
			case r.IntN(5) == 0:
				q.Path = "/hot"
			case r.IntN(12) == 0 && second%100 < 50:
				q.Path = "/sometimes"
			}
			all = append(all, q)
			w.Add(q.value(t))
		}
		c.pass(time.Second)
		want := naivePaths(all, second+1)
		top := w.Snapshot().All.Paths
		require.Equal(t, Path{"/hot", want["/hot"], false}, top[0])
		for _, p := range top {
			require.LessOrEqual(t, p.Requests, want[p.Path])
			if !p.AtLeast {
				require.Equal(t, want[p.Path], p.Requests)
				exact++
			}
		}
		if second > 3 && second < 50 {
			require.Equal(t, "/sometimes", top[1].Path)
		}
	}
	assert.Greater(t, exact, 200)
}

func TestPathsThatDifferInAnIDAreOne(t *testing.T) {
	c := newClock()
	w := NewWindow(WindowOptions{Now: c.Now})
	for i := range 500 {
		w.Add(fmt.Appendf(nil, `{"path":"/users/%d/orders"}`, i))
	}
	w.Add([]byte(`{"path":null}`))
	c.pass(time.Second)
	assert.Equal(t, []Path{{"/users/:id/orders", 500, false}, {"", 1, false}}, w.Snapshot().All.Paths)
}
