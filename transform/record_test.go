package transform

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

func TestRecord(t *testing.T) {
	var r Record
	assert.Zero(t, r.Len())
	assert.False(t, r.Delete("a"))
	assert.False(t, r.Rename("a", "b"))
	_, ok := r.Get("a")
	assert.False(t, ok)
	r.Set("a", str("1"))
	assert.Equal(t, []string{"a=1"}, dump(&r), "a zero Record is ready")

	require.NoError(t, LTSV{}.Decode(&r, []byte("a:1\tb:2\ta:3\tc:")))
	assert.Equal(t, []string{"a=1", "b=2", "c="}, dump(&r))
	assert.Equal(t, 3, r.Len())
	assert.Equal(t, 1, r.Repeated())
	v, ok := r.Get("a")
	assert.True(t, ok)
	assert.Equal(t, str("1"), v)

	r.Set("b", Null)
	r.Set("d", str("4"))
	assert.Equal(t, []string{"a=1", "b=null", "c=", "d=4"}, dump(&r), "in its place, or at the end")
	assert.True(t, r.Rename("c", "z"))
	assert.True(t, r.Rename("a", "d"), "onto a label that is there")
	assert.True(t, r.Rename("d", "d"))
	assert.Equal(t, []string{"d=1", "b=null", "z="}, dump(&r))
	assert.True(t, r.Delete("d"))
	assert.False(t, r.Delete("d"))
	r.Set("d", str("new"))
	r.Set("a", str("new"))
	assert.Equal(t, []string{"b=null", "z=", "d=new", "a=new"}, dump(&r), "what was deleted comes behind the others")
	for range r.All() {
		break
	}

	c := r.Clone()
	require.NoError(t, LTSV{}.Decode(&r, []byte("x:1")))
	assert.Equal(t, []string{"x=1"}, dump(&r))
	assert.Equal(t, []string{"b=null", "z=", "d=new", "a=new"}, dump(c))
	r.Reset()
	assert.Empty(t, dump(&r))
}

// TestRecordEdits compares random edits with a list of pairs.
func TestRecordEdits(t *testing.T) {
	rnd := rand.New(rand.NewPCG(9, 10))
	e := newEdits(t)
	for range 3000 {
		edits := make([]byte, 2*rnd.IntN(40))
		for i := range edits {
			edits[i] = byte(rnd.Uint32())
		}
		e.check(t, edits)
	}
}

func FuzzRecordEdits(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
	f.Add([]byte{3, 0, 2, 0, 3, 0, 9, 1, 12, 2, 0, 3})
	e := newEdits(f)
	f.Fuzz(e.check)
}

// edits is a record, used again and again, whose labels have slots.
type edits struct {
	w     *Worker
	slots []Slot
}

// editLabels hold two that are one label to a record.
var editLabels = []string{"a", "b", "c", "d", "", "x\xff", "x\uFFFD", "longer than eight bytes"}

func newEdits(t testing.TB) *edits {
	e := &edits{}
	e.w = mustChain(t, bindFunc(func(b *Binder) { e.slots = b.Slots(editLabels) })).NewWorker(LTSV{})
	return e
}

// bindFunc is a stage that does nothing but learn its slots.
type bindFunc func(b *Binder)

func (f bindFunc) Bind(b *Binder) (func() Func, error) {
	f(b)
	return func() Func { return func(*Record) error { return nil } }, nil
}

// check makes edits, of two bytes each, by label and by slot, on a record and on a list.
func (e *edits) check(t *testing.T, edits []byte) {
	type pair struct{ label, value string }
	var want []pair
	find := func(label string) int {
		label = strings.ToValidUTF8(label, "\uFFFD")
		return slices.IndexFunc(want, func(p pair) bool { return p.label == label })
	}
	r := &e.w.rec
	r.Reset()
	repeated := 0
	for step := 0; step+1 < len(edits); step += 2 {
		at, to := int(edits[step])%len(editLabels), int(edits[step+1])%len(editLabels)
		label, value := editLabels[at], fmt.Sprint(step)
		i, bySlot := find(label), edits[step+1]&0x80 != 0
		switch edits[step] >> 5 {
		case 0, 1:
			var got bool
			if bySlot {
				got = r.Remove(e.slots[at])
			} else {
				got = r.Delete(label)
			}
			require.Equal(t, i >= 0, got)
			if i >= 0 {
				want = slices.Delete(want, i, i+1)
			}
		case 2, 3:
			var got bool
			if bySlot {
				got = r.Relabel(e.slots[at], e.slots[to])
			} else {
				got = r.Rename(label, editLabels[to])
			}
			require.Equal(t, i >= 0, got)
			if k := find(editLabels[to]); i >= 0 && k != i {
				want[i].label = strings.ToValidUTF8(editLabels[to], "\uFFFD")
				if k >= 0 {
					want = slices.Delete(want, k, k+1)
				}
			}
		case 4:
			var v Value
			var ok bool
			if bySlot {
				v, ok = r.Value(e.slots[at])
			} else {
				v, ok = r.Get(label)
			}
			require.Equal(t, i >= 0, ok)
			if ok {
				require.Equal(t, want[i].value, string(v.Bytes))
			}
		case 5:
			require.Equal(t, i < 0, r.Append([]byte(label), str(value)))
			if i < 0 {
				want = append(want, pair{strings.ToValidUTF8(label, "\uFFFD"), value})
			} else {
				repeated++
			}
		default:
			if bySlot {
				r.SetValue(e.slots[at], str(value))
			} else {
				r.Set(label, str(value))
			}
			if i >= 0 {
				want[i].value = value
			} else {
				want = append(want, pair{strings.ToValidUTF8(label, "\uFFFD"), value})
			}
		}
	}
	wanted := []string{}
	for _, p := range want {
		wanted = append(wanted, p.label+"="+p.value)
	}
	for _, r := range []*Record{r, r.Clone()} {
		require.Equal(t, wanted, dump(r))
		require.Equal(t, len(want), r.Len())
		require.Equal(t, repeated, r.Repeated())
	}
}

