//go:build (amd64 || arm64) && !purego && !go1.28

package jsonrec

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"testing"

	"github.com/ltsvpipe/ltsvpipe/transform"
)

// FuzzStruct: sonic reads and writes structs as encoding/json does, given what
// records can hold.
func FuzzStruct(f *testing.F) {
	type inner struct {
		N int64
		F *float64 `json:"f"`
	}
	type all struct {
		S     string `json:"s"`
		I     int8   `json:"i"`
		U     uint64 `json:"u"`
		F     float32
		B     bool `json:"b"`
		A     any
		L     []inner
		M     map[string]inner
		P     *inner
		R     json.RawMessage
		inner `json:"in"`
		Num   json.Number
		Bytes []byte
		Quote int `json:",string"`
		Array [2]int
	}
	f.Add([]byte(`{"s":"x","i":1,"u":2,"F":0.5,"b":true,"A":{"x":[1,null]},"L":[{"N":1}],"M":{"k":{"f":1e3}},"P":null,"R":[1]}`))
	f.Add([]byte(`{"S":"\u0000","N":5,"in":{},"Num":1.50,"Bytes":"AQI=","Quote":"7","Array":[1,2,3]}`))
	f.Add([]byte(`{"i":300,"s":null,"P":{"N":-0,"f":null},"A":1e400}`))
	f.Add([]byte(`{"A":{"N":-0},"F":-0,"in":{"f":-0.0}}`))
	s, err := NewStruct[all]()
	if err != nil {
		f.Fatal(err)
	}
	var rec transform.Record
	f.Add([]byte(`{"Quote":"0000"}`))
	f.Add([]byte(`{"Bytes":"VVVVVVVAQI="}`))
	paddedQuote := regexp.MustCompile(`(?i)"quote":"-?0[0-9]`)
	negativeZero := regexp.MustCompile(`-0([^.0-9eE]|$)`)
	f.Fuzz(func(t *testing.T, src []byte) {
		src = negativeZero.ReplaceAll(src, []byte("0$1")) // which sonic reads as 0
		if (Decoder{}).Decode(&rec, src) != nil {
			return
		}
		var ours, theirs all
		err := s.Load(&ours, &rec)
		text, _ := Marshal(&rec)
		if paddedQuote.Match(text) {
			return // not a number to sonic
		}
		oracleErr := json.Unmarshal(text, &theirs)
		if _, padding := errors.AsType[base64.CorruptInputError](oracleErr); padding {
			return // which sonic does not check
		}
		if (err == nil) != (oracleErr == nil) {
			t.Fatalf("%s: %v, encoding/json %v", text, err, oracleErr)
		}
		if err != nil {
			return
		}
		if !reflect.DeepEqual(ours, theirs) {
			t.Fatalf("%s: %#v, encoding/json %#v", text, ours, theirs)
		}
		var back transform.Record
		if err := s.Store(&back, &ours); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		var buf bytes.Buffer
		enc := json.NewEncoder(&buf)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(&theirs); err != nil {
			t.Fatal(err)
		}
		if err := (Decoder{}).Decode(&rec, buf.Bytes()); err != nil {
			t.Fatalf("%s: %v", buf.Bytes(), err)
		}
		if got, want := leafText(&back), leafText(&rec); got != want {
			t.Fatalf("%s:\n%s\nencoding/json\n%s", text, got, want)
		}
	})
}

// leafText is dump with one way of writing nested strings.
func leafText(rec *transform.Record) string {
	for label, v := range rec.All() {
		if v.Kind == transform.KindJSON {
			var x any
			d := json.NewDecoder(bytes.NewReader(v.Bytes))
			d.UseNumber()
			_ = d.Decode(&x)
			v.Bytes, _ = json.Marshal(x)
			rec.Set(label, v)
		}
	}
	return dump(rec)
}
