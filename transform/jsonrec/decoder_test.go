package jsonrec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// dump shows a record: label, kind, text.
func dump(rec *transform.Record) string {
	var b strings.Builder
	for label, v := range rec.All() {
		fmt.Fprintf(&b, "%s %s %s\n", label, v.Kind, v.Bytes)
	}
	return b.String()
}

func TestDecoder(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{`{}`, ""},
		{" \r\n{ \"a\" :\t1 } \n", "a number 1\n"},
		{`{"a":"","b":"x y","c":"肌\uFFFD"}`, "a string \nb string x y\nc string 肌\uFFFD\n"},
		{`{"a":-0,"b":0.000,"c":1e400,"d":123456789012345678901234567890}`,
			"a number -0\nb number 0.000\nc number 1e400\nd number 123456789012345678901234567890\n"},
		{`{"t":true,"f":false,"n":null}`, "t bool true\nf bool false\nn null \n"},
		{`{"a":"q\"\\\/\u00e9\ud83d\ude00\ud83d","b":"plain"}`, "a string q\"\\/é😀\uFFFD\nb string plain\n"},
		{`{"\u0061":1,"a\tb":2,"":3}`, "a number 1\na\tb number 2\n number 3\n"},
		{`{"o":{"b":{"c":[1,{}]}},"l":[ "x",{"k":1} ],"e":{},"f":[]}`,
			"o JSON {\"b\":{\"c\":[1,{}]}}\nl JSON [ \"x\",{\"k\":1} ]\ne JSON {}\nf JSON []\n"},
		{"{\"o\":{\"b\" :\n[1, 2 ],\r\"c\":\"a b\\n\"}}", "o JSON {\"b\":[1,2],\"c\":\"a b\\n\"}\n"},
		{`{"a":{"x":1},"b":{"x":{"x":1}},"c":[{"x":1},{"x":1}],"x":1,"d":{"p":{"x":1,"y":2},"x":3}}`,
			"a JSON {\"x\":1}\nb JSON {\"x\":{\"x\":1}}\nc JSON [{\"x\":1},{\"x\":1}]\nx number 1\nd JSON {\"p\":{\"x\":1,\"y\":2},\"x\":3}\n"},
	} {
		var rec transform.Record
		rec.Set("before", transform.Null)
		if assert.NoError(t, Decoder{}.Decode(&rec, []byte(tt.src)), tt.src) {
			assert.Equal(t, tt.want, dump(&rec), tt.src)
		}
	}
}

