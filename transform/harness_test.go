package transform

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func str(s string) Value { return String([]byte(s)) }

// dump lists the fields of a record as label=text.
func dump(r *Record) []string {
	got := []string{}
	for label, v := range r.All() {
		if v.Kind == KindNull {
			got = append(got, label+"=null")
		} else {
			got = append(got, label+"="+string(v.Bytes))
		}
	}
	return got
}

func mustChain(t testing.TB, stages ...Stage) *Chain {
	t.Helper()
	c, err := NewChain(stages...)
	require.NoError(t, err)
	return c
}

// process takes a line through a worker, which must not reject it, and returns the
// record's fields.
func process(t testing.TB, w *Worker, line string) []string {
	t.Helper()
	src := []byte(line)
	rec, err := w.Process(src)
	require.NoError(t, err)
	require.Equal(t, line, string(src), "the input was written into")
	return dump(rec)
}

// onLine is process in a chain of these stages.
func onLine(t testing.TB, line string, stages ...Stage) []string {
	t.Helper()
	return process(t, mustChain(t, stages...).NewWorker(LTSV{}), line)
}

// through runs stages on a line and returns the fields, with the kind of those that
// are no strings, or the error.
func through(t testing.TB, line string, stages ...Stage) (string, error) {
	t.Helper()
	rec, err := mustChain(t, stages...).NewWorker(LTSV{}).Process([]byte(line))
	if err != nil {
		return "", err
	}
	var got []string
	for label, v := range rec.All() {
		switch v.Kind {
		case KindString:
			got = append(got, fmt.Sprintf("%s=%s", label, v.Bytes))
		case KindNull:
			got = append(got, label+"=null")
		default:
			got = append(got, fmt.Sprintf("%s=%v(%s)", label, v.Kind, v.Bytes))
		}
	}
	return strings.Join(got, " "), nil
}

// assertStages compares what through returns.
func assertStages(t *testing.T, line, want string, stages ...Stage) {
	t.Helper()
	got, err := through(t, line, stages...)
	require.NoError(t, err)
	assert.Equal(t, want, got, "%s through %v", line, stages)
}

// kept runs lines through a new worker and returns which came out.
func kept(t testing.TB, c *Chain, lines ...string) []bool {
	t.Helper()
	w := c.NewWorker(LTSV{})
	out := make([]bool, len(lines))
	for i, line := range lines {
		_, err := w.Process([]byte(line))
		require.True(t, err == nil || err == ErrSkip)
		out[i] = err == nil
	}
	stats := w.Stats()
	require.Equal(t, stats.In, stats.Out+stats.Skipped)
	return out
}

func count(all []bool) int {
	n := 0
	for _, b := range all {
		if b {
			n++
		}
	}
	return n
}

func repeat(n int, line func(i int) string) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = line(i)
	}
	return lines
}

// answers runs a predicate on one value of label v, given or not.
func answers(t *testing.T, p Predicate, v Value, there bool) bool {
	t.Helper()
	w := mustChain(t, Filter(p)).NewWorker(LTSV{})
	rec, err := w.Decode([]byte("other:x"))
	require.NoError(t, err)
	if there {
		rec.Set("v", v)
	}
	err = w.Run()
	require.True(t, err == nil || errors.Is(err, ErrSkip))
	return err == nil
}

// refused checks that each stage is an error of the chain.
func refused(t *testing.T, stages ...Stage) {
	t.Helper()
	for _, s := range stages {
		_, err := NewChain(s)
		assert.Error(t, err, "%v", s)
	}
}

// allocatesNothing runs stages on lines again and again. Those that are skipped count
// too; only the error of a rejection may cost memory.
func allocatesNothing[Line ~string | ~[]byte](t *testing.T, lines []Line, stages ...Stage) {
	t.Helper()
	w := mustChain(t, stages...).NewWorker(LTSV{})
	srcs := make([][]byte, len(lines))
	for i, line := range lines {
		srcs[i] = []byte(line)
	}
	run := func() {
		for _, src := range srcs {
			if _, err := w.Process(src); err != nil && err != ErrSkip {
				t.Fatal(err)
			}
		}
	}
	run()
	assert.Zero(t, testing.AllocsPerRun(20, run))
}