// TestLabelsAreForgotten: hostile labels do not fill the memory, and forgetting
// them harms no record.
func TestLabelsAreForgotten(t *testing.T) {
	var r Record
	for i := range 5000 {
		line := fmt.Sprintf("a:%d\tlabel%d:x\tother%d:y\ta:z", i, i, i)
		require.NoError(t, LTSV{}.Decode(&r, []byte(line)))
		require.Equal(t, []string{fmt.Sprint("a=", i), fmt.Sprintf("label%d=x", i), fmt.Sprintf("other%d=y", i)}, dump(&r))
		require.LessOrEqual(t, len(r.names.known), maxNames+10)
	}
}

func TestAlloc(t *testing.T) {
	var r Record
	a := r.Alloc(10)
	copy(a, "0123456789")
	b := r.Alloc(100_000)
	for i := range b {
		b[i] = 'x'
	}
	_ = append(a, "clobber"...)
	assert.Equal(t, "0123456789", string(a))
	assert.Equal(t, len(b), cap(b))
	assert.Equal(t, strings.Repeat("x", 100_000), string(b))
	r.Alloc(2 * arenaKeep)
	r.Reset()
	assert.LessOrEqual(t, cap(r.arena.buf), arenaKeep, "one huge record does not keep its memory")
}

func TestLTSVDecoderLimits(t *testing.T) {
	var r Record
	require.ErrorIs(t, LTSV{MaxFields: 1}.Decode(&r, []byte("a:1\tb:2")), ltsv.ErrTooManyFields)
	require.ErrorIs(t, LTSV{MaxLineBytes: 3}.Decode(&r, []byte("a:12")), ltsv.ErrLineTooLong)
	require.ErrorIs(t, LTSV{Strict: true}.Decode(&r, []byte("a:1\t")), ltsv.ErrEmptyField)
	require.NoError(t, LTSV{}.Decode(&r, []byte("a:1\t")))
	assert.Zero(t, new(Record).Len())
}

func TestLTSVEncoder(t *testing.T) {
	var r Record
	for _, line := range logtest.Lines(logtest.Nginx) {
		require.NoError(t, LTSV{}.Decode(&r, line))
		out, err := LTSVEncoder{}.Append([]byte("kept"), &r)
		require.NoError(t, err)
		require.Equal(t, "kept"+string(line), string(out))
	}
	r.Reset()
	r.Set("a", Null)
	r.Set("b", str("x\ty"))
	out, err := LTSVEncoder{}.Append([]byte("kept"), &r)
	require.ErrorIs(t, err, ltsv.ErrInvalidByte)
	assert.Equal(t, "kept", string(out))
	out, err = LTSVEncoder{Escaping: ltsv.EscapeNginx}.Append(nil, &r)
	require.NoError(t, err)
	assert.Equal(t, `a:	b:x\x09y`, string(out))
}

// TestLongLabelsAreForgotten: what is remembered is bounded in bytes too.
func TestLongLabelsAreForgotten(t *testing.T) {
	var r Record
	for i := range 50 {
		line := strings.Repeat("\xff", 300_000) + fmt.Sprint(i) + ":1"
		require.NoError(t, LTSV{}.Decode(&r, []byte(line)))
		require.Equal(t, 1, r.Len())
		require.LessOrEqual(t, r.names.size, maxNameBytes+4*300_010)
	}
}

func TestLabelsThatAreNotUTF8(t *testing.T) {
	var r Record
	r.Reset()
	r.Set("a\xff", str("1"))
	for _, label := range []string{"a\xff", "a\xfe", "a\uFFFD"} {
		v, ok := r.Get(label)
		assert.True(t, ok, "%q", label)
		assert.Equal(t, "1", string(v.Bytes))
	}
	r.Set("a\xfe", str("2"))
	assert.Equal(t, []string{"a\uFFFD=2"}, dump(&r))
	assert.True(t, r.Rename("a\xfd", "b"))
	assert.True(t, r.Delete("b"))
	assert.Empty(t, dump(&r))
}

// TestAppendAfterEdits: a label that was taken away may come again.
func TestAppendAfterEdits(t *testing.T) {
	var r Record
	r.Reset()
	assert.True(t, r.Append([]byte("a"), str("1")))
	assert.True(t, r.Delete("a"))
	assert.True(t, r.Append([]byte("a"), str("2")))
	assert.True(t, r.Rename("a", "b"))
	assert.True(t, r.Append([]byte("a"), str("3")))
	assert.False(t, r.Append([]byte("b"), str("4")))
	assert.Equal(t, []string{"b=2", "a=3"}, dump(&r))
	assert.Equal(t, 1, r.Repeated())
}

// TestDecodeAfterLabelWithColon: a label that only JSON can have is not taken for that
// of a line.
func TestDecodeAfterLabelWithColon(t *testing.T) {
	var rec Record
	rec.Reset()
	require.True(t, rec.Append([]byte("a:b"), String([]byte("1"))))
	require.NoError(t, LTSV{}.Decode(&rec, []byte("a:b:cdefghijk")))
	v, ok := rec.Get("a")
	require.True(t, ok)
	require.Equal(t, "b:cdefghijk", string(v.Bytes))
}
