package transform

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

func TestFieldStages(t *testing.T) {
	const line = "a:1\tb:2\tc:3"
	assertStages(t, line, "a=1 c=3", Keep("c", "a", "none"))
	assertStages(t, line, "", Keep("none"))
	assertStages(t, line, "b=2", Drop("a", "c", "none"))
	assertStages(t, line, "a=1 c=2", Rename("b", "c"))
	assertStages(t, line, "a=1 b=2 c=3", Rename("none", "c"))
	assertStages(t, line, "a=1 x=2 c=3", Rename("b", "x"))
	assertStages(t, line, "a=1 b=x c=3 d=number(4)", Set("b", str("x")), Set("d", Value{KindNumber, []byte("4")}))
	assertStages(t, line, "a=1 b=2 c=1 d=2", Copy("a", "c"), Copy("b", "d"), Copy("none", "a"))
	assertStages(t, "a:\tb:-", "a= b=x c=y", Missing(ltsv.EscapeNginx), Default("a", str("z")), Default("b", str("x")), Default("c", str("y")))
	assertStages(t, line, "c=3 a=new", Drop("a", "b"), Set("a", str("new")))
	assertStages(t, line, "a=2 c=3", Rename("b", "a"), Keep("a", "c"))
}

func TestTruncate(t *testing.T) {
	for n, want := range map[int]string{0: "", 1: "a", 2: "a", 3: "a", 4: "a化", 5: "a化", 6: "a化", 7: "a化粧", 8: "a化粧z", 9: "a化粧z"} {
		assertStages(t, "x:a化粧z\ty:b", strings.TrimSpace("x="+want+" y="+"b"[:min(n, 1)]), Truncate(n))
		assertStages(t, "x:a化粧z\ty:b", "x="+want+" y=b", Truncate(n, "x"))
	}
	for text, want := range map[string][]string{ // by n, from 0
		"化":                    {"", "", "", "化"},
		"a😀":                   {"", "a", "a", "a", "a", "a😀"},
		"é😀":                   {"", "", "é", "é", "é", "é", "é😀"},
		"\xff\xfe\xfd":         {"", "\xff", "\xff\xfe"},
		"\x80\x80\x80\x80\x80": {"", "\x80", "\x80\x80", "\x80\x80\x80", "\x80\x80\x80\x80"},
		"é\x80\x80":            {"", "", "é", "é\x80", "é\x80\x80"}, // one sequence, and bytes behind it
		"\xf0\x9f\x98":         {"", "\xf0", "\xf0\x9f", "\xf0\x9f\x98"},
	} {
		for n, want := range want {
			assertStages(t, "x:"+text, "x="+want, Truncate(n, "x"))
		}
	}
}

func TestInt(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "000": "0", "009": "9", "42": "42", "-7": "-7", "+7": "7", "-007": "-7", "-0": "0", "-000": "0",
		"9223372036854775807": "9223372036854775807", "-9223372036854775808": "-9223372036854775808",
		"00000000000000000000012": "12",
	} {
		assertStages(t, "a:"+in, "a=number("+want+")", Int("a"))
	}
	for _, in := range []string{"", "-", "+", "1.0", "1e3", " 1", "1 ", "0x1", "NaN", "9223372036854775808",
		"-9223372036854775809", "99999999999999999999", "１", "1,2", "--1", "+-1"} {
		assertStages(t, "a:"+in, "a=null", Int("a"))
	}
	assertStages(t, "a:1\tb:x", "a=number(1) b=null", Int("a", "b", "none"))
	assertStages(t, "a:1", "a=number(1)", Int("a"), Int("a"))
}