func TestDecoderRefuses(t *testing.T) {
	deep := strings.Repeat("[", 63) + strings.Repeat("]", 63)
	many := `{"0":0` + strings.Join(numbered(1, 1024), "") + `}`
	for _, tt := range []struct {
		d      Decoder
		src    string
		offset int
		err    error
	}{
		{Decoder{}, ``, 0, ErrSyntax},
		{Decoder{}, `{`, 1, ErrSyntax},
		{Decoder{}, `{"a":0`, 6, ErrSyntax},
		{Decoder{}, `{"a":1,}`, 7, ErrSyntax},
		{Decoder{}, `{"a":01}`, 6, ErrSyntax},
		{Decoder{}, `{"a":"\x41"}`, 6, ErrSyntax},
		{Decoder{}, "{\"a\":\"\n\"}", 6, ErrSyntax},
		{Decoder{}, `{"a":{]}`, 6, ErrSyntax},
		{Decoder{}, `{'a':1}`, 1, ErrSyntax},
		{Decoder{}, "\ufeff{}", 0, ErrSyntax},
		{Decoder{}, "{\"a\":\"x\xff\"}", 7, ErrUTF8},
		{Decoder{}, "{\"a\":[\"\xed\xa0\x80\"]}", 7, ErrUTF8},
		{Decoder{}, "{\"\xff\":1}", 2, ErrUTF8},
		{Decoder{}, `[1]`, 1, ErrNotObject},
		{Decoder{}, `"a"`, 3, ErrNotObject},
		{Decoder{}, `null`, 4, ErrNotObject},
		{Decoder{}, `{}{}`, 2, ErrTrailing},
		{Decoder{}, `{} x`, 3, ErrTrailing},
		{Decoder{}, "{}\x00", 2, ErrTrailing},
		{Decoder{}, `{"a":1,"b":2,"a":3}`, 18, ErrDuplicate},
		{Decoder{}, `{"a":1,"\u0061":3}`, 17, ErrDuplicate},
		{Decoder{}, `{"a":{"b":1,"b":2}}`, 17, ErrDuplicate},
		{Decoder{}, `{"a":{"b":1,"c":{"b":1},"\u0062":2}}`, 34, ErrDuplicate},
		{Decoder{}, `{"a":[[{"b":1,"c":[],"b":{}}]]}`, 26, ErrDuplicate},
		{Decoder{}, `{"a":` + deep + `}`, -1, nil},
		{Decoder{}, `{"a":[` + deep + `]}`, 68, ErrDepth},
		{Decoder{MaxDepth: 1}, `{"a":1}`, -1, nil},
		{Decoder{MaxDepth: 1}, `{"a":{}}`, 5, ErrDepth},
		{Decoder{MaxDepth: 1000}, `{"a":[` + deep + `]}`, 68, ErrDepth},
		{Decoder{}, many, len(many) - 1, ErrMembers},
		{Decoder{MaxMembers: 1025}, many, -1, nil},
		{Decoder{MaxMembers: 2}, `{"a":[{"b":1},{"c":2}]}`, 20, ErrMembers},
		{Decoder{MaxMembers: 3}, `{"a":[{"b":1},{"c":2}]}`, -1, nil},
		{Decoder{MaxBytes: 7}, `{"a":1}`, -1, nil},
		{Decoder{MaxBytes: 6}, `{"a":1}`, 6, ErrTooLarge},
		{Decoder{}, `{}` + strings.Repeat(" ", DefaultMaxBytes-2), -1, nil},
		{Decoder{}, `{}` + strings.Repeat(" ", DefaultMaxBytes-1), DefaultMaxBytes, ErrTooLarge},

		{Decoder{Flatten: true}, `{"a":{"b":1},"a":{"c":2}}`, 18, ErrDuplicate},
		{Decoder{Flatten: true}, `{"a":1,"a":{"c":2}}`, 12, ErrDuplicate},
		{Decoder{Flatten: true}, `{"a":{"c":2},"a":1}`, 18, ErrDuplicate},
		{Decoder{Flatten: true}, `{"a":{},"a":{}}`, 13, ErrDuplicate},
		{Decoder{Flatten: true}, `{"a":{"b":1},"a.b":2}`, 20, ErrDuplicate},
		{Decoder{Flatten: true}, `{"a.b":2,"a":{"b":{"c":1}}}`, 19, ErrDuplicate},
		{Decoder{Flatten: true}, `{"a":{"b":[{"c":1,"c":2}]}}`, 23, ErrDuplicate},
		{Decoder{Flatten: true}, `{"a":{"b":1}`, 12, ErrSyntax},
		{Decoder{Flatten: true}, `{"a":{"b":1}}]`, 13, ErrTrailing},
		{Decoder{Flatten: true}, strings.Repeat(`{"a":`, 64) + "1" + strings.Repeat("}", 64), -1, nil},
		{Decoder{Flatten: true}, strings.Repeat(`{"a":`, 65) + "1" + strings.Repeat("}", 65), 320, ErrDepth},
		{Decoder{Flatten: true, MaxMembers: 2}, `{"a":{"b":{"c":1}}}`, 16, ErrMembers},
		{Decoder{Flatten: true}, `{"` + strings.Repeat("x", MaxLabel-2) + `":{"b":1}}`, -1, nil},
		{Decoder{Flatten: true}, `{"` + strings.Repeat("x", MaxLabel-1) + `":{"b":1}}`, MaxLabel + 9, ErrLabel},
		{Decoder{Flatten: true}, `{"` + strings.Repeat("x", MaxLabel+1) + `":{}}`, MaxLabel + 6, ErrLabel},
		{Decoder{Flatten: true}, `{"` + strings.Repeat("x", MaxLabel+1) + `":1}`, -1, nil},
	} {
		var rec transform.Record
		rec.Set("before", transform.Null)
		err := tt.d.Decode(&rec, []byte(tt.src))
		if tt.err == nil {
			assert.NoError(t, err, "%.60s", tt.src)
			continue
		}
		var syntax *SyntaxError
		if assert.ErrorAs(t, err, &syntax, "%.60s", tt.src) {
			assert.ErrorIs(t, err, tt.err, "%.60s", tt.src)
			assert.Equal(t, tt.offset, syntax.Offset, "%.60s", tt.src)
			assert.Equal(t, "jsonrec: offset "+strconv.Itoa(tt.offset)+": "+tt.err.Error(), err.Error())
		}
		assert.Zero(t, rec.Len(), "the record is empty after an error")
	}
}

func numbered(from, to int) (members []string) {
	for i := from; i <= to; i++ {
		members = append(members, fmt.Sprintf(`,"%d":%d`, i, i))
	}
	return members
}

