package ltsv

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pair is a field as the tests write it: "label=value", and "label" alone for a
// nil value.
func pair(label, value []byte) string {
	if value == nil {
		return string(label)
	}
	return string(label) + "=" + string(value)
}

func pairs(seq func(func(label, value []byte) bool)) []string {
	got := []string{}
	for label, value := range seq {
		got = append(got, pair(label, value))
	}
	return got
}

// A reading is what is expected of one way to read a line: fields, or an error at
// a column.
type reading struct {
	fields []string
	err    error
	column int
}

func fields(f ...string) reading {
	if f == nil {
		f = []string{}
	}
	return reading{fields: f}
}

func fails(err error, column int) reading { return reading{err: err, column: column} }

// edges are the lines on which parsers differ, each with the answer of the three
// readings.
var edges = []struct {
	name                     string
	line                     string
	lenient, checked, strict reading
}{
	{"empty line", "", fields(), fields(), fields()},
	{"one field", "a:1", fields("a=1"), fields("a=1"), fields("a=1")},
	{"two fields", "a:1\tb:2", fields("a=1", "b=2"), fields("a=1", "b=2"), fields("a=1", "b=2")},
	{"no colon", "a:1\tnope\tb:2", fields("a=1", "nope", "b=2"), fails(ErrNoColon, 5), fails(ErrNoColon, 5)},
	{"no colon at the end", "a:1\tnope", fields("a=1", "nope"), fails(ErrNoColon, 5), fails(ErrNoColon, 5)},
	{"no colon at all", "nope", fields("nope"), fails(ErrNoColon, 1), fails(ErrNoColon, 1)},
	{"empty label", ":x\tb:2", fields("=x", "b=2"), fails(ErrEmptyLabel, 1), fails(ErrEmptyLabel, 1)},
	{"empty label later", "a:1\t:x", fields("a=1", "=x"), fails(ErrEmptyLabel, 5), fails(ErrEmptyLabel, 5)},
	{"colon alone", ":", fields("="), fails(ErrEmptyLabel, 1), fails(ErrEmptyLabel, 1)},
	{"empty value", "a:", fields("a="), fields("a="), fields("a=")},
	{"empty value in the middle", "a:\tb:2", fields("a=", "b=2"), fields("a=", "b=2"), fields("a=", "b=2")},
	{"colon in the value", "a:b:c", fields("a=b:c"), fields("a=b:c"), fields("a=b:c")},
	{"colon starts the value", "a::b", fields("a=:b"), fields("a=:b"), fields("a=:b")},
	{"repeated label", "a:1\ta:2", fields("a=1", "a=2"), fields("a=1", "a=2"), fields("a=1", "a=2")},
	{"leading TAB", "\ta:1", fields("a=1"), fields("a=1"), fails(ErrEmptyField, 1)},
	{"double TAB", "a:1\t\tb:2", fields("a=1", "b=2"), fields("a=1", "b=2"), fails(ErrEmptyField, 5)},
	{"trailing TAB", "a:1\t", fields("a=1"), fields("a=1"), fails(ErrEmptyField, 5)},
	{"TABs alone", "\t\t", fields(), fields(), fails(ErrEmptyField, 1)},
	{"many TABs everywhere", "\t\ta:1\t\t\tb:2\t\t", fields("a=1", "b=2"), fields("a=1", "b=2"), fails(ErrEmptyField, 1)},
	{"CR at the end of a line given alone", "a:1\r", fields("a=1\r"), fields("a=1\r"), fails(ErrInvalidByte, 4)},
	{"CR in a value", "a:1\r2", fields("a=1\r2"), fields("a=1\r2"), fails(ErrInvalidByte, 4)},
	{"LF in a value", "a:1\n\tb:2", fields("a=1\n", "b=2"), fields("a=1\n", "b=2"), fails(ErrInvalidByte, 4)},
	{"NUL in a value", "a:1\tb:\x00", fields("a=1", "b=\x00"), fields("a=1", "b=\x00"), fails(ErrInvalidByte, 7)},
	{"controls that are legal in a value",
		"a:\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x1f\x7f",
		fields("a=\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x1f\x7f"),
		fields("a=\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x1f\x7f"),
		fields("a=\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x1f\x7f")},
	{"invalid UTF-8 in a value", "a:\xff\xfe\x80", fields("a=\xff\xfe\x80"), fields("a=\xff\xfe\x80"), fields("a=\xff\xfe\x80")},
	{"UTF-8 in a value", "a:化粧水", fields("a=化粧水"), fields("a=化粧水"), fields("a=化粧水")},
	{"every byte of a label", "0aZ_.-:1", fields("0aZ_.-=1"), fields("0aZ_.-=1"), fields("0aZ_.-=1")},
	{"label with a space", "a b:1", fields("a b=1"), fields("a b=1"), fails(ErrInvalidLabel, 2)},
	{"label of UTF-8", "あ:1", fields("あ=1"), fields("あ=1"), fails(ErrInvalidLabel, 1)},
	{"label with a slash later", "a:1\tx/y:2", fields("a=1", "x/y=2"), fields("a=1", "x/y=2"), fails(ErrInvalidLabel, 6)},
	{"NUL in a label", "a\x00:1", fields("a\x00=1"), fields("a\x00=1"), fails(ErrInvalidLabel, 2)},
	{"spaces around a value", "a: 1 ", fields("a= 1 "), fields("a= 1 "), fields("a= 1 ")},
	{"spaces around a label", " a :1", fields(" a =1"), fields(" a =1"), fails(ErrInvalidLabel, 1)},
	{"comment", "# hello", fields("# hello"), fails(ErrNoColon, 1), fails(ErrNoColon, 1)},
	{"byte order mark inside", "a:1\t\xEF\xBB\xBFb:2", fields("a=1", "\xEF\xBB\xBFb=2"), fields("a=1", "\xEF\xBB\xBFb=2"), fails(ErrInvalidLabel, 5)},
	{"__proto__", "__proto__:1", fields("__proto__=1"), fields("__proto__=1"), fields("__proto__=1")},
	{"quotes mean nothing", `a:"x	y"`, fields(`a="x`, `y"`), fails(ErrNoColon, 6), fails(ErrNoColon, 6)},
	{"first mistake counts", "nope\t:x", fields("nope", "=x"), fails(ErrNoColon, 1), fails(ErrNoColon, 1)},
}