func TestFloat(t *testing.T) {
	for in, want := range map[string]string{
		"0.000": "0.000", "0": "0", "1": "1", "-1.50": "-1.50", "1e3": "1e3", "1.5E-07": "1.5E-07", "1e+3": "1e+3",
		"007": "7", "00.5": "0.5", "-00.5": "-0.5", "-0": "-0", "1e308": "1e308",
		"0.001, 0.002 : -": "0.002", "0.001, 0.002 : 0.003": "0.003", "0.001,-": "0.001", "0.1 : 0.2": "0.2", "-, 5": "5",
		strings.Repeat("1", 300): strings.Repeat("1", 300),
	} {
		assertStages(t, "a:"+in, "a=number("+want+")", Float("a"))
	}
	for _, in := range []string{"", "-", "-, -", "- : -", ".5", "1.", "1.e3", "1e", "1e+", "NaN", "Inf", "-Infinity", "1e999", "0x1p3",
		"1_000", "+1", "1 2", "--1", "1e3.5", strings.Repeat("1", 400), "１"} {
		assertStages(t, "a:"+in, "a=null", Float("a"))
	}
}

// TestFloatOverflow compares with strconv, about the place where numbers end.
func TestFloatOverflow(t *testing.T) {
	below, ok := new(big.Int).SetString(tooLarge, 10)
	require.True(t, ok)
	limit := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 1024), new(big.Int).Lsh(big.NewInt(1), 970))
	require.Equal(t, limit.String(), tooLarge)
	below.Sub(below, big.NewInt(1))
	texts := []string{
		"1.7976931348623157e308", "1.7976931348623158e308", "1.7976931348623159e308", "0.17976931348623159e309", "1e308", "1e309", "9e307",
		"0e999", "0.0e99999999999999999999", "1e-999", "1e-99999999999999999999", "1e99999999999999999999", "1e+0308", "1E+0309",
		"0.00000000001e319", "0.00000000001e320", "100000000000e297", "100000000000e298", "1e", "1e+", "1e1x",
		strings.Repeat("0", 400) + "1", strings.Repeat("9", 308), strings.Repeat("9", 309), "0." + strings.Repeat("0", 400) + "1e700",
		"0." + strings.Repeat("0", 400) + "1e710",
	}
	for _, n := range []string{tooLarge, below.String()} {
		for _, n := range []string{n, n + ".0", n + ".9", n + "0", n[:308], n + "e0", "00" + n} {
			texts = append(texts, n, n+"e-1", n+"e1")
		}
		for _, at := range []int{1, 17, 300, 308} {
			texts = append(texts, fmt.Sprintf("%s.%se%d", n[:at], n[at:], 309-at), fmt.Sprintf("%s.%s1e%d", n[:at], n[at:], 309-at),
				fmt.Sprintf("0.000%se%d", n, 312), fmt.Sprintf("%s.%se%d", n[:at], n[at:], 310-at))
		}
	}
	for _, s := range texts {
		_, err := strconv.ParseFloat(s, 64)
		assert.Equal(t, err == nil, isFloat([]byte(s)), s)
	}
	lines := make([]string, len(texts))
	for i, s := range texts {
		lines[i] = "a:" + s + ", " + s
	}
	allocatesNothing(t, lines, Float("a"))
}

func TestBool(t *testing.T) {
	for _, in := range []string{"true", "TRUE", "True", "t", "yes", "Y", "on", "1"} {
		assertStages(t, "a:"+in, "a=bool(true)", Bool("a"))
	}
	for _, in := range []string{"false", "F", "no", "N", "oFF", "0"} {
		assertStages(t, "a:"+in, "a=bool(false)", Bool("a"))
	}
	for _, in := range []string{"", "-", "2", "truee", "o", "nope", "ｔ"} {
		assertStages(t, "a:"+in, "a=null", Bool("a"))
	}
}

func TestNullTokens(t *testing.T) {
	assertStages(t, "a:-\tb:a-b\tc:N/A\td:", "a=null b=a-b c=null d=", NullTokens([]string{"-", "N/A"}))
	assertStages(t, "a:-\tb:-", "a=null b=-", NullTokens([]string{"-"}, "a"))
}

func TestEscapingOnNamedFields(t *testing.T) {
	assertStages(t, `a:\x22	b:\x22	c:-	d:-`, `a=" b=\x22 c=null d=-`, Missing(ltsv.EscapeNginx, "c"), Unescape(ltsv.EscapeNginx, "a"))
}

