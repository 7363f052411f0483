package jsonrec

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/transform"
)

// These tests run with sonic and, under -tags purego, with encoding/json: both have
// to give the same.

type cookies struct {
	UID  int64  `json:"uid"`
	Lang string `json:"lang,omitempty"`
}

type access struct {
	Time    time.Time       `json:"time"`
	Host    string          `json:"host"`
	Status  int             `json:"status"`
	ReqTime *float64        `json:"reqtime"`
	Bot     bool            `json:"bot"`
	Cookie  cookies         `json:"cookie"`
	Tags    []string        `json:"tags,omitempty"`
	Raw     json.RawMessage `json:"raw,omitempty"`
	Extra   map[string]any  `json:"extra,omitempty"`
	hidden  int
}

func newStruct[T any](t testing.TB) *Struct[T] {
	s, err := NewStruct[T]()
	require.NoError(t, err)
	return s
}

func TestStructLoad(t *testing.T) {
	s := newStruct[access](t)
	s.Encoder.Nested = true
	rec := record(t, `time: host:h"<&> status:200 reqtime:0.010 bot:true cookie.uid:70678 tags:["a","b"] raw:{"k":[1]} other:x extra.n:1`)
	rec.Set("time", transform.String([]byte("2026-11-22T16:00:49Z")))
	got := access{Host: "before", Cookie: cookies{Lang: "before"}, hidden: 1}
	require.NoError(t, s.Load(&got, rec))
	tenth := 0.010
	want := access{
		Time: time.Date(2026, 11, 22, 16, 0, 49, 0, time.UTC), Host: `h"<&>`, Status: 200, ReqTime: &tenth, Bot: true,
		Cookie: cookies{UID: 70678}, Tags: []string{"a", "b"}, Raw: json.RawMessage(`{"k":[1]}`), Extra: map[string]any{"n": 1.0},
	}
	assert.Equal(t, want, got)

	for i := range s.buf[:cap(s.buf)] {
		s.buf[:cap(s.buf)][i] = '#'
	}
	assert.Equal(t, want, got, "the struct is the caller's")

	require.NoError(t, s.Load(&got, record(t, "status:null")))
	assert.Equal(t, access{}, got, "what has no field is zero")

	s.Encoder = Encoder{Listed: []string{"a"}}
	var bad *OptionError
	assert.ErrorAs(t, s.Load(&got, rec), &bad)
}

func TestStructMismatch(t *testing.T) {
	s := newStruct[access](t)
	s.Encoder.Nested = true
	for _, tt := range []struct{ fields, label string }{
		{`host:h status:secret`, "status"},
		{`host:h status:0.5 bot:true`, "status"},
		{`status:99999999999999999999 host:h`, "status"},
		{`host:1 status:1`, "host"},
		{`status:1 cookie.lang:x cookie.uid:secret host:h`, "cookie"},
		{`status:1 tags:[1] host:h`, "tags"},
		{`status:1 cookie:[] host:h`, "cookie"},
	} {
		got := access{Host: "before"}
		err := s.Load(&got, record(t, tt.fields))
		var bad *StructError
		if assert.ErrorAs(t, err, &bad, tt.fields) {
			assert.ErrorIs(t, err, ErrMismatch)
			assert.Equal(t, &StructError{"jsonrec.access", tt.label, ErrMismatch}, bad, tt.fields)
			assert.Equal(t, fmt.Sprintf("jsonrec: jsonrec.access: member %q: a value does not fit its field of the struct", tt.label), err.Error())
		}
		assert.Equal(t, access{}, got)
	}
	err := s.Load(new(access), record(t, "time:secret host:h"))
	assert.ErrorIs(t, err, ErrMismatch, "an error of the type's own method")
	assert.NotContains(t, err.Error(), "secret")
}

