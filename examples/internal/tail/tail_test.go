package tail

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var quick = Options{Poll: time.Millisecond, Grace: 5 * time.Millisecond}

type log struct {
	t    *testing.T
	path string
}

func newLog(t *testing.T) *log { return &log{t, filepath.Join(t.TempDir(), "access.log")} }

func (l *log) write(text string) {
	l.t.Helper()
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	require.NoError(l.t, err)
	_, err = f.WriteString(text)
	require.NoError(l.t, err)
	require.NoError(l.t, f.Close())
}

func (l *log) rotate(suffix string) {
	require.NoError(l.t, os.Rename(l.path, l.path+suffix))
}

func (l *log) open(m Mark, opts Options) *Follower {
	l.t.Helper()
	f, found, err := Open(l.path, m, opts)
	require.NoError(l.t, err)
	require.True(l.t, found)
	l.t.Cleanup(func() { _ = f.Close() })
	return f
}

// want requires these lines to come next.
func want(t *testing.T, f *Follower, lines ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for _, line := range lines {
		got, err := f.Next(ctx)
		require.NoError(t, err)
		require.Equal(t, line, string(got))
	}
}

// wantNothing requires no line to come for a while.
func wantNothing(t *testing.T, f *Follower) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	line, err := f.Next(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded, "%q", line)
}

func mark(t *testing.T, f *Follower) Mark {
	t.Helper()
	m, err := f.Mark()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "mark")
	require.NoError(t, m.Save(path))
	loaded, err := LoadMark(path)
	require.NoError(t, err)
	require.Equal(t, m, loaded)
	return m
}

func TestFollowsGrowth(t *testing.T) {
	l := newLog(t)
	f := l.open(Mark{}, quick)
	wantNothing(t, f) // there is no file
	l.write("one\ntwo\r\n\nthr")
	want(t, f, "one", "two")
	wantNothing(t, f) // half a line is none
	l.write("ee\n")
	want(t, f, "three")
	assert.False(t, f.Buffered())
	l.write("four\nfive\n")
	want(t, f, "four")
	assert.True(t, f.Buffered())
	want(t, f, "five")
}

func TestFollowsRotation(t *testing.T) {
	l := newLog(t)
	l.write("a\nb\n")
	f := l.open(Mark{}, quick)
	want(t, f, "a")
	l.rotate(".1")
	want(t, f, "b")
	wantNothing(t, f)
	l.write("c\n")
	// The server goes on with the old file until it is told.
	old := &log{t, l.path + ".1"}
	old.write("late\n")
	want(t, f, "late", "c")
	l.rotate(".2")
	l.write("d\n")
	want(t, f, "d")
	assert.Zero(t, f.Torn())
}

func TestRotationTearsALine(t *testing.T) {
	l := newLog(t)
	l.write("a\nhal")
	f := l.open(Mark{}, quick)
	want(t, f, "a")
	l.rotate(".1")
	l.write("b\n")
	want(t, f, "b")
	assert.EqualValues(t, 1, f.Torn())
}

func TestFollowsTruncation(t *testing.T) {
	l := newLog(t)
	l.write("first\nsecond\nhal")
	f := l.open(Mark{}, quick)
	want(t, f, "first", "second")
	wantNothing(t, f)
	require.NoError(t, os.Truncate(l.path, 0))
	l.write("new\n")
	want(t, f, "new")
	assert.EqualValues(t, 1, f.Torn())
}

func TestLongLines(t *testing.T) {
	l := newLog(t)
	long := strings.Repeat("x", 200_000)
	l.write(long + "\nshort\n" + strings.Repeat("y", 11) + "\n" + strings.Repeat("z", 10) + "\r\n")
	opts := quick
	opts.MaxLine = 10
	f := l.open(Mark{}, opts)
	want(t, f, "short", strings.Repeat("z", 10))
	assert.EqualValues(t, 2, f.TooLong())
	l.write(long)
	wantNothing(t, f)
	assert.LessOrEqual(t, cap(f.buf), 4*chunk, "a line that is left out is not kept")
	l.write("\nend\n")
	want(t, f, "end")
	assert.EqualValues(t, 3, f.TooLong())
}