func TestPolicies(t *testing.T) {
	const line = "a:1\tb:x\tc:3"
	stage := Int("a", "b", "c")
	assertStages(t, line, "a=number(1) b=null c=number(3)", stage)
	assertStages(t, line, "a=number(1) b=null c=number(3)", OnError(OnErrorNull, stage))
	assertStages(t, line, "a=number(1) b=x c=number(3)", OnError(OnErrorKeep, stage))
	assertStages(t, line, "a=number(1) c=number(3)", OnError(OnErrorDropField, stage))
	_, err := through(t, line, OnError(OnErrorSkip, stage))
	assert.Equal(t, ErrSkip, err)
	_, err = through(t, line, OnError(OnErrorReject, stage))
	assert.Equal(t, &StageError{Index: 0, Stage: `OnError(OnErrorReject, Int("a", "b", "c"))`, Label: "b", Err: errNotInt}, err)
	assert.Equal(t, `transform: stage 0, OnError(OnErrorReject, Int("a", "b", "c")), label b: not an integer`, err.Error())
	assert.NotErrorIs(t, err, ErrFatal)
	_, err = through(t, line, Set("z", str("1")), Named("ints", OnError(OnErrorFail, stage)))
	require.ErrorIs(t, err, ErrFatal)
	require.ErrorIs(t, err, errNotInt)
	assert.Equal(t, "transform: stage 1, ints, label b: not an integer", err.Error())

	// The innermost OnError counts, and it ends where it ends.
	assertStages(t, "a:x\tb:x", "a=x b=null", OnError(OnErrorKeep, Int("a")), Int("b"))
	assertStages(t, "a:x\tb:x", "b=x", OnError(OnErrorKeep, If(And(), OnError(OnErrorDropField, Int("a")), Int("b"))))

	// Custom stages have no value of their own.
	broken := Custom("broken", func(r *Record) error { r.Set("seen", str("1")); return errors.New("broken") })
	for _, p := range []Policy{OnErrorNull, OnErrorKeep, OnErrorDropField} {
		assertStages(t, "a:1", "a=1 seen=1", OnError(p, broken))
	}
	_, err = through(t, "a:1", OnError(OnErrorSkip, broken))
	assert.Equal(t, ErrSkip, err)
	_, err = through(t, "a:1", OnError(OnErrorFail, broken))
	assert.ErrorIs(t, err, ErrFatal)
	_, err = through(t, "a:1", broken)
	assert.EqualError(t, err, "transform: stage 0, broken: broken")
	assertStages(t, "a:1", "a=1", OnError(OnErrorNull, Custom("fine", func(*Record) error { return nil })))
	_, err = through(t, "a:1", OnError(OnErrorNull, Filter(Not(And()))))
	assert.Equal(t, ErrSkip, err, "skipping is not failing")
}

func TestFailuresAreCounted(t *testing.T) {
	chain := mustChain(t, Int("a", "b"), OnError(OnErrorKeep, Float("c")), OnError(OnErrorReject, Bool("d")), Filter(Not(Exists("e"))))
	w := chain.NewWorker(LTSV{})
	for _, line := range []string{"a:x\tb:x", "c:x", "d:x", "e:x", "a:1", "bad"} {
		_, _ = w.Process([]byte(line))
	}
	s := w.Stats()
	assert.Equal(t, []int64{6, 3, 1, 2, 1}, []int64{s.In, s.Out, s.Skipped, s.Rejected, s.Undecodable})
	assert.EqualValues(t, 2, s.Stages[0].Failed)
	assert.EqualValues(t, 1, s.Stages[1].Failed)
	assert.Equal(t, StageStats{Name: "OnError(OnErrorReject, Bool(\"d\"))", Rejected: 1, Failed: 1}, s.Stages[2])
	assert.EqualValues(t, 1, s.Stages[3].Skipped)
}

