package jsonscan

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// flat is a record of job 1 as JSON: 24 members, 665 bytes.
const flat = `{"@timestamp":"2017-12-02T15:00:00.123Z","host":"203.0.113.0","client":"198.51.100.0","method":"GET",` +
	`"path":"/products/25527/reviews","query":"page=3&utm_source=mail","protocol":"HTTP/1.1","status":200,"size":1024,` +
	`"referer":"https://www.example.com/up/api/v1/items/39884","referer_host":"www.example.com",` +
	`"ua":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36",` +
	`"bot":false,"reqtime":0.005,"apptime":0.004,"vhost":"www0.example.com","server":"web03","cache":null,` +
	`"reqid":"b67cf41b30f2d5a51e4052c8f895336f","scheme":"https","reqsize":591,"cookie.uid":4840603,` +
	`"cookie.own.seg":"b","cookie.sess.lang":"ja"}`

func TestScan(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"scalar", ` 1 `, `1`},
		{"string", `"a\n\"b"`, `"a\n\"b"/e`},
		{"literals", `[true,false,null]`, `[ true false null ]`},
		{"numbers", `[0,-0,1.5,-12e+3,1E-9,123456789012345678901234567890]`, `[ 0 -0 1.5 -12e+3 1E-9 123456789012345678901234567890 ]`},
		{"flat", `{"a":1,"b":"x"}`, `{ a=1 b="x" }`},
		{"nested", "{\"a\":{\"b\":[1,{}]},\n\t\"c\" : [ ] }", `{ a={ b=[ 1 { } ] } c=[ ] }`},
		{"empty key", `{"":0}`, `{ =0 }`},
		{"escaped key", `{"\u0061":0}`, `{ \u0061/e=0 }`},
		{"UTF-8", `{"肌":"😀é"}`, `{ 肌="😀é" }`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var s Scanner
			s.Reset([]byte(tt.in))
			got := trace(&s)
			if err := s.Err(); err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if s.Next() {
				t.Error("Next after the end gave a value")
			}
		})
	}
}

func trace(s *Scanner) string {
	var b []string
	arrays := []bool{}
	for s.Next() {
		t := ""
		if s.Key != nil {
			t = string(s.Key)
			if s.KeyEscaped {
				t += "/e"
			}
			t += "="
		}
		switch s.Kind {
		case Object:
			t += "{"
			arrays = append(arrays, false)
		case Array:
			t += "["
			arrays = append(arrays, true)
		case End:
			t += map[bool]string{true: "]", false: "}"}[arrays[len(arrays)-1]]
			arrays = arrays[:len(arrays)-1]
		case String:
			t += `"` + string(s.Value) + `"`
			if s.Escaped {
				t += "/e"
			}
		default:
			t += string(s.Value)
		}
		b = append(b, t)
	}
	return strings.Join(b, " ")
}

