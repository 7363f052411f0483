package ltsv

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
)

// The oracles: ten lines each, by the package strings.

func oracleFields(line string) []string {
	got := []string{}
	for field := range strings.SplitSeq(line, "\t") {
		if field != "" {
			label, value, found := strings.Cut(field, ":")
			if found {
				label += "=" + value
			}
			got = append(got, label)
		}
	}
	return got
}

func oracleChecked(line string) (fields []string, ok bool) {
	for field := range strings.SplitSeq(line, "\t") {
		if field != "" && strings.IndexByte(field, ':') <= 0 {
			return []string{}, false
		}
	}
	fields = oracleFields(line)
	return fields, len(line) <= DefaultMaxLineBytes && len(fields) <= DefaultMaxFields
}

func oracleStrict(line string) bool {
	if line == "" {
		return true
	}
	for field := range strings.SplitSeq(line, "\t") {
		label, value, found := strings.Cut(field, ":")
		bad := func(c rune) bool {
			return !strings.ContainsRune("_.-", c) && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z' || c > 'z')
		}
		if !found || label == "" || strings.ContainsFunc(label, bad) || strings.ContainsAny(value, "\x00\n\r") {
			return false
		}
	}
	_, ok := oracleChecked(line)
	return ok
}

func seedLines(f *testing.F) {
	for _, e := range edges {
		f.Add([]byte(e.line))
	}
	for _, name := range logtest.Names {
		for _, line := range logtest.Lines(name)[:20] {
			f.Add(line)
		}
	}
	f.Add(bytes.Repeat([]byte("a:\t"), 400))
	f.Add(bytes.Repeat([]byte("x"), 200))
}

func same(t *testing.T, what string, line []byte, want, got []string) {
	if strings.Join(want, "\t") != strings.Join(got, "\t") || len(want) != len(got) {
		t.Fatalf("%s of %q:\nwant %q\ngot  %q", what, line, want, got)
	}
}

func FuzzFields(f *testing.F) {
	seedLines(f)
	f.Fuzz(func(t *testing.T, line []byte) {
		same(t, "Fields", line, oracleFields(string(line)), pairs(Fields(line)))
	})
}

func FuzzParse(f *testing.F) {
	seedLines(f)
	var r Record
	f.Fuzz(func(t *testing.T, line []byte) {
		want, ok := oracleChecked(string(line))
		err := r.Parse(line)
		if ok != (err == nil) {
			t.Fatalf("Parse of %q: %v", line, err)
		}
		if !ok {
			want = []string{}
		}
		same(t, "Parse", line, want, pairs(r.All()))
		for i, w := range want {
			at := r.At(i)
			label, value, _ := strings.Cut(w, "=")
			if !strings.Contains(label, "=") && !bytes.Contains(at.Label, []byte("=")) && (string(at.Label) != label || string(at.Value) != value) {
				t.Fatalf("At(%d) of %q: %q", i, line, at)
			}
			first, ok := r.Get(string(at.Label))
			if !ok || string(first) != oracleGet(string(line), string(at.Label)) {
				t.Fatalf("Get of %q: %q", line, first)
			}
		}
	})
}

func oracleGet(line, label string) string {
	for field := range strings.SplitSeq(line, "\t") {
		if value, ok := strings.CutPrefix(field, label+":"); ok {
			return value
		}
	}
	return "not found"
}

func FuzzParseStrict(f *testing.F) {
	seedLines(f)
	var r Record
	f.Fuzz(func(t *testing.T, line []byte) {
		ok := oracleStrict(string(line))
		err := r.ParseStrict(line)
		if ok != (err == nil) || ok != (Valid(line) == nil) {
			t.Fatalf("ParseStrict of %q: %v, Valid: %v", line, err, Valid(line))
		}
		want := []string{}
		if ok {
			want = oracleFields(string(line))
		} else if valid := Valid(line); valid.Error() != err.Error() {
			t.Fatalf("%q: %v and %v", line, err, valid)
		}
		same(t, "ParseStrict", line, want, pairs(r.All()))
	})
}

