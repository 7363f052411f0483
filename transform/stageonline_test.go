package transform

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// onLine runs stages on a line and returns the record's fields.
func onLine(t *testing.T, line string, stages ...Stage) []string {
	t.Helper()
	chain, err := NewChain(stages...)
	require.NoError(t, err)
	src := []byte(line)
	rec, err := chain.NewWorker(LTSV{}).Process(src)
	require.NoError(t, err)
	require.Equal(t, line, string(src), "the input was written into")
	return dump(rec)
}

// answers runs a predicate on one value of label v, given or not.
func answers(t *testing.T, p Predicate, v Value, there bool) bool {
	t.Helper()
	chain, err := NewChain(Filter(p))
	require.NoError(t, err)
	w := chain.NewWorker(LTSV{})
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

// allocatesNothing runs stages on lines, of which those that are rejected or skipped
// count too; only the error of a rejection may cost memory.
func allocatesNothing(t *testing.T, lines []string, stages ...Stage) {
	t.Helper()
	chain, err := NewChain(stages...)
	require.NoError(t, err)
	w := chain.NewWorker(LTSV{})
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
	assert.Zero(t, testing.AllocsPerRun(100, run))
}

// benchStage measures a stage on one value at a time of label v. Values are set, not
// decoded, so it is the stage alone.
func benchStage(b *testing.B, s Stage, values ...string) {
	b.Helper()
	chain, err := NewChain(s)
	if err != nil {
		b.Fatal(err)
	}
	w := chain.NewWorker(LTSV{})
	if _, err := w.Decode([]byte("v:x")); err != nil {
		b.Fatal(err)
	}
	texts, bytes := make([]Value, len(values)), 0
	for i, v := range values {
		texts[i] = str(v)
		bytes += len(v)
	}
	label, f, i := w.rec.names.named("v"), w.funcs[0], 0
	b.SetBytes(int64(bytes / len(values)))
	b.ReportAllocs()
	for b.Loop() {
		w.rec.arena.reset()
		w.rec.set(label, texts[i])
		if i++; i == len(texts) {
			i = 0
		}
		if err := f(&w.rec); err != nil && err != ErrSkip {
			b.Fatal(err)
		}
	}
}

// benchPlain measures the plain way beside it.
func benchPlain(b *testing.B, do func(string), values ...string) {
	b.Helper()
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		do(values[i])
		if i++; i == len(values) {
			i = 0
		}
	}
}
