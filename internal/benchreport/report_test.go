package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const printed = `goos: linux
cpu: Some Processor
BenchmarkLine/fields=24/plain-loop-2         	 1	 600 ns/op	  15.31 MB/s	    0 B/op	       0 allocs/op
BenchmarkLine/fields=24/Parse/avx2-2         	 1	 60.0 ns/op	 150.17 MB/s
BenchmarkHeader/one_name,_Get-2  	       1	      1441 ns/op
PASS
`

func TestParse(t *testing.T) {
	r := results{}
	require.NoError(t, r.parse(pkgLTSV, printed, 2))
	assert.Equal(t, "Some Processor", r.cpu())
	assert.EqualValues(t, 600, r[key(pkgLTSV, "Line/fields=24/plain-loop", perRecord)])
	assert.EqualValues(t, 60, r[key(pkgLTSV, "Line/fields=24/Parse/avx2", perRecord)])
	assert.EqualValues(t, 1441, r[key(pkgLTSV, "Header/one name, Get", perRecord)])
	assert.Error(t, r.parse(pkgLTSV, "BenchmarkX 1 many ns/op\n", 2))
}

func TestRatioIsTheMedianOfTheRounds(t *testing.T) {
	var rounds []results
	for _, ours := range []float64{10, 40, 20} {
		rounds = append(rounds, results{"p a u": ours, "p b u": 60, "p c u": 40})
	}
	got, ok := ratioOf(rounds, "p", "u", []string{"a"}, []string{"b", "c"})
	require.True(t, ok)
	assert.Equal(t, ratio{0.2, 0.1, 0.4}, got)
	got, _ = ratioOf(rounds[:2], "p", "u", []string{"a"}, []string{"b", "c"})
	assert.InDelta(t, 0.25, got.median, 1e-9)
	_, ok = ratioOf(append(rounds, results{}), "p", "u", []string{"a"}, []string{"b"})
	assert.False(t, ok)
}

func TestTable(t *testing.T) {
	r := results{}
	require.NoError(t, r.parse(pkgLTSV, printed, 2))
	r[key(pkgKafka, "Copy/pipeline", processor)], r[key(pkgKafka, "Copy/bare", processor)] = 3, 2
	var out strings.Builder
	require.NoError(t, write(&out, []results{r}))
	assert.Contains(t, out.String(), "colons checked | plain loop | 0.10 (0.10–0.10) | ≤ 0.25 | met | — | ≤ 0.75 | not measured |\n")
	assert.Contains(t, out.String(), "loop | 1.50 (1.50–1.50) | ≤ 1.20 | **not met** |\n")
	assert.Equal(t, 3+2+len(rows)+2+2, strings.Count(out.String(), "\n"))
}

// TestReport measures for a moment: every row has both sides.
func TestReport(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the benchmarks of six packages")
	}
	var out, progress strings.Builder
	require.NoError(t, report(t.Context(), &out, &progress, 1, "1x"))
	for line := range strings.Lines(out.String()) {
		if strings.Contains(line, "plain loop") { // AVX2 is not everywhere
			line = line[strings.LastIndex(line, "≤"):]
		}
		assert.NotContains(t, line, "not measured")
	}
	assert.Contains(t, out.String(), "franz-go v")
}