func TestDecoderFlatten(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{`{}`, ""},
		{`{"a":1,"b":{"c":"x","d":{"e":null}},"f":true}`, "a number 1\nb.c string x\nb.d.e null \nf bool true\n"},
		{`{"a":{},"b":{"c":{}},"d":[],"e":{"f":[{"g":1}],"h":2}}`, "a JSON {}\nb.c JSON {}\nd JSON []\ne.f JSON [{\"g\":1}]\ne.h number 2\n"},
		{`{"a\n":{"\"":1,"x":{"\u0062":2},"y":3},"\u0061":4}`, "a\n.\" number 1\na\n.x.b number 2\na\n.y number 3\na number 4\n"},
		{`{"":{"":1}}`, ". number 1\n"},
		{`{"a":{"b":1},"a.c":2}`, "a.b number 1\na.c number 2\n"},
	} {
		var rec transform.Record
		if assert.NoError(t, Decoder{Flatten: true}.Decode(&rec, []byte(tt.src)), tt.src) {
			assert.Equal(t, tt.want, dump(&rec), tt.src)
		}
	}
}

// TestDecoderAliases: only what must be rewritten is copied; the input is not
// written into; what was copied survives what becomes of the input.
func TestDecoderAliases(t *testing.T) {
	const text = `{"plain":"abc","escaped":"a\nc","number":12,"raw":{"k":"v"}}`
	for _, d := range []Decoder{{}, {Flatten: true}} {
		src := []byte(text)
		var rec transform.Record
		require.NoError(t, d.Decode(&rec, src))
		require.Equal(t, text, string(src))
		for label, v := range rec.All() {
			assert.Equal(t, len(v.Bytes), cap(v.Bytes), "%s: an append would write over what follows", label)
		}
		for i := range src {
			src[i] = '#'
		}
		get := func(label string) string { v, _ := rec.Get(label); return string(v.Bytes) }
		assert.Equal(t, "###", get("plain"))
		assert.Equal(t, "##", get("number"))
		assert.Equal(t, "a\nc", get("escaped"))
	}
}

func TestDecoderAllocatesNothing(t *testing.T) {
	src := []byte(job1)
	nested := []byte(`{"a\n":{"b":{"c":"x\ty"},"d":[{"e":1},{"e":"\u0041"}]},"f":"g\\", "h":{` + "\n" + `}}`)
	var rec transform.Record
	for _, d := range []Decoder{{}, {Flatten: true}} {
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			if d.Decode(&rec, src) != nil || d.Decode(&rec, nested) != nil {
				t.Error("refused")
			}
		}))
	}
}

// TestRoundTrip: what the decoder reads the encoder writes back, real logs included.
func TestRoundTrip(t *testing.T) {
	var enc Encoder
	var rec, back transform.Record
	for _, name := range logtest.Names {
		for _, line := range logtest.Lines(name) {
			require.NoError(t, transform.LTSV{}.Decode(&rec, line))
			out, err := enc.Append(nil, &rec)
			require.NoError(t, err)
			require.NoError(t, Decoder{}.Decode(&back, out))
			again, err := enc.Append(nil, &back)
			require.NoError(t, err)
			require.Equal(t, string(out), string(again))
		}
	}
	const nested = `{"a":1,"b":{"c":"x","d":{"e":null,"f":[1,2]}},"g":{}}`
	require.NoError(t, Decoder{Flatten: true}.Decode(&rec, []byte(nested)))
	assert.Equal(t, nested, appended(t, &Encoder{Nested: true}, &rec))
}