func TestRefused(t *testing.T) {
	for _, tt := range []struct {
		in     string
		offset int
		err    error
	}{
		{``, 0, ErrSyntax},
		{`  `, 2, ErrSyntax},
		{`{"a":1} x`, 8, ErrSyntax},
		{`1 2`, 2, ErrSyntax},
		{`01`, 1, ErrSyntax},
		{`1.`, 1, ErrSyntax},
		{`-`, 0, ErrSyntax},
		{`+1`, 0, ErrSyntax},
		{`.5`, 0, ErrSyntax},
		{`1e`, 1, ErrSyntax},
		{`NaN`, 0, ErrSyntax},
		{`tru`, 0, ErrSyntax},
		{`trueish`, 4, ErrSyntax},
		{`{"a"}`, 4, ErrSyntax},
		{`{"a":}`, 5, ErrSyntax},
		{`{"a":1,}`, 7, ErrSyntax},
		{`{,}`, 1, ErrSyntax},
		{`{a:1}`, 1, ErrSyntax},
		{`{1:1}`, 1, ErrSyntax},
		{`[1,]`, 3, ErrSyntax},
		{`[1 2]`, 3, ErrSyntax},
		{`[1}`, 2, ErrSyntax},
		{`{"a":1]`, 6, ErrSyntax},
		{`{"a":0`, 6, ErrSyntax},
		{`]`, 0, ErrSyntax},
		{`"a`, 2, ErrSyntax},
		{"\"a\tb\"", 2, ErrSyntax},
		{"\"12345678\x00\"", 9, ErrSyntax},
		{`"\x41"`, 1, ErrSyntax},
		{`"\u12"`, 1, ErrSyntax},
		{`"\u12g4"`, 1, ErrSyntax},
		{`"abc\`, 4, ErrSyntax},
		{"\"ab\xff\"", 3, ErrUTF8},
		{"{\"\xe8\x82\":1}", 2, ErrUTF8},
		{"\"\xed\xa0\x80\"", 1, ErrUTF8},
		{"\xef\xbb\xbf1", 0, ErrSyntax},
		{"\f1", 0, ErrSyntax},
		{strings.Repeat("[", 65) + strings.Repeat("]", 65), 64, ErrDepth},
		{strings.Repeat(`{"a":`, 5_000_000), 5 * 64, ErrDepth},
	} {
		t.Run(fmt.Sprintf("%.20q", tt.in), func(t *testing.T) {
			var s Scanner
			s.Reset([]byte(tt.in))
			for s.Next() {
			}
			var syntax *SyntaxError
			if err := s.Err(); !errors.As(err, &syntax) || !errors.Is(err, tt.err) || syntax.Offset != tt.offset {
				t.Errorf("got %v, want offset %d, %v", err, tt.offset, tt.err)
			}
			if s.Next() || s.Skip() {
				t.Error("read on after an error")
			}
			if Valid([]byte(tt.in)) {
				t.Error("Valid")
			}
		})
	}
}

func TestDepth(t *testing.T) {
	for _, tt := range []struct {
		depth, levels int
		ok            bool
	}{{0, 64, true}, {0, 65, false}, {-1, 64, true}, {99, 65, false}, {1, 1, true}, {1, 2, false}} {
		s := Scanner{Depth: tt.depth}
		s.Reset([]byte(strings.Repeat("[", tt.levels) + strings.Repeat("]", tt.levels)))
		for s.Next() {
		}
		if (s.Err() == nil) != tt.ok {
			t.Errorf("%+v: %v", tt, s.Err())
		}
	}
}

func TestSkip(t *testing.T) {
	var s Scanner
	s.Reset([]byte(`{"a":[1,{"b":"]}"}, 2],"c":{},"d":1}`))
	var got []string
	for s.Next() {
		if s.Key == nil {
			continue
		}
		if !s.Skip() {
			t.Fatal(s.Err())
		}
		got = append(got, string(s.Key)+"="+string(s.Value))
	}
	if want := `a=[1,{"b":"]}"}, 2]|c={}|d=1`; strings.Join(got, "|") != want || s.Err() != nil {
		t.Errorf("got %v, %v", got, s.Err())
	}
	s.Reset([]byte(`[1,[2,}]`))
	if !s.Next() || s.Skip() || !errors.Is(s.Cause(), ErrSyntax) {
		t.Error("Skip passed over a broken text")
	}
}

// What the scanner hands out may be appended to without harm to the text.
func TestClipped(t *testing.T) {
	src := []byte(`{"key":"value","list":[1],"n":12}`)
	keep := bytes.Clone(src)
	var s Scanner
	for s.Reset(src); s.Next(); {
		s.Skip()
		_ = append(s.Key, "XXXX"...)
		_ = append(s.Value, "XXXX"...)
	}
	if !bytes.Equal(src, keep) {
		t.Error("the text was written into")
	}
}

func TestResetIsNew(t *testing.T) {
	var used, fresh Scanner
	used.Reset([]byte(`[[{"a":`))
	for used.Next() {
	}
	used.Reset([]byte(flat))
	fresh.Reset([]byte(flat))
	if trace(&used) != trace(&fresh) || used.Err() != nil {
		t.Error("a scanner that was reset reads differently from a new one")
	}
}

// Every cut of a text is refused: none ends a text early.
func TestCut(t *testing.T) {
	for i := range len(flat) {
		if Valid([]byte(flat[:i])) {
			t.Errorf("the first %d bytes were accepted", i)
		}
	}
}

func TestNumberPrefix(t *testing.T) {
	for in, want := range map[string]int{"": 0, "-": 0, "a": 0, "0": 1, "007": 1, "12": 2, "1.": 1, "1.5": 3, "1e5": 3, "1e+": 1, "-0.0E-1x": 7, ".1": 0} {
		if got := NumberPrefix([]byte(in)); got != want {
			t.Errorf("%q: got %d, want %d", in, got, want)
		}
	}
}

func TestScanAllocs(t *testing.T) {
	src, bad := []byte(flat), []byte(`{"a":[}`)
	var s Scanner
	if n := testing.AllocsPerRun(100, func() {
		for s.Reset(src); s.Next(); {
		}
		for s.Reset(bad); s.Next(); {
		}
		if s.Cause() == nil {
			t.Fatal("accepted")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzScan holds the scanner against encoding/json: same texts accepted (but
// for depth, and for UTF-8, which that repairs), same values read.
func FuzzScan(f *testing.F) {
	f.Add([]byte(flat))
	f.Add([]byte(`{"a":{"b":[1,-0.5e3,"\ud83d\ude00\ud83d\n",{}]},"a":null}`))
	f.Add([]byte("[\"肌\",\"\\/\", \ttrue\r\n]"))
	f.Fuzz(func(t *testing.T, src []byte) {
		keep := bytes.Clone(src)
		got, err := tree(src)
		if !bytes.Equal(src, keep) {
			t.Fatal("the text was written into")
		}
		if errors.Is(err, ErrDepth) {
			return
		}
		if want := json.Valid(src) && utf8.Valid(src); want != (err == nil) {
			t.Fatalf("%q: encoding/json says %v, we say %v", src, want, err)
		}
		if err != nil {
			return
		}
		var want any
		d := json.NewDecoder(bytes.NewReader(src))
		d.UseNumber()
		if err := d.Decode(&want); err != nil {
			t.Fatal(err)
		}
		a, _ := json.Marshal(got)
		b, _ := json.Marshal(want)
		if !bytes.Equal(a, b) {
			t.Fatalf("%q: read %s, want %s", src, a, b)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, src); err != nil {
			t.Fatal(err)
		}
		if c := AppendCompact(nil, src); !bytes.Equal(c, compact.Bytes()) {
			t.Fatalf("%q: compact %q, want %q", src, c, compact.Bytes())
		}
	})
}

// tree reads src into maps and slices, as json.Unmarshal into an any would.
func tree(src []byte) (any, error) {
	var s Scanner
	s.Reset(src)
	if !s.Next() {
		return nil, s.Err()
	}
	v := node(&s)
	for s.Next() {
	}
	return v, s.Err()
}

func node(s *Scanner) any {
	switch s.Kind {
	case Object:
		m := map[string]any{}
		for s.Next() && s.Kind != End {
			key := string(AppendUnescape(nil, s.Key))
			m[key] = node(s)
		}
		return m
	case Array:
		a := []any{}
		for s.Next() && s.Kind != End {
			a = append(a, node(s))
		}
		return a
	case String:
		return string(AppendUnescape(nil, s.Value))
	case Number:
		return json.Number(s.Value)
	case True, False:
		return s.Kind == True
	}
	return nil
}

func BenchmarkFlat(b *testing.B) {
	src := []byte(flat)
	b.Run("scanner", func(b *testing.B) {
		b.SetBytes(int64(len(src)))
		b.ReportAllocs()
		var s Scanner
		for b.Loop() {
			for s.Reset(src); s.Next(); {
			}
		}
	})
	b.Run("json.Valid", func(b *testing.B) {
		b.SetBytes(int64(len(src)))
		b.ReportAllocs()
		for b.Loop() {
			json.Valid(src)
		}
	})
}
