package transform

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

func TestChain(t *testing.T) {
	reason := errors.New("no status")
	calls := 0
	chain, err := NewChain(
		Missing(ltsv.EscapeNginx),
		Unescape(ltsv.EscapeNginx),
		Custom("healthchecks", func(r *Record) error {
			if v, _ := r.Get("uri"); string(v.Bytes) == "/health" {
				return ErrSkip
			}
			return nil
		}),
		CustomEach("status", func() Func {
			calls++
			return func(r *Record) error {
				if _, ok := r.Get("status"); !ok {
					return reason
				}
				return nil
			}
		}),
	)
	require.NoError(t, err)
	assert.Equal(t, "Missing(nginx)\nUnescape(nginx)\nhealthchecks\nstatus\n", chain.String())
	w := chain.NewWorker(LTSV{})
	chain.NewWorker(LTSV{})
	assert.Equal(t, 2, calls, "once a worker")

	rec, err := w.Process([]byte(`status:200	ua:\x22x\x22	ua:y	referer:-	uri:/`))
	require.NoError(t, err)
	assert.Equal(t, []string{"status=200", `ua="x"`, "referer=null", "uri=/"}, dump(rec))
	_, err = w.Process([]byte("status:200\turi:/health"))
	assert.Equal(t, ErrSkip, err)
	_, err = w.Process([]byte("uri:/secret"))
	require.ErrorIs(t, err, reason)
	assert.Equal(t, &StageError{Index: 3, Stage: "status", Err: reason}, err)
	assert.Equal(t, "transform: stage 3, status: no status", err.Error())
	_, err = w.Process([]byte("secret"))
	require.ErrorIs(t, err, ltsv.ErrNoColon)
	stats := func(n int64) Stats {
		return Stats{In: 4 * n, Out: n, Skipped: n, Rejected: 2 * n, Undecodable: n, Repeated: n, Stages: []StageStats{
			{Name: "Missing(nginx)"}, {Name: "Unescape(nginx)"},
			{Name: "healthchecks", Skipped: n}, {Name: "status", Rejected: n},
		}}
	}
	assert.Equal(t, stats(1), w.Stats())
	assert.Equal(t, stats(2), w.Stats().Add(w.Stats()))
	assert.Equal(t, stats(1), Stats{}.Add(w.Stats()))

	rec, err = w.Decode([]byte("uri:/"))
	require.NoError(t, err)
	rec.Set("status", str("200")) // between Decode and Run
	require.NoError(t, w.Run())
	assert.Equal(t, []string{"uri=/", "status=200"}, dump(rec))
}

func TestChainRefuses(t *testing.T) {
	for _, s := range []Stage{nil, Custom("x", nil), CustomEach("x", nil), Unescape(99), Missing(99)} {
		_, err := NewChain(Missing(ltsv.EscapeNginx), s)
		require.Error(t, err)
		assert.Contains(t, err.Error(), "stage 1")
	}
}

// TestUnescapeOnRealLogs: the bytes that were sent come back, and the input stays.
func TestUnescapeOnRealLogs(t *testing.T) {
	for name, e := range map[string]ltsv.Escaping{
		logtest.Nginx: ltsv.EscapeNginx, logtest.NginxJSON: ltsv.EscapeJSON, logtest.Apache: ltsv.EscapeApache,
	} {
		chain := mustChain(t, Missing(e), Unescape(e))
		w := chain.NewWorker(LTSV{Strict: true})
		truth := logtest.Truth(name)
		for i, line := range logtest.Lines(name) {
			before := string(line)
			rec, err := w.Process(line)
			require.NoError(t, err)
			require.Equal(t, before, string(line), "the input was written into")
			for _, label := range logtest.HeaderLabels {
				v, ok := rec.Get(label)
				if !ok {
					continue
				}
				sent := truth[i].Header(label)
				if name == logtest.Apache && truth[i].Status == 400 && v.Kind == KindNull {
					continue // Apache did not read it
				}
				if v.Kind == KindNull { // not sent; nginx-json does not tell that from an empty one
					require.Empty(t, sent)
				} else {
					require.Equal(t, string(sent), string(v.Bytes))
				}
			}
		}
	}
}

func TestKindNames(t *testing.T) {
	for k, want := range map[Kind]string{KindString: "string", KindNumber: "number", KindBool: "bool", KindNull: "null", KindJSON: "JSON", 9: "unknown"} {
		assert.Equal(t, want, k.String())
	}
}