func TestPredicates(t *testing.T) {
	const line = "status:404\turi:/health\tnone:-"
	for _, tt := range []struct {
		p    Predicate
		want bool
	}{
		{Exists("status"), true},
		{Exists("nope"), false},
		{Exists("none"), true},
		{Equal("status", "404"), true},
		{Equal("status", "40"), false},
		{Equal("nope", ""), false},
		{Equal("none", "-"), false},
		{In("status", "200", "404"), true},
		{In("status", "200"), false},
		{In("status"), false},
		{In("none", "-"), false},
		{Prefix("uri", "/he"), true},
		{Prefix("uri", "/x"), false},
		{Prefix("uri", ""), true},
		{Prefix("nope", ""), false},
		{And(), true},
		{Or(), false},
		{And(Exists("status"), Exists("uri")), true},
		{And(Exists("status"), Exists("nope")), false},
		{Or(Exists("nope"), Exists("uri")), true},
		{Or(Exists("nope"), Not(Exists("uri"))), false},
		{Not(And(Exists("nope"), Equal("status", "1"))), true},
	} {
		p, want := tt.p, tt.want
		want1 := "kept=1"
		if !want {
			want1 = ""
		}
		got, err := through(t, line, Missing(ltsv.EscapeNginx), If(p, Set("kept", str("1"))), Keep("kept"))
		require.NoError(t, err)
		assert.Equal(t, want1, got, predicateName(p))
		_, err = through(t, line, Missing(ltsv.EscapeNginx), Filter(p))
		assert.Equal(t, want, err == nil, predicateName(p))
	}
}

func TestStrings(t *testing.T) {
	chain, err := NewChain(
		Missing(ltsv.EscapeNginx), Unescape(ltsv.EscapeNginx, "ua"),
		If(And(Exists("a"), Not(Or(Equal("b", "1"), In("c", "x", "y"), Prefix("d", "/")))), Set("z", str("v")), Drop("a")),
		Filter(Exists("a")), Int("a", "b"), Float("c"), Bool("d"), NullTokens([]string{"-"}, "e"),
		Keep("a", "b"), Rename("a", "x"), Default("b", Null), Copy("b", "y"), Truncate(10), Truncate(5, "x"),
		Named("mine", Int("n")), OnError(OnErrorSkip, Int("m")),
	)
	require.NoError(t, err)
	assert.Equal(t, `Missing(nginx)
Unescape(nginx, "ua")
If(And(Exists("a"), Not(Or(Equal("b", "1"), In("c", "x", "y"), Prefix("d", "/")))), Set("z", string "v"), Drop("a"))
Filter(Exists("a"))
Int("a", "b")
Float("c")
Bool("d")
NullTokens([]string{"-"}, "e")
Keep("a", "b")
Rename("a", "x")
Default("b", null "")
Copy("b", "y")
Truncate(10)
Truncate(5, "x")
mine
OnError(OnErrorSkip, Int("m"))
`, chain.String())
	assert.Equal(t, "Policy(99)", Policy(99).String())
}

