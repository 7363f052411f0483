package ltsv

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSelector(t *testing.T) {
	s := NewSelector("b", "none", "forwardedfor", "a", "b")
	var r Record
	require.NoError(t, r.Parse([]byte("a:1\tforwardedfor:f\tb:2\tb:3")))
	want := [][]byte{[]byte("2"), nil, []byte("f"), []byte("1"), []byte("2")}
	assert.Equal(t, want, s.Select(nil, &r))
	assert.Equal(t, want, s.Select(nil, &r), "by the layout learned")
	assert.Equal(t, append([][]byte{[]byte("kept")}, want...), s.Select([][]byte{[]byte("kept")}, &r), "dst is extended")

	require.NoError(t, r.Parse([]byte("a:1\tb:")))
	got := s.Select(nil, &r)
	assert.NotNil(t, got[0], "an empty value is not a missing one")
	assert.Empty(t, got[0])

	require.NoError(t, r.Parse(nil))
	assert.Equal(t, make([][]byte, 5), s.Select(nil, &r))
	assert.Empty(t, NewSelector().Select(nil, &r))
}

// TestSelectorEqualsGet: whatever lines come, in whatever order, a Selector gives
// what Get gives. The lines share labels, positions and prefixes of labels.
func TestSelectorEqualsGet(t *testing.T) {
	labels := []string{"a", "ab", "abcdefg", "abcdefgh", "abcdefgi", "abcdefghi", "abcdefghj", "x", "time", "status"}
	wanted := []string{"abcdefgh", "a", "status", "abcdefghj"}
	rnd := rand.New(rand.NewPCG(7, 8))
	s := NewSelector(wanted...)
	var r Record
	var layout []string
	for n := range 50_000 {
		if n%4 == 0 {
			layout = nil
			for _, i := range rnd.Perm(len(labels))[:rnd.IntN(len(labels))] {
				layout = append(layout, labels[i])
			}
		}
		var fields []string
		for _, l := range layout {
			fields = append(fields, fmt.Sprintf("%s:%d%s", l, n, strings.Repeat(":", rnd.IntN(3))))
		}
		if rnd.IntN(10) == 0 {
			fields = append(fields, "") // a trailing TAB
		}
		require.NoError(t, r.Parse([]byte(strings.Join(fields, "\t"))))
		got := s.Select(nil, &r)
		for i, label := range wanted {
			want, _ := r.Get(label)
			if string(want) != string(got[i]) || (want == nil) != (got[i] == nil) {
				require.Equal(t, string(want), string(got[i]), "%s in %q", label, r.Line())
			}
		}
	}
}

func TestSelectorOnRepeatedLabels(t *testing.T) {
	var first, r Record
	require.NoError(t, first.Parse([]byte("x:1\ta:2")))
	require.NoError(t, r.Parse([]byte("a:1\ta:2\ta:3")))
	s := NewSelector("a")
	assert.Equal(t, [][]byte{[]byte("1")}, s.Select(nil, &r), "the first, as nothing is known")
	s.Select(nil, &first)
	assert.Equal(t, [][]byte{[]byte("2")}, s.Select(nil, &r), "where it was last")
}

func TestSelectorAllocatesNothingOnUnknownLayouts(t *testing.T) {
	var lines [][]byte
	for i := range 64 {
		lines = append(lines, []byte(fmt.Sprintf("a%d:1\tforwardedfor%d:2\turi:/", i, i)))
	}
	s, i := NewSelector("uri"), 0
	var r Record
	var dst [][]byte
	next := func() {
		_ = r.Parse(lines[i%len(lines)])
		dst = s.Select(dst[:0], &r)
		i++
	}
	for range lines {
		next()
	}
	assert.Zero(t, testing.AllocsPerRun(200, next))
}

func TestSelectorOfLabelsThatCannotBe(t *testing.T) {
	var r Record
	require.NoError(t, r.Parse([]byte("\ta:2\tb:33\tlong-label:4")))
	for _, label := range []string{"\ta", "a:", "b:3", "", ":", "\t", "a:2\tb", "long-label:"} {
		s := NewSelector(label)
		for range 2 {
			assert.Equal(t, [][]byte{nil}, s.Select(nil, &r), "%q", label)
		}
	}
}