// FuzzReader: how the stream is cut into reads changes nothing.
func FuzzReader(f *testing.F) {
	for _, tt := range readerTests {
		f.Add([]byte(tt.input), uint64(3), uint16(10))
	}
	f.Add(bytes.Join(logtest.Lines(logtest.Nginx)[:5], []byte("\n")), uint64(17), uint16(300))
	f.Fuzz(func(t *testing.T, input []byte, cuts uint64, limit uint16) {
		read := func(src io.Reader) []string {
			r := NewReader(src)
			r.MaxLineBytes = int(limit)
			r.Strict = cuts%3 == 0
			r.Comment = []string{"", "#", "a:"}[cuts/3%3]
			return readAll(r)
		}
		same(t, "chunks", input, read(bytes.NewReader(input)), read(&chunks{input, cuts | 1}))
		if limit == 0 { // the default limits are Scan's
			var scanned, got []string
			for rec, err := range Scan(input) {
				if err == nil {
					scanned = append(scanned, string(rec.Line()))
				}
			}
			for rec, err := range NewReader(bytes.NewReader(input)).All() {
				if err == nil {
					got = append(got, string(rec.Line()))
				}
			}
			same(t, "Scan", input, got, scanned)
		}
	})
}

// chunks reads a few bytes at a time, as a sequence of random numbers has it.
type chunks struct {
	rest []byte
	seed uint64
}

func (c *chunks) Read(p []byte) (int, error) {
	c.seed = c.seed*6364136223846793005 + 1442695040888963407
	n := copy(p, c.rest[:min(len(c.rest), int(c.seed>>60))])
	c.rest = c.rest[n:]
	if len(c.rest) == 0 {
		return n, io.EOF
	}
	return n, nil
}

// FuzzAppend: what AppendField took, Parse gives back.
func FuzzAppend(f *testing.F) {
	f.Add("a", []byte("1"), "b", []byte("\xff"))
	f.Add("", []byte("\t"), "time", []byte("22/Nov/2026:16:00:49 +0000"))
	f.Fuzz(func(t *testing.T, label1 string, value1 []byte, label2 string, value2 []byte) {
		var line []byte
		want := []string{}
		for _, field := range []Field{{[]byte(label1), value1}, {[]byte(label2), value2}} {
			next, err := AppendField(line, string(field.Label), field.Value)
			breaks := bytes.ContainsAny(field.Label, ":\t") || bytes.ContainsAny(field.Value, "\t")
			legal := !breaks && oracleStrict(string(field.Label)+":"+string(field.Value))
			if legal != (err == nil) {
				t.Fatalf("AppendField(%q, %q): %v", field.Label, field.Value, err)
			}
			if err != nil {
				if string(next) != string(line) {
					t.Fatal("dst changed on error")
				}
				continue
			}
			line = next
			want = append(want, string(field.Label)+"="+string(field.Value))
		}
		var r Record
		if err := r.ParseStrict(line); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		same(t, "append, parse", line, want, pairs(r.All()))
	})
}

// FuzzEscape: what each server escapes comes back, stays in its field, and no
// input makes unescaping fail or grow.
func FuzzEscape(f *testing.F) {
	f.Add([]byte(`\x41\u0041#41\n`))
	f.Add([]byte("\x00\t\n\r\x7f\xff\"\\#{|}"))
	f.Fuzz(func(t *testing.T, value []byte) {
		for _, e := range escapings {
			escaped := AppendEscape(nil, value, e)
			if back := AppendUnescape(nil, escaped, e); !bytes.Equal(back, value) {
				t.Fatalf("%v: %q → %q → %q", e, value, escaped, back)
			}
			if e != EscapeNone {
				if _, err := AppendField(nil, "a", escaped); err != nil {
					t.Fatalf("%v: %q → %q: %v", e, value, escaped, err)
				}
			}
			if plain := AppendUnescape(nil, value, e); len(plain) > len(value) {
				t.Fatalf("%v: %q → %q", e, value, plain)
			}
		}
	})
}