func TestGoesOnFromItsMark(t *testing.T) {
	l := newLog(t)
	l.write("a\nb\nc\n")
	f := l.open(Mark{}, quick)
	assert.Equal(t, Mark{}, mark(t, f))
	want(t, f, "a", "b")
	m := mark(t, f)
	require.NoError(t, f.Close())

	want(t, l.open(m, quick), "c")

	// Rotated twice while nobody looked.
	l.write("d\n")
	l.rotate(".2")
	l.write("e\n")
	l.rotate(".1")
	l.write("f\n")
	older := time.Now().Add(-time.Hour)
	require.NoError(t, os.Chtimes(l.path+".2", older, older))
	other := &log{t, l.path + ".state"}
	other.write("not a log\n")
	f = l.open(m, quick)
	want(t, f, "c", "d", "e", "f")
	m = mark(t, f)
	l.write("g\n")
	want(t, l.open(m, quick), "g")
}

func TestMarkOfAFileThatIsGone(t *testing.T) {
	l := newLog(t)
	l.write("a\nb\n")
	f := l.open(Mark{}, quick)
	want(t, f, "a")
	m := mark(t, f)
	require.NoError(t, os.Remove(l.path))
	l.write("new\n")
	f, found, err := Open(l.path, m, quick)
	require.NoError(t, err)
	assert.False(t, found)
	want(t, f, "new")
	require.NoError(t, f.Close())
}

func TestLoadMarkRefusesNonsense(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mark")
	m, err := LoadMark(path)
	require.NoError(t, err)
	assert.Equal(t, Mark{}, m)
	for _, text := range []string{"", "{", `{"offset":-1}`, `{"offset":5,"head":6}`, `{"offset":99999,"head":9999}`} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err = LoadMark(path)
		assert.Error(t, err, text)
	}
}

// TestNothingIsLost has a log written in pieces and rotated at random, and started anew from its last mark at random.
func TestNothingIsLost(t *testing.T) {
	for seed := range uint64(20) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		l := newLog(t)
		f := l.open(Mark{}, quick)
		l.write("line 000000 \n")
		written, read, rotations := 1, wantNumbered(t, f, 0), 0
		for step := 0; step < 300; step++ {
			switch n := rnd.IntN(20); {
			case n < 12:
				line := fmt.Sprintf("line %06d %s\n", written, strings.Repeat(".", rnd.IntN(300)))
				cut := rnd.IntN(len(line))
				l.write(line[:cut])
				if rnd.IntN(3) == 0 && f.Buffered() {
					read = wantNumbered(t, f, read)
				}
				l.write(line[cut:])
				written++
			case n < 17 && read < written:
				read = wantNumbered(t, f, read)
			case n == 17:
				rotations++
				if _, err := os.Stat(l.path); err == nil {
					l.rotate(fmt.Sprintf(".%d", rotations))
					when := time.Now().Add(time.Duration(rotations-1000) * time.Second)
					require.NoError(t, os.Chtimes(fmt.Sprintf("%s.%d", l.path, rotations), when, when))
				}
				l.write("")
			case n == 18:
				m := mark(t, f)
				require.NoError(t, f.Close())
				f = l.open(m, quick)
				if m.Offset == 0 && read > 0 {
					t.Fatal("a mark at the beginning after", read, "lines")
				}
			}
		}
		for read < written {
			read = wantNumbered(t, f, read)
		}
		require.Zero(t, f.Torn())
	}
}

func wantNumbered(t *testing.T, f *Follower, n int) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	line, err := f.Next(ctx)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(line), fmt.Sprintf("line %06d ", n)), "%s is not line %d", line, n)
	return n + 1
}
