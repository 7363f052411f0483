package ltsv

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
)

// outcome is what one Read gave, with the positions after it.
func outcome(r *Reader, rec *Record, err error) string {
	if err != nil {
		return fmt.Sprintf("%d %d: %v", r.Line(), r.InputOffset(), err)
	}
	return fmt.Sprintf("%d %d: %s", r.Line(), r.InputOffset(), strings.Join(pairs(rec.All()), " "))
}

func readAll(r *Reader) []string {
	var got []string
	for rec, err := range r.All() {
		got = append(got, outcome(r, rec, err))
	}
	return got
}

var readerTests = []struct {
	name, input string
	set         func(*Reader)
	want        []string
}{
	{"nothing", "", nil, nil},
	{"one line", "a:1\n", nil, []string{"1 4: a=1"}},
	{"last line without LF", "a:1\nb:2", nil, []string{"1 4: a=1", "2 7: b=2"}},
	{"last line with a trailing TAB and no LF", "a:1\t", nil, []string{"1 4: a=1"}},
	{"CR LF", "a:1\r\nb:2\r\n", nil, []string{"1 5: a=1", "2 10: b=2"}},
	{"one CR is taken off", "a:1\r\r\n", nil, []string{"1 6: a=1\r"}},
	{"CR without LF stays", "a:1\r", nil, []string{"1 4: a=1\r"}},
	{"empty lines are skipped and counted", "\n\r\n\na:1\n\n", nil, []string{"4 8: a=1"}},
	{"byte order mark", "\xEF\xBB\xBFa:1\n\xEF\xBB\xBFb:2\n", nil, []string{"1 7: a=1", "2 14: \xEF\xBB\xBFb=2"}},
	{"byte order mark alone", "\xEF\xBB\xBF", nil, nil},
	{"byte order mark behind an empty line", "\n\xEF\xBB\xBFa:1\n", nil, []string{"2 8: \xEF\xBB\xBFa=1"}},
	{"half a byte order mark", "\xEF\xBBa:1\n", nil, []string{"1 6: \xEF\xBBa=1"}},
	{"bad lines cost themselves", "a:1\nbad\nb:2\n:x", nil, []string{
		"1 4: a=1", "2 8: ltsv: line 2, offset 4: column 1: field has no colon",
		"3 12: b=2", "4 14: ltsv: line 4, offset 12: column 1: label is empty"}},
	{"comments are bad lines by default", "# c\na:1\n", nil, []string{
		"1 4: ltsv: line 1, offset 0: column 1: field has no colon", "2 8: a=1"}},
	{"comments", "# c\na:1\n#\n #:2\n", func(r *Reader) { r.Comment = "#" }, []string{"2 8: a=1", "4 15:  #=2"}},
	{"strict", "a:1\tb c:2\na:1\t\n", func(r *Reader) { r.Strict = true }, []string{
		"1 10: ltsv: line 1, offset 0: column 6: label has a byte other than 0-9 A-Z a-z _ . -",
		"2 15: ltsv: line 2, offset 10: column 5: field is empty"}},
	{"offset behind a byte order mark", "\xEF\xBB\xBFbad\n", nil, []string{
		"1 7: ltsv: line 1, offset 3: column 1: field has no colon"}},
	{"long lines", "a:12345678\na:123456789\nb:2\n", func(r *Reader) { r.MaxLineBytes = 10 }, []string{
		"1 11: a=12345678", "2 23: ltsv: line 2, offset 11: line is too long", "3 27: b=2"}},
	{"long lines with CR LF", "a:12345678\r\na:123456789\r\n", func(r *Reader) { r.MaxLineBytes = 10 }, []string{
		"1 12: a=12345678", "2 25: ltsv: line 2, offset 12: line is too long"}},
	{"long line at the end", "a:1\n" + strings.Repeat("x", 100), func(r *Reader) { r.MaxLineBytes = 10 }, []string{
		"1 4: a=1", "2 104: ltsv: line 2, offset 4: line is too long"}},
	{"too many fields", "a:1\tb:2\tc:3\na:1\tb:2", func(r *Reader) { r.MaxFields = 2 }, []string{
		"1 12: ltsv: line 1, offset 0: column 9: line has too many fields", "2 19: a=1 b=2"}},
}

func TestReader(t *testing.T) {
	for _, tt := range readerTests {
		t.Run(tt.name, func(t *testing.T) {
			for name, wrap := range map[string]func(io.Reader) io.Reader{
				"whole":         func(r io.Reader) io.Reader { return r },
				"byte by byte":  iotest.OneByteReader,
				"data with EOF": iotest.DataErrReader,
				"halves":        iotest.HalfReader,
			} {
				r := NewReader(wrap(strings.NewReader(tt.input)))
				if tt.set != nil {
					tt.set(r)
				}
				assert.Equal(t, tt.want, readAll(r), name)
				_, err := r.Read()
				assert.Equal(t, io.EOF, err, "EOF stays")
				assert.EqualValues(t, len(tt.input), r.InputOffset(), "every byte is accounted for")
			}
		})
	}
}

// TestReaderGivesUpLongLines: a line of any length needs no memory beyond the limit.
func TestReaderGivesUpLongLines(t *testing.T) {
	const long = 64 << 20
	input := io.MultiReader(strings.NewReader("a:1\n"), io.LimitReader(endless('x'), long), strings.NewReader("\nb:2\n"))
	r := NewReader(input)
	assert.Equal(t, []string{"1 4: a=1",
		"2 67108869: ltsv: line 2, offset 4: line is too long", "3 67108873: b=2"}, readAll(r))
	assert.LessOrEqual(t, len(r.buf), 2*DefaultMaxLineBytes)
}

