package ltsv

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
)

func TestRecordAccess(t *testing.T) {
	var r Record
	assert.Zero(t, r.Len())
	assert.Empty(t, r.Line())
	_, ok := r.Get("a")
	assert.False(t, ok)

	line := []byte("a:1\t\tlong.label-here:2\ta:3\tempty:\tab:4")
	require.NoError(t, r.Parse(line))
	assert.Equal(t, line, r.Line())
	require.Equal(t, 5, r.Len())
	assert.Equal(t, []string{"a=1", "long.label-here=2", "a=3", "empty=", "ab=4"}, pairs(r.All()))
	for i := range r.Len() {
		f := r.At(i)
		assert.Equal(t, f.Label, r.Label(i))
		assert.Equal(t, f.Value, r.Value(i))
	}
	assert.Equal(t, Field{[]byte("long.label-here"), []byte("2")}, r.At(1))
	assert.Panics(t, func() { r.At(5) })
	assert.Panics(t, func() { r.At(-1) })

	for label, want := range map[string]string{"a": "1", "long.label-here": "2", "empty": "", "ab": "4"} {
		v, ok := r.Get(label)
		assert.True(t, ok, label)
		assert.NotNil(t, v, label)
		assert.Equal(t, want, string(v), label)
	}
	for _, label := range []string{"", "A", "b", "a:1", "long", "1", "\ta"} {
		v, ok := r.Get(label)
		assert.False(t, ok, "%q", label)
		assert.Nil(t, v)
	}

	// All stops when it is told to.
	for range r.All() {
		break
	}
}

// TestGetTakesTheWholeLabel: a label that reaches over a colon is no label.
func TestGetTakesTheWholeLabel(t *testing.T) {
	var r Record
	require.NoError(t, r.Parse([]byte("a:b:c\tx:y")))
	_, ok := r.Get("a:b")
	assert.False(t, ok)
	assert.Equal(t, [][]byte{nil, []byte("b:c")}, NewSelector("a:b", "a").Select(nil, &r))
}

func TestCapacityIsClipped(t *testing.T) {
	line := []byte("a:1\tb:2\t\tc:3")
	keep := bytes.Clone(line)
	var r Record
	require.NoError(t, r.Parse(line[:len(line):len(line)]))
	clobber := func(b []byte) { _ = append(b, "XXXX"...) }
	for label, value := range r.All() {
		clobber(label)
		clobber(value)
	}
	for label, value := range Fields(line) {
		clobber(label)
		clobber(value)
	}
	for i := range r.Len() {
		clobber(r.At(i).Label)
		clobber(r.At(i).Value)
	}
	for _, v := range NewSelector("a", "b", "c").Select(nil, &r) {
		clobber(v)
	}
	v, _ := r.Get("a")
	clobber(v)
	clobber(r.Line())
	assert.Equal(t, keep, line)
}

func TestClone(t *testing.T) {
	line := []byte("a:1\tb:2")
	var r Record
	require.NoError(t, r.Parse(line))
	c := r.Clone()
	copy(line, "x:9\ty:8")
	require.NoError(t, r.Parse([]byte("other:1")))
	assert.Equal(t, []string{"a=1", "b=2"}, pairs(c.All()))
	assert.Equal(t, "a:1\tb:2", string(c.Line()))
	require.NoError(t, c.Parse([]byte("c:3")), "a clone is a Record of its own")
	assert.Equal(t, []string{"other=1"}, pairs(r.All()))
}

// TestReusedEqualsNew: no line leaves anything in a Record for the next.
func TestReusedEqualsNew(t *testing.T) {
	var lines [][]byte
	for _, e := range edges {
		lines = append(lines, []byte(e.line))
	}
	lines = append(lines, logtest.Lines(logtest.Nginx)[:50]...)
	eachIndexer(t, func(t *testing.T) {
		var used Record
		for range 3 {
			for _, line := range lines {
				var fresh Record
				errUsed, errFresh := used.Parse(line), fresh.Parse(line)
				assert.Equal(t, errFresh, errUsed)
				assert.Equal(t, pairs(fresh.All()), pairs(used.All()))
			}
		}
		used.Reset()
		assert.Zero(t, used.Len())
		assert.Nil(t, used.Line())
	})
}

// TestRealLogs: every line that a real server wrote keeps to the grammar, and
// what was sent comes back.
func TestRealLogs(t *testing.T) {
	escapings := map[string]Escaping{logtest.Nginx: EscapeNginx, logtest.NginxJSON: EscapeJSON, logtest.Apache: EscapeApache}
	for _, name := range logtest.Names {
		t.Run(name, func(t *testing.T) {
			truth := logtest.Truth(name)
			e := escapings[name]
			n, refused := 0, 0
			for rec, err := range Scan(logtest.Log(name)) {
				require.NoError(t, err)
				require.NoError(t, Valid(rec.Line()))
				for _, label := range logtest.HeaderLabels {
					value, ok := rec.Get(label)
					if !ok {
						require.Equal(t, logtest.NginxJSON+label, name+label, "a label is missing")
						continue
					}
					sent := truth[n].Header(label)
					switch {
					case e.Missing(value) && sent == nil:
					case e.Missing(value) && name == logtest.Apache && truth[n].Status == 400:
						refused++ // Apache does not read the headers of a request that it refuses
					default:
						require.Equal(t, string(sent), string(AppendUnescape(nil, value, e)), "line %d, %s", n+1, label)
					}
				}
				n++
			}
			assert.Equal(t, len(truth), n)
			if name == logtest.Apache {
				assert.Positive(t, refused)
			} else {
				assert.Zero(t, refused)
			}
		})
	}
}

func TestNoAllocations(t *testing.T) {
	lines := logtest.Corpus24(100)
	bad := []byte("a:1\tb:2\t\t\tc:3")
	var r Record
	sel := NewSelector("uri", "status", "reqtime", "forwardedfor", "none")
	var values [][]byte
	var buf []byte
	sum := 0
	work := map[string]func(line []byte){
		"Parse":       func(line []byte) { _ = r.Parse(line) },
		"ParseStrict": func(line []byte) { _ = r.ParseStrict(line) },
		"Valid":       func(line []byte) { _ = Valid(line) },
		"skipping":    func([]byte) { _ = r.Parse(bad) },
		"Fields": func(line []byte) {
			for _, value := range Fields(line) {
				sum += len(value)
			}
		},
		"All": func(line []byte) {
			_ = r.Parse(line)
			for _, value := range r.All() {
				sum += len(value)
			}
		},
		"At": func(line []byte) {
			_ = r.Parse(line)
			for i := range r.Len() {
				sum += len(r.At(i).Value)
			}
		},
		"Get":      func(line []byte) { _ = r.Parse(line); v, _ := r.Get("uri"); sum += len(v) },
		"Selector": func(line []byte) { _ = r.Parse(line); values = sel.Select(values[:0], &r) },
		"unescape": func(line []byte) { buf = AppendUnescape(buf[:0], line, EscapeNginx) },
		"escape":   func(line []byte) { buf = AppendEscape(buf[:0], line, EscapeNginx) },
		"AppendField": func(line []byte) {
			_ = r.Parse(line)
			buf, _ = AppendField(buf[:0], "ua", r.Value(0))
		},
	}
	for name, f := range work {
		i := 0
		for range lines {
			f(lines[i%len(lines)])
			i++
		}
		assert.Zero(t, testing.AllocsPerRun(200, func() {
			f(lines[i%len(lines)])
			i++
		}), name)
	}
}
