package transform

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
)

// assertSelects checks that s finds in r what Get does.
func assertSelects(t *testing.T, s *Selector, r *Record, labels []string) {
	t.Helper()
	values := make([]*Value, len(labels))
	s.Select(values, r)
	for i, label := range labels {
		want, ok := r.Get(label)
		if !ok {
			require.Nil(t, values[i], label)
			continue
		}
		require.NotNil(t, values[i], label)
		require.Equal(t, want, *values[i], label)
	}
}

func TestSelector(t *testing.T) {
	labels := []string{"b", "a", "c", "a", "\xff", ""}
	s := NewSelector(labels...)
	var r, other Record
	assertSelects(t, s, &r, labels) // the zero record
	require.NoError(t, LTSV{}.Decode(&r, []byte("a:1\tb:2\td:3")))
	assertSelects(t, s, &r, labels)
	require.NoError(t, LTSV{}.Decode(&r, []byte("c:1\t\xff:2\ta:3")))
	assertSelects(t, s, &r, labels)
	require.NoError(t, LTSV{}.Decode(&other, []byte("x:1\ta:2\tb:3\tc:4")))
	assertSelects(t, s, &other, labels)
	assertSelects(t, s, &r, labels)
	r.Delete("c")
	assertSelects(t, s, &r, labels)
	r.Rename("a", "b")
	assertSelects(t, s, &r, labels)
	r.Set("a", str("new"))
	r.Set("c", str("again"))
	assertSelects(t, s, &r, labels)
	r.Reset()
	assertSelects(t, s, &r, labels)

	// Names that were forgotten are met anew.
	r.Set("a", str("1"))
	assertSelects(t, s, &r, labels)
	for i := range maxNames + 1 {
		r.Set(fmt.Sprint("label", i), Null)
	}
	r.Reset()
	require.Less(t, len(r.names.known), 10)
	r.Set("a", str("2"))
	assertSelects(t, s, &r, labels)

	// A record that is made anew at the same place is another one.
	r = Record{}
	r.Set("c", str("3"))
	assertSelects(t, s, &r, labels)
}

func TestSelectorInChains(t *testing.T) {
	labels := []string{"status", "@timestamp", "none", "ua", "uid", "path"}
	chain, err := NewChain(Int("status"), Time{To: "@timestamp", From: []string{"time"}}, Request{OnlyMissing: true},
		Rename("uri", "path"), Drop("cookie"), Keep("status", "@timestamp", "ua", "path", "host"))
	require.NoError(t, err)
	w, s := chain.NewWorker(LTSV{}), NewSelector(labels...)
	for _, line := range logtest.Lines(logtest.Nginx) {
		if rec, err := w.Process(line); err == nil {
			assertSelects(t, s, rec, labels)
		}
	}
}

// FuzzSelector changes two records at random.
func FuzzSelector(f *testing.F) {
	f.Add(uint64(1), uint64(2))
	f.Fuzz(func(t *testing.T, seed1, seed2 uint64) {
		rnd := rand.New(rand.NewPCG(seed1, seed2))
		labels := []string{"a", "b", "c", "d", "e"}
		any1 := func() string { return labels[rnd.IntN(len(labels))] }
		s := NewSelector(labels...)
		records := [2]*Record{{}, {}}
		for range 200 {
			r := records[rnd.IntN(2)]
			switch rnd.IntN(8) {
			case 0:
				r.Reset()
			case 1:
				r.Delete(any1())
			case 2:
				r.Rename(any1(), any1())
			case 3:
				r.Append([]byte(any1()), str("appended"))
			case 4:
				*r = *r.Clone()
			case 5:
				r.names.forget()
				r.Reset()
			default:
				r.Set(any1(), str(fmt.Sprint(rnd.IntN(100))))
			}
			assertSelects(t, s, records[rnd.IntN(2)], labels)
		}
	})
}

func TestSelectorAllocs(t *testing.T) {
	var r Record
	s, values := NewSelector("ua", "status", "none"), make([]*Value, 3)
	lines := logtest.Lines(logtest.Nginx)[:100]
	run := func() {
		for _, line := range lines {
			_ = LTSV{}.Decode(&r, line)
			s.Select(values, &r)
		}
	}
	run()
	assert.Zero(t, testing.AllocsPerRun(10, run))
}