type endless byte

func (e endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(e)
	}
	return len(p), nil
}

func TestReaderGrowsToItsLimit(t *testing.T) {
	value := strings.Repeat("v", DefaultMaxLineBytes-2)
	r := NewReader(strings.NewReader("a:" + value + "\r\nb:2\n"))
	rec, err := r.Read()
	require.NoError(t, err)
	assert.Equal(t, value, string(rec.Value(0)))
	rec, err = r.Read()
	require.NoError(t, err)
	assert.Equal(t, []string{"b=2"}, pairs(rec.All()))
}

// TestReaderErrors: what was whole comes first, then the stream's error, which
// stays; the line that it cut is not given out, and can be found again.
func TestReaderErrors(t *testing.T) {
	broken := errors.New("broken")
	r := NewReader(io.MultiReader(strings.NewReader("a:1\nb:2\nc:cut"), iotest.ErrReader(broken)))
	assert.Equal(t, []string{"1 4: a=1", "2 8: b=2", "2 8: broken"}, readAll(r))
	_, err := r.Read()
	assert.Equal(t, broken, err)

	r = NewReader(stuck{})
	_, err = r.Read()
	assert.Equal(t, io.ErrNoProgress, err)

	r = NewReader(liar{})
	_, err = r.Read()
	assert.Error(t, err)
	assert.NotEqual(t, io.EOF, err)
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

type liar struct{}

func (liar) Read(p []byte) (int, error) { return len(p) + 1, nil }

// TestReaderResumes: from InputOffset of any record on, the same records follow.
func TestReaderResumes(t *testing.T) {
	log := append([]byte("\xEF\xBB\xBF"), bytes.Join(logtest.Lines(logtest.Apache)[:50], []byte("\r\nbad\n"))...)
	whole := func(input []byte) (records []string, offsets []int64) {
		r := NewReader(bytes.NewReader(input))
		for rec, err := range r.All() {
			if err == nil {
				records = append(records, string(rec.Line()))
				offsets = append(offsets, r.InputOffset())
			}
		}
		return records, offsets
	}
	records, offsets := whole(log)
	require.Len(t, records, 50)
	for i, off := range offsets {
		rest, _ := whole(log[off:])
		assert.Equal(t, len(records)-i-1, len(rest))
		if len(rest) > 0 {
			assert.Equal(t, records[i+1:], rest)
		}
	}
}

// TestReaderRecordIsValidUntilNextRead poisons the buffer between reads: nothing
// that was handed out before may be needed after.
func TestReaderRecordIsValidUntilNextRead(t *testing.T) {
	lines := logtest.Lines(logtest.Nginx)[:200]
	r := NewReader(iotest.OneByteReader(bytes.NewReader(bytes.Join(lines, []byte("\n")))))
	for i := 0; ; i++ {
		rec, err := r.Read()
		if err == io.EOF {
			assert.Equal(t, len(lines), i)
			return
		}
		require.NoError(t, err)
		assert.Equal(t, string(lines[i]), string(rec.Line()))
		for k := range r.buf[:r.pos] {
			r.buf[k] = 0xAA
		}
	}
}

func TestReaderAllocations(t *testing.T) {
	input := bytes.Repeat(append(bytes.Join(logtest.Corpus24(100), []byte("\n")), '\n'), 10)
	allocs := testing.AllocsPerRun(5, func() {
		n := 0
		r := NewReader(bytes.NewReader(input))
		for {
			if _, err := r.Read(); err != nil {
				break
			}
			n++
		}
		if n != 1000 {
			t.Error(n)
		}
	})
	assert.LessOrEqual(t, allocs, 5.0, "a Reader, its buffer and its spans; nothing a record")
}

// TestReaderStreamErrorsEnd: also one that looks like that of a line.
func TestReaderStreamErrorsEnd(t *testing.T) {
	theirs := &SyntaxError{Line: 7, Err: ErrNoColon}
	r := NewReader(io.MultiReader(strings.NewReader("a:1\n"), iotest.ErrReader(theirs)))
	n := 0
	for _, err := range r.All() {
		if n++; n == 2 {
			assert.Equal(t, theirs, err)
			assert.EqualValues(t, 7, theirs.Line, "somebody else's error stays as it is")
		}
	}
	assert.Equal(t, 2, n)
}

// TestReaderOffsetOfACutLine: the line that the stream's error cut can be found
// again, also when its start has been given up.
func TestReaderOffsetOfACutLine(t *testing.T) {
	r := NewReader(iotest.OneByteReader(io.MultiReader(strings.NewReader("a:1\n"+strings.Repeat("x", 1000)), iotest.ErrReader(io.ErrUnexpectedEOF))))
	r.MaxLineBytes = 10
	_, err := r.Read()
	require.NoError(t, err)
	_, err = r.Read()
	assert.Equal(t, io.ErrUnexpectedEOF, err)
	assert.EqualValues(t, 4, r.InputOffset())
}

// TestReaderLongComments are too long like any other line, however the stream is cut.
func TestReaderLongComments(t *testing.T) {
	for _, wrap := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.DataErrReader} {
		r := NewReader(wrap(strings.NewReader("#23456789\n#" + strings.Repeat("c", 1000) + "\na:1\n")))
		r.Comment, r.MaxLineBytes = "#", 10
		assert.Equal(t, []string{"2 1012: ltsv: line 2, offset 10: line is too long", "3 1016: a=1"}, readAll(r))
	}
}
