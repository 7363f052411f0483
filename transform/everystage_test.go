package transform

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

// everyStage returns a chain of all stages that give the same for a line whatever came
// before it. drop says if records are skipped.
func everyStage(drop bool) []Stage {
	stages := []Stage{
		Missing(ltsv.EscapeNginx),
		Unescape(ltsv.EscapeNginx),
		Time{To: "@timestamp", From: []string{"msec", "time"}, Required: true},
		Time{To: "local", From: []string{"time"}, KeepZone: true, Format: TimeNanos},
		FirstForwarded("forwardedfor", "client"),
		TruncateIP(24, 48, "host", "client"),
		Request{OnlyMissing: true},
		URL{Params: []Param{{"id", "id"}, {"q", "q"}}},
		Path{Patterns: []string{"/up/*"}},
		URL{From: "referer", Scheme: "r.scheme", Host: "r.host", Path: "r.path", Query: "r.query"},
		RefererHost("referer", "referer_host"),
		Bot("ua", "bot"),
		Cookies("cookie", someCookies()),
		Int("status", "size"),
		Float("reqtime", "apptime"),
		Bool("cache"),
		NullTokens([]string{"http"}, "scheme"),
		HashKeyed([]byte("key"), "reqid"),
		Set("site", str("shop")),
		Set("version", Value{KindNumber, []byte("1")}),
		Default("cache", str("none")),
		Copy("host", "network"),
		Rename("ua", "user_agent"),
		Truncate(200),
		If(And(Exists("vhost"), Not(Glob("vhost", "*example*"))), Drop("vhost")),
		If(Or(Match("uri", "^/health$"), Greater("size", 1e6), CIDR("host", netip.MustParsePrefix("10.0.0.0/8"))), Keep("uri")),
		OnError(OnErrorDropField, MaxSize(2000)),
		Drop("msec"),
	}
	if drop {
		stages = append(stages, Filter(Not(Equal("method", "POST"))), SampleByKey("path", 2))
	}
	return stages
}

// TestStagesAreShared: eight workers of one chain, at once and each beginning elsewhere,
// make of a line what one worker does alone: what a stage remembers is its worker's own.
func TestStagesAreShared(t *testing.T) {
	chain := mustChain(t, everyStage(false)...)
	lines := logtest.Lines(logtest.Nginx)[:1500]
	want := make([][]string, len(lines))
	w := chain.NewWorker(LTSV{})
	for i, line := range lines {
		want[i] = process(t, w, string(line))
	}
	var all sync.WaitGroup
	for g := range 8 {
		all.Go(func() {
			w := chain.NewWorker(LTSV{})
			for i := g; i < len(lines); i += 3 {
				rec, err := w.Process(lines[i])
				if err != nil || !assert.Equal(t, want[i], dump(rec)) {
					t.Error(i, err)
					return
				}
			}
		})
	}
	all.Wait()
}

// TestStagesWithStateAreShared: the counts of eight workers of one chain, of stages that
// remember the records before.
func TestStagesWithStateAreShared(t *testing.T) {
	chain := mustChain(t, append([]Stage{
		SampleRandom(0.9, 1), SamplePerGroup("status", 2, 100), RateLimit{Key: "vhost", PerSecond: 1e6, MaxKeys: 8},
	}, everyStage(true)...)...)
	lines := logtest.Lines(logtest.Nginx)[:1000]
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			w := chain.NewWorker(LTSV{})
			for _, line := range lines {
				if _, err := w.Process(line); err != nil && err != ErrSkip {
					t.Error(err)
				}
			}
			s := w.Stats()
			assert.EqualValues(t, len(lines), s.In)
			assert.NotZero(t, s.Out)
			assertCounts(t, s)
		})
	}
	all.Wait()
}

// assertCounts checks that the counts of a worker at rest add up.
func assertCounts(t *testing.T, s Stats) {
	t.Helper()
	assert.Equal(t, s.In, s.Out+s.Skipped+s.Rejected)
	var skipped, rejected int64
	for _, stage := range s.Stages {
		skipped += stage.Skipped
		rejected += stage.Rejected
	}
	assert.Equal(t, s.Skipped, skipped)
	assert.Equal(t, s.Rejected, rejected+s.Undecodable)
}

// TestValuesAreClipped: who appends to a value writes into no other, nor into the input,
// nor into what stages hold for the next record.
func TestValuesAreClipped(t *testing.T) {
	spoiling, fresh := mustChain(t, everyStage(false)...).NewWorker(LTSV{}), mustChain(t, everyStage(false)...).NewWorker(LTSV{})
	for _, line := range logtest.Lines(logtest.Nginx)[:300] {
		src := strings.Clone(string(line))
		want := process(t, fresh, src)
		buf := append([]byte(nil), src...)
		rec, err := spoiling.Process(buf)
		require.NoError(t, err)
		for _, v := range rec.All() {
			_ = append(v.Bytes, "spoiled spoiled spoiled spoiled spoiled"...)
		}
		require.Equal(t, want, dump(rec))
		require.Equal(t, src, string(buf))
	}
}