func check(t *testing.T, want reading, got []string, err error) {
	t.Helper()
	if want.err == nil {
		require.NoError(t, err)
		assert.Equal(t, want.fields, got)
		return
	}
	syntax, ok := errors.AsType[*SyntaxError](err)
	require.True(t, ok, "error is %T", err)
	assert.ErrorIs(t, err, want.err)
	assert.Equal(t, want.column, syntax.Column)
	assert.Empty(t, got)
}

// TestEdges reads each line alone and between fields that make it longer than the
// blocks of the assembly.
func TestEdges(t *testing.T) {
	long := "long:" + strings.Repeat("x", 100)
	for _, e := range edges {
		t.Run(e.name, func(t *testing.T) {
			eachIndexer(t, func(t *testing.T) { checkEdge(t, e.line, e.lenient, e.checked, e.strict) })
		})
		if e.line == "" {
			continue
		}
		t.Run(e.name+", behind a long field", func(t *testing.T) {
			behind := func(r reading) reading {
				if r.err != nil {
					return fails(r.err, r.column+len(long)+1)
				}
				return fields(append([]string{strings.Replace(long, ":", "=", 1)}, r.fields...)...)
			}
			eachIndexer(t, func(t *testing.T) {
				checkEdge(t, long+"\t"+e.line, behind(e.lenient), behind(e.checked), behind(e.strict))
			})
		})
	}
}