func TestStructStore(t *testing.T) {
	s := newStruct[access](t)
	var rec transform.Record
	rec.Set("before", transform.Null)
	in := access{
		Time: time.Date(2026, 11, 22, 16, 0, 49, 0, time.UTC), Host: "h\"<&>\u2028\xff\xffx", Status: -5, Bot: true,
		Cookie: cookies{70678, "ja"}, Tags: []string{"a"}, Raw: json.RawMessage("{\n \"k\": [1]}"),
		Extra: map[string]any{"z": 1, "a": 0.25, "m": nil},
	}
	require.NoError(t, s.Store(&rec, &in))
	head := "time string 2026-11-22T16:00:49Z\nhost string h\"<&>\u2028\uFFFD\uFFFDx\nstatus number -5\nreqtime null \nbot bool true\n"
	assert.Equal(t, head+`cookie JSON {"uid":70678,"lang":"ja"}
tags JSON ["a"]
raw JSON {"k":[1]}
extra JSON {"a":0.25,"m":null,"z":1}
`, dump(&rec))

	s.Decoder.Flatten = true
	require.NoError(t, s.Store(&rec, &in))
	flat := head + `cookie.uid number 70678
cookie.lang string ja
tags JSON ["a"]
raw.k JSON [1]
extra.a number 0.25
extra.m null 
extra.z number 1
`
	assert.Equal(t, flat, dump(&rec))
	require.NoError(t, s.Store(new(transform.Record), &access{Host: strings.Repeat("#", 1000)}))
	assert.Equal(t, flat, dump(&rec), "the record is the caller's")

	var back access
	s.Encoder.Nested = true
	require.NoError(t, s.Load(&back, &rec))
	in.Host, in.Raw = "h\"<&>\u2028\uFFFD\uFFFDx", json.RawMessage(`{"k":[1]}`)
	in.Extra = map[string]any{"z": 1.0, "a": 0.25, "m": nil}
	assert.Equal(t, in, back)
}

func TestStructErrors(t *testing.T) {
	_, err := NewStruct[int]()
	assert.ErrorIs(t, err, ErrNotStruct)
	assert.EqualError(t, err, "jsonrec: int: is not a struct")
	_, err = NewStruct[*access]()
	assert.ErrorIs(t, err, ErrNotStruct)
	_, err = NewStruct[struct{ C chan int }]()
	assert.ErrorIs(t, err, ErrMarshal)

	var rec transform.Record
	rec.Set("before", transform.Null)
	f := newStruct[struct{ F float64 }](t)
	err = f.Store(&rec, &struct{ F float64 }{math.NaN()})
	assert.ErrorIs(t, err, ErrMarshal)
	assert.Zero(t, rec.Len())
	f.Decoder.MaxBytes = 5
	assert.ErrorIs(t, f.Store(&rec, &struct{ F float64 }{1}), ErrTooLarge)
	raw := newStruct[struct{ R json.RawMessage }](t)
	assert.ErrorIs(t, raw.Store(&rec, &struct{ R json.RawMessage }{json.RawMessage(`{"a":`)}), ErrMarshal)
	assert.ErrorIs(t, raw.Store(&rec, &struct{ R json.RawMessage }{json.RawMessage(`{"a":1,"a":2}`)}), ErrDuplicate)
}

func TestMarshal(t *testing.T) {
	out, err := Marshal(record(t, "a:1 b:x"))
	require.NoError(t, err)
	assert.Equal(t, `{"a":1,"b":"x"}`, string(out))
}

func BenchmarkStruct(b *testing.B) {
	var rec transform.Record
	require.NoError(b, Decoder{}.Decode(&rec, []byte(job1)))
	type few struct {
		Host    string  `json:"host"`
		Status  int     `json:"status"`
		UA      string  `json:"ua"`
		ReqTime float64 `json:"reqtime"`
	}
	s := newStruct[few](b)
	var v few
	b.Run("Load", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := s.Load(&v, &rec); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Store", func(b *testing.B) {
		b.ReportAllocs()
		var rec transform.Record
		for b.Loop() {
			if err := s.Store(&rec, &v); err != nil {
				b.Fatal(err)
			}
		}
	})
}