func TestMistakesShowInNewChain(t *testing.T) {
	for _, s := range []Stage{
		Keep(), Keep(""), Drop(), Drop("a", ""), Rename("", "a"), Rename("a", ""), Set("", Null), Set("a", Value{Kind: 9}),
		Set("a", Value{Kind: KindNumber}), Set("a", Value{KindNumber, []byte("007")}), Set("a", Value{KindNumber, []byte("true")}),
		Set("a", Value{KindNumber, []byte(" 1")}), Set("a", Value{KindNumber, []byte("1 ")}),
		Set("a", Value{KindBool, []byte("1")}), Set("a", Value{KindJSON, []byte("{")}), Set("a", Value{KindJSON, []byte("[1,\n2]")}),
		Default("", Null), Default("a", Value{Kind: 9}), Copy("", "a"), Copy("a", ""), Truncate(-1), Int(), Float(""), Bool(),
		NullTokens(nil, ""), Unescape(ltsv.EscapeNginx, ""), Named("x", nil), OnError(OnErrorNull, nil), OnError(99, Int("a")),
		If(nil, Int("a")), If(Exists("")), If(And(), nil), If(And(), Int()), Filter(nil), Filter(And(nil)), Filter(Not(nil)),
		Filter(Equal("", "x")), OnError(OnErrorNull, Int()),
	} {
		_, err := NewChain(s)
		assert.Error(t, err, "%v", s)
	}
	// Two stages that add one label are a mistake.
	_, err := NewChain(Set("a", Null), Copy("b", "a"))
	assert.ErrorContains(t, err, `stage 1, Copy("b", "a"): label a is written by stage 0 already`)
	_, err = NewChain(Rename("x", "a"), Rename("y", "a"))
	assert.Error(t, err)
	_, err = NewChain(Set("a", Null), Keep("a"), Set("a", Null))
	assert.Error(t, err)
	for _, stages := range [][]Stage{
		{Set("a", Null), Drop("a"), Set("a", Null)},
		{Set("a", Null), Rename("a", "b"), Set("a", Null)},
		{If(Exists("x"), Set("a", Null)), If(Not(Exists("x")), Set("a", Null))},
		{Set("a", Null), If(Exists("x"), Set("a", Null))},
		{Set("a", Null), Default("a", Null)},
		{Set("a", Null), Keep("b"), Set("a", Null)},
		{Copy("f", "a"), FirstForwarded("a", "a")}, // in place: it adds nothing
		{Copy("f", "a"), RefererHost("a", "a")},
		{Copy("f", "a"), Bot("a", "a")},
	} {
		_, err := NewChain(stages...)
		assert.NoError(t, err, "%v", stages)
	}
}

// TestSlots: a stage of a user's own, by slots, sees what stages by label do.
func TestSlots(t *testing.T) {
	chain, err := NewChain(Set("a", str("1")), slotStage{}, Custom("by label", func(r *Record) error {
		v, _ := r.Get("sum")
		r.Set("sum", str(string(v.Bytes)+"!"))
		r.Delete("b")
		return nil
	}), slotStage2{})
	require.NoError(t, err)
	w := chain.NewWorker(LTSV{})
	for i := range 3 {
		rec, err := w.Process([]byte("b:2\tc:3"))
		require.NoError(t, err)
		assert.Equal(t, []string{"renamed=3", "a=1", "sum=12!"}, dump(rec), i)
	}
	// Also after hostile labels have made the record forget the others.
	for i := range 3 * maxNames {
		_, err := w.Process([]byte("b:2\tc:3\thostile" + strconv.Itoa(i) + ":x"))
		require.NoError(t, err)
	}
	rec, err := w.Process([]byte("b:2\tc:3"))
	require.NoError(t, err)
	assert.Equal(t, []string{"renamed=3", "a=1", "sum=12!"}, dump(rec))
	assert.LessOrEqual(t, len(rec.names.known), maxNames+10)
}

type slotStage struct{}

func (slotStage) Bind(b *Binder) (func() Func, error) {
	from, sum := b.Slots([]string{"a", "b", "nope"}), b.Output("sum")
	return func() Func {
		return func(r *Record) error {
			var all []byte
			for _, s := range from {
				if v, ok := r.Value(s); ok {
					all = append(all, v.Bytes...)
				}
			}
			r.SetValue(sum, String(all))
			return nil
		}
	}, nil
}

type slotStage2 struct{}

func (slotStage2) Bind(b *Binder) (func() Func, error) {
	gone, c, renamed := b.Slot("b"), b.Slot("c"), b.Output("renamed")
	return func() Func {
		return func(r *Record) error {
			if r.Remove(gone) {
				return errors.New("b was there")
			}
			if !r.Relabel(c, renamed) || r.Relabel(gone, c) {
				return errors.New("c was not there")
			}
			return nil
		}
	}, nil
}