func checkEdge(t *testing.T, line string, lenient, checked, strict reading) {
	assert.Equal(t, lenient.fields, pairs(Fields([]byte(line))))

	var r Record
	err := r.Parse([]byte(line))
	check(t, checked, pairs(r.All()), err)

	err = r.ParseStrict([]byte(line))
	check(t, strict, pairs(r.All()), err)
	check(t, strict, append([]string{}, pairs(r.All())...), Valid([]byte(line)))

	// The Reader gives the same answers: only a line end is another line to it.
	if strings.Contains(line, "\n") || strings.HasSuffix(line, "\r") || line == "" {
		return
	}
	for _, want := range []struct {
		strict bool
		reading
	}{{false, checked}, {true, strict}} {
		reader := NewReader(strings.NewReader("before:1\r\n" + line + "\r\nafter:1"))
		reader.Strict = want.strict
		_, err := reader.Read()
		require.NoError(t, err)
		rec, err := reader.Read()
		if err == nil {
			check(t, want.reading, pairs(rec.All()), nil)
		} else {
			check(t, want.reading, nil, err)
			var syntax *SyntaxError
			require.ErrorAs(t, err, &syntax)
			assert.EqualValues(t, 2, syntax.Line)
			assert.EqualValues(t, len("before:1\r\n"), syntax.Offset)
		}
		rec, err = reader.Read()
		require.NoError(t, err, "the line after")
		assert.Equal(t, []string{"after=1"}, pairs(rec.All()))
	}
}

// TestErrorsHoldNoContent: a log line is personal data.
func TestErrorsHoldNoContent(t *testing.T) {
	for _, line := range []string{"secret", "a:1\tsecret", "se/cret:1", "secret:\x00"} {
		for _, err := range []error{new(Record).Parse([]byte(line)), Valid([]byte(line))} {
			if err != nil {
				for _, s := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", errors.Unwrap(err))} {
					assert.NotContains(t, s, "secret")
					assert.NotContains(t, s, "se/cret")
				}
			}
		}
	}
}

func TestSyntaxErrorText(t *testing.T) {
	assert.Equal(t, "ltsv: line 3, offset 120: column 17: field has no colon",
		(&SyntaxError{Line: 3, Offset: 120, Column: 17, Err: ErrNoColon}).Error())
	assert.Equal(t, "ltsv: column 1: label is empty", (&SyntaxError{Column: 1, Err: ErrEmptyLabel}).Error())
	assert.Equal(t, "ltsv: line 2, offset 0: line is too long", (&SyntaxError{Line: 2, Err: ErrLineTooLong}).Error())
}

func TestLimits(t *testing.T) {
	eachIndexer(t, func(t *testing.T) {
		line := func(n int) []byte { return bytes.TrimSuffix(bytes.Repeat([]byte("a:1\t"), n), []byte("\t")) }
		var r Record
		for _, parse := range []func([]byte) error{r.Parse, r.ParseStrict} {
			require.NoError(t, parse(line(DefaultMaxFields)))
			assert.Equal(t, DefaultMaxFields, r.Len())
			for _, n := range []int{DefaultMaxFields + 1, DefaultMaxFields * 3, DefaultMaxFields * 100} {
				err := parse(line(n))
				require.ErrorIs(t, err, ErrTooManyFields)
				assert.Equal(t, 4*DefaultMaxFields+1, err.(*SyntaxError).Column)
				assert.Zero(t, r.Len())
			}
			require.NoError(t, parse(append([]byte("a:"), make1(DefaultMaxLineBytes-2)...)))
			err := parse(append([]byte("a:"), make1(DefaultMaxLineBytes-1)...))
			require.ErrorIs(t, err, ErrLineTooLong)
			assert.Zero(t, r.Len())
			assert.Empty(t, r.Line())
		}
		require.ErrorIs(t, Valid(line(DefaultMaxFields+1)), ErrTooManyFields)
		require.ErrorIs(t, Valid(make1(DefaultMaxLineBytes+1)), ErrLineTooLong)
		require.NoError(t, Valid(line(DefaultMaxFields)))

		r.SetLimits(100, 3)
		require.NoError(t, r.Parse(line(3)))
		require.ErrorIs(t, r.Parse(line(4)), ErrTooManyFields)
		require.ErrorIs(t, r.Parse(append([]byte("a:"), make1(99)...)), ErrLineTooLong)
		r.SetLimits(8<<20, 100_000)
		require.NoError(t, r.Parse(line(100_000)))
		assert.Equal(t, 100_000, r.Len())
		require.NoError(t, r.Parse(append([]byte("a:"), make1(8<<20-2)...)))
	})
}

func make1(n int) []byte { return bytes.Repeat([]byte("x"), n) }