// randomStage returns a stage on labels, perhaps with others inside.
func randomStage(rnd *rand.Rand, labels []string, depth int) Stage {
	label := func() string { return labels[rnd.IntN(len(labels))] }
	var predicate func(depth int) Predicate
	predicate = func(depth int) Predicate {
		if depth > 0 && rnd.IntN(3) == 0 {
			p, q := predicate(depth-1), predicate(depth-1)
			return []Predicate{And(p, q), Or(p, q), Not(p)}[rnd.IntN(3)]
		}
		return []Predicate{
			Exists(label()), IsNull(label()), Equal(label(), "1"), In(label(), "1", "-"), Prefix(label(), "x"), Suffix(label(), "x"),
			Contains(label(), "x"), Glob(label(), "*x?"), Match(label(), "[0-9]"), Greater(label(), 1), Less(label(), 1),
			Between(label(), 0, 9), CIDR(label(), netip.MustParsePrefix("192.0.2.0/24")),
		}[rnd.IntN(13)]
	}
	if depth > 0 && rnd.IntN(3) == 0 {
		inner := randomStage(rnd, labels, depth-1)
		return []Stage{
			OnError(Policy(rnd.IntN(len(policyNames))), inner),
			If(predicate(depth), inner, randomStage(rnd, labels, depth-1)),
			Named("n", inner),
		}[rnd.IntN(3)]
	}
	all := []Stage{
		Int(label()), Float(label()), Bool(label()), Keep(label(), label(), label()), Drop(label()), Rename(label(), label()),
		Set(label(), str("1")), Set(label(), Value{KindNumber, []byte("7")}), Copy(label(), label()), Default(label(), Null),
		Truncate(rnd.IntN(3), label()), NullTokens([]string{"-"}), Filter(predicate(2)), Missing(ltsv.EscapeNginx), Unescape(ltsv.EscapeNginx),
		Time{To: label(), From: []string{label(), label()}, Required: rnd.IntN(2) == 0, Format: TimeFormat(rnd.IntN(len(timeFormats)))},
		Request{From: label(), OnlyMissing: rnd.IntN(2) == 0}, URL{From: label(), Params: []Param{{"q", "q"}}}, Path{From: label()},
		Cookies(label(), someCookies()), TruncateIP(24, 48, label()), FirstForwarded(label(), label()), HashKeyed([]byte("key"), label()),
		Bot(label(), label()), RefererHost(label(), label()), SampleRandom(0.9, 1), SampleByKey(label(), 2), SamplePerGroup(label(), 2, 4),
		RateLimit{Key: label(), PerSecond: 1, MaxKeys: 4, Now: func() time.Time { return time.Unix(0, 0) }}, MaxSize(1 + rnd.IntN(60)),
		Custom("fails at times", func(r *Record) error {
			if r.Len()%3 == 0 {
				return errors.New("three fields")
			}
			return nil
		}),
	}
	return all[rnd.IntN(len(all))]
}

// TestCountsAddUp runs random chains: in = out + skipped + rejected, always, every error
// has a type, and the record is one, without a label twice.
func TestCountsAddUp(t *testing.T) {
	rnd := rand.New(rand.NewPCG(13, 14))
	labels := []string{"a", "b", "c", "method", "uri", "cookie.uid"}
	lines := []string{
		"a:1", "b:x\tc:-", "bad", "a:1\ta:2\tb:3\tc:4\td:5", ":x", "", "d:\\x22", "a:-\tb:-",
		"a:GET /x?q=1 HTTP/1.1\tmethod:POST\tc:uid=7; theme=x; sess=!", "a:22/Nov/2026:16:00:49 +0000\tb:1795363249.567\tc:192.0.2.1, x",
		"uri:https://www.example.com/users/7?q=%zz\tb:::ffff:192.0.2.7\tc:Googlebot", "a:1e999\tb:true\tc:\xff\tcookie.uid:forged",
	}
	outcomes := map[string]int{}
	for range 2000 {
		var stages []Stage
		for range rnd.IntN(6) {
			stages = append(stages, If(And(), randomStage(rnd, labels, 3))) // in an If labels may be written twice
		}
		chain, err := NewChain(stages...)
		if err != nil { // a stage whose outputs have one label
			require.ErrorIs(t, err, errSameLabel)
			continue
		}
		w := chain.NewWorker(LTSV{})
		var out, skipped, rejected int64
		for range 30 {
			rec, err := w.Process([]byte(lines[rnd.IntN(len(lines))]))
			var syntax *ltsv.SyntaxError
			var stageErr *StageError
			switch {
			case err == nil:
				out++
				seen := map[string]bool{}
				for label := range rec.All() {
					require.False(t, seen[label], "%s twice through %v", label, chain)
					seen[label] = true
				}
				require.Len(t, seen, rec.Len())
			case errors.Is(err, ErrSkip):
				skipped++
			case errors.As(err, &syntax), errors.As(err, &stageErr):
				rejected++
			default:
				require.Fail(t, "untyped error", "%T", err)
			}
		}
		s := w.Stats()
		assert.Equal(t, []int64{30, out, skipped, rejected}, []int64{s.In, s.Out, s.Skipped, s.Rejected}, chain.String())
		assertCounts(t, s)
		outcomes[fmt.Sprint(out > 0, skipped > 0, rejected > s.Undecodable)]++
	}
	assert.Len(t, outcomes, 7, "of records out, skipped and rejected, each alone and with the others")
}