// TestStatsWhileWorking: whoever counts while the worker works gets no result before
// its record, and none below zero.
func TestStatsWhileWorking(t *testing.T) {
	w := mustChain(t, OnError(OnErrorReject, Int("a")), Filter(Not(Equal("a", "1")))).NewWorker(LTSV{})
	var all sync.WaitGroup
	var done atomic.Bool
	all.Go(func() {
		for !done.Load() {
			s := w.Stats()
			if s.In < s.Out+s.Skipped+s.Rejected || s.Undecodable > s.Rejected || s.Undecodable < 0 {
				t.Errorf("%+v", s)
				return
			}
		}
	})
	for range 20_000 {
		for _, line := range []string{"a:x", "a:1", "a:2", "bad"} {
			_, _ = w.Process([]byte(line))
		}
	}
	done.Store(true)
	all.Wait()
	s := w.Stats()
	assert.Equal(t, []int64{80_000, 20_000, 20_000, 40_000, 20_000}, []int64{s.In, s.Out, s.Skipped, s.Rejected, s.Undecodable})
}

func TestStagesAllocateNothing(t *testing.T) {
	chain, err := NewChain(Missing(ltsv.EscapeNginx), Unescape(ltsv.EscapeNginx), Int("status", "size", "neg"), Float("reqtime", "apptime"),
		Bool("bot"), NullTokens([]string{"x"}), If(Exists("a"), Set("b", Null)), Copy("uri", "path"), Rename("ua", "agent"),
		Truncate(20), Drop("time"), Filter(Not(Equal("status", "1"))), Default("z", Null))
	require.NoError(t, err)
	w := chain.NewWorker(LTSV{})
	line := []byte(`time:22/Nov/2026:16:00:49 +0000	status:200	size:-	neg:-007	reqtime:0.001	apptime:0.1, 0.2 : -	bot:Yes	uri:/a	ua:\x22x\x22`)
	run := func() {
		if _, err := w.Process(line); err != nil {
			t.Error(err)
		}
	}
	run()
	assert.Zero(t, testing.AllocsPerRun(100, run))
}

func FuzzNumbers(f *testing.F) {
	for _, s := range []string{"0", "-007", "1e308", "0.001, 0.002 : -", "9223372036854775808", "00.5", "NaN"} {
		f.Add(s)
	}
	chain, err := NewChain(Copy("a", "i"), Copy("a", "f"), Int("i"), Float("f"))
	if err != nil {
		f.Fatal(err)
	}
	w := chain.NewWorker(LTSV{})
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsAny(s, "\t") {
			return
		}
		rec, err := w.Process([]byte("a:" + s))
		if err != nil {
			t.Fatal(err)
		}
		i, _ := rec.Get("i")
		want, err := strconv.ParseInt(s, 10, 64)
		if (err == nil) != (i.Kind == KindNumber) || err == nil && strconv.FormatInt(want, 10) != string(i.Bytes) {
			t.Fatalf("Int of %q: %v %q", s, i.Kind, i.Bytes)
		}
		v, _ := rec.Get("f")
		if v.Kind != KindNumber {
			return
		}
		n, err := strconv.ParseFloat(string(v.Bytes), 64)
		if err != nil || math.IsInf(n, 0) || math.IsNaN(n) {
			t.Fatalf("Float of %q: %q", s, v.Bytes)
		}
		if plain, err := strconv.ParseFloat(s, 64); err == nil && plain != n && !strings.ContainsAny(s, "_xXpP") {
			t.Fatalf("Float of %q: %q", s, v.Bytes)
		}
	})
}

// TestWrappedSkip: a reason behind ErrSkip does not make it a rejection.
func TestWrappedSkip(t *testing.T) {
	chain := mustChain(t, OnError(OnErrorReject, Custom("s", func(*Record) error { return fmt.Errorf("not wanted: %w", ErrSkip) })))
	w := chain.NewWorker(LTSV{})
	_, err := w.Process([]byte("a:1"))
	assert.Equal(t, ErrSkip, err)
	assert.EqualValues(t, 1, w.Stats().Skipped)
	assert.Zero(t, w.Stats().Rejected)
}