// FuzzDecoder holds the decoder against encoding/json: it takes the same objects,
// but for its limits, UTF-8 and duplicates, and reads the same values.
func FuzzDecoder(f *testing.F) {
	f.Add([]byte(job1))
	f.Add([]byte(`{"a":{"b":[1,-0.5e3,"\ud83d\ude00\n",{}],"c":{}},"a.b":null,"":true}`))
	f.Add([]byte("{\"a\":{\"b\" :\r\n1,\"b\":2}} "))
	f.Add([]byte(`{"a":0`))
	var rec transform.Record
	f.Fuzz(func(t *testing.T, src []byte) {
		keep := bytes.Clone(src)
		first := Decoder{}.Decode(&rec, src)
		err := Decoder{}.Decode(&rec, src) // what follows what is known now
		if fmt.Sprint(first) != fmt.Sprint(err) {
			t.Fatalf("%q: %v, then %v", src, first, err)
		}
		if !bytes.Equal(src, keep) {
			t.Fatal("the input was written into")
		}
		want, oracleErr := oracle(src)
		if errors.Is(err, ErrDepth) || errors.Is(err, ErrMembers) || errors.Is(err, ErrTooLarge) {
			return
		}
		if (err == nil) != (oracleErr == nil) {
			t.Fatalf("%q: %v, encoding/json %v", src, err, oracleErr)
		}
		var syntax *SyntaxError
		if err != nil {
			if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > len(src) || rec.Len() != 0 {
				t.Fatalf("%q: %#v", src, err)
			}
			if errors.Is(oracleErr, errTwice) != errors.Is(err, ErrDuplicate) && json.Valid(src) && utf8.Valid(src) {
				t.Fatalf("%q: %v, encoding/json %v", src, err, oracleErr)
			}
		} else {
			if got := dump(&rec); got != want {
				t.Fatalf("%q:\n%s\nwant\n%s", src, got, want)
			}
			var enc Encoder
			out, _ := enc.Append(nil, &rec)
			if !json.Valid(out) || bytes.ContainsAny(out, "\n\r") {
				t.Fatalf("%q → %q", src, out)
			}
		}

		// Flat: the same leaves, and back again.
		flatErr := Decoder{Flatten: true}.Decode(&rec, src)
		if flatErr == nil && err != nil {
			t.Fatalf("%q: %v, but flat it is taken", src, err)
		}
		if err == nil && flatErr != nil && !errors.Is(flatErr, ErrDuplicate) && !errors.Is(flatErr, ErrLabel) {
			t.Fatalf("%q: flat %v", src, flatErr)
		}
		if flatErr == nil {
			nested := Encoder{Nested: true}
			out, _ := nested.Append(nil, &rec)
			var back transform.Record
			if err := (Decoder{Flatten: true, MaxMembers: 1 << 20}).Decode(&back, out); err != nil {
				t.Fatalf("%q → %s: %v", src, out, err)
			}
			for label, v := range rec.All() {
				if w, ok := back.Get(label); !ok || w.Kind != v.Kind || !bytes.Equal(w.Bytes, v.Bytes) {
					t.Fatalf("%q → %s: %q is gone", src, out, label)
				}
			}
			if back.Len() != rec.Len() {
				t.Fatalf("%q → %s: fields came up", src, out)
			}
		}
	})
}

var errTwice = errors.New("twice")

// oracle reads src by encoding/json and shows it as dump does.
func oracle(src []byte) (string, error) {
	if !json.Valid(src) {
		return "", errors.New("not valid")
	}
	if !utf8.Valid(src) {
		return "", errors.New("not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	if token, _ := d.Token(); token != json.Delim('{') {
		return "", errors.New("not an object")
	}
	if err := repeats(bytes.NewReader(src)); err != nil {
		return "", err
	}
	var b strings.Builder
	for d.More() {
		label, _ := d.Token()
		var text json.RawMessage
		if err := d.Decode(&text); err != nil {
			return "", err
		}
		kind := "number"
		switch text[0] {
		case '{', '[':
			kind = "JSON"
			if bytes.ContainsAny(text, "\n\r") {
				var compact bytes.Buffer
				_ = json.Compact(&compact, text)
				text = compact.Bytes()
			}
		case 't', 'f':
			kind = "bool"
		case 'n':
			kind, text = "null", nil
		case '"':
			var s string
			_ = json.Unmarshal(text, &s)
			kind, text = "string", []byte(s)
		}
		fmt.Fprintf(&b, "%s %s %s\n", label, kind, text)
	}
	return b.String(), nil
}

// repeats returns errTwice if an object has a name twice.
func repeats(r io.Reader) error {
	type open struct {
		names map[string]bool // nil in an array
		value bool            // a value comes next, not a name
	}
	var stack []open
	for d := json.NewDecoder(r); ; {
		token, err := d.Token()
		if err != nil {
			return nil
		}
		delim, _ := token.(json.Delim)
		if delim == '}' || delim == ']' {
			stack = stack[:len(stack)-1]
			continue
		}
		if n := len(stack); n > 0 && stack[n-1].names != nil {
			top := &stack[n-1]
			if top.value = !top.value; top.value {
				if top.names[token.(string)] {
					return errTwice
				}
				top.names[token.(string)] = true
				continue
			}
		}
		switch delim {
		case '{':
			stack = append(stack, open{names: map[string]bool{}})
		case '[':
			stack = append(stack, open{})
		}
	}
}

// job1 is a record as job 1 writes it: 24 members, 665 bytes.
const job1 = `{"@timestamp":"2017-12-02T15:00:00.123Z","host":"203.0.113.0","client":"198.51.100.0","method":"GET",` +
	`"path":"/products/25527/reviews","query":"page=3&utm_source=mail","protocol":"HTTP/1.1","status":200,"size":1024,` +
	`"referer":"https://www.example.com/up/api/v1/items/39884","referer_host":"www.example.com",` +
	`"ua":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Safari/537.36",` +
	`"reqtime":0.000,"runtime":null,"apptime":0.012,"vhost":"www0.example.com","server":"web03",` +
	`"reqid":"b67cf41b30f2d5a51e4052c8f895336f","bot":false,"cookie.uid":70678,"cookie.own.seg":"b",` +
	`"cookie.own.rank":"5","cookie.own.src":"top","cookie.theme":"dark \"blue\""}`
