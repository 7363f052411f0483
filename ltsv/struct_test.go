package ltsv

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
)

type inner struct {
	UA     string `ltsv:"ua"`
	Hidden string // no tag: left alone
}

type everything struct {
	Time    time.Time  `ltsv:"time,layout=02/Jan/2006:15:04:05 -0700"`
	MSec    time.Time  `ltsv:"msec,layout=unix"`
	RFC     *time.Time `ltsv:"rfc,omitempty"`
	Host    netip.Addr `ltsv:"host"`
	Status  int        `ltsv:"status"`
	Small   int8       `ltsv:"small,omitempty"`
	Size    *int64     `ltsv:"size"`
	Count   uint16     `ltsv:"count,omitempty"`
	ReqTime float64    `ltsv:"reqtime"`
	F32     float32    `ltsv:"f32,omitempty"`
	OK      bool       `ltsv:"ok,omitempty"`
	Raw     []byte     `ltsv:"raw,omitempty"`
	Name    *string    `ltsv:"name,omitempty"`
	Ignored string     `ltsv:"-"`
	inner
}

const everythingLine = "time:22/Nov/2026:16:00:49 +0900\tmsec:1795363249.567\trfc:2026-11-22T16:00:49.5Z\t" +
	"host:2001:db8::1\tstatus:404\tsmall:-8\tsize:12\tcount:7\treqtime:0.25\tf32:1.5\tok:true\traw:\xff\tname:n\tua:curl"

func TestUnmarshalEverything(t *testing.T) {
	var got everything
	require.NoError(t, Unmarshal([]byte(everythingLine), &got))
	size, name := int64(12), "n"
	rfc := time.Date(2026, 11, 22, 16, 0, 49, 5e8, time.UTC)
	assert.True(t, got.Time.Equal(time.Date(2026, 11, 22, 7, 0, 49, 0, time.UTC)))
	_, offset := got.Time.Zone()
	assert.Equal(t, 9*3600, offset)
	got.Time = time.Time{}
	assert.Equal(t, everything{
		MSec: time.Unix(1795363249, 567e6).UTC(), RFC: &rfc, Host: netip.MustParseAddr("2001:db8::1"),
		Status: 404, Small: -8, Size: &size, Count: 7, ReqTime: 0.25, F32: 1.5, OK: true,
		Raw: []byte{0xff}, Name: &name, inner: inner{UA: "curl"},
	}, got)
}

func TestMarshalEverything(t *testing.T) {
	var v everything
	require.NoError(t, Unmarshal([]byte(everythingLine), &v))
	line, err := Marshal(v)
	require.NoError(t, err)
	assert.Equal(t, everythingLine, string(line))
	line, err = Marshal(&v)
	require.NoError(t, err)
	assert.Equal(t, everythingLine, string(line))

	line, err = Marshal(everything{MSec: time.Unix(0, 0)})
	require.NoError(t, err)
	assert.Equal(t, "time:01/Jan/0001:00:00:00 +0000\tmsec:0\thost:\tstatus:0\tsize:\treqtime:0\tua:", string(line))
}

func TestDecoderForgetsTheLastRecord(t *testing.T) {
	d, err := NewDecoder[everything]()
	require.NoError(t, err)
	var r Record
	v := everything{Ignored: "kept", inner: inner{Hidden: "kept"}}
	require.NoError(t, r.Parse([]byte(everythingLine)))
	require.NoError(t, d.Decode(&v, &r))
	assert.Equal(t, 404, v.Status)
	require.NoError(t, r.Parse([]byte("ok:1\tunknown:x")))
	require.NoError(t, d.Decode(&v, &r))
	assert.Equal(t, everything{OK: true, Ignored: "kept", inner: inner{Hidden: "kept"}}, v)
}

func TestUnmarshalLeavesMissingLabelsAlone(t *testing.T) {
	v := struct {
		A string `ltsv:"a"`
		B int    `ltsv:"b"`
	}{"default", 7}
	require.NoError(t, Unmarshal([]byte("a:1\ta:2"), &v))
	assert.Equal(t, "1", v.A, "the first of a repeated label")
	assert.Equal(t, 7, v.B)
}

func TestUnmarshalNoValue(t *testing.T) {
	for _, none := range []string{"", "-"} {
		size, name := int64(1), "x"
		v := everything{Status: 1, Size: &size, Name: &name, OK: true, MSec: time.Now(), ReqTime: 1, Count: 1}
		line := strings.ReplaceAll("status:?\tsize:?\tname:?\tok:?\tmsec:?\treqtime:?\tcount:?\tua:?\traw:?", "?", none)
		require.NoError(t, Unmarshal([]byte(line), &v))
		assert.Equal(t, everything{inner: inner{UA: none}, Raw: []byte(none)}, v)
	}
}

func TestUnmarshalDoesNotAliasTheLine(t *testing.T) {
	line := []byte("raw:abc\tua:def\tname:ghi")
	var v everything
	require.NoError(t, Unmarshal(line, &v))
	clear(line)
	assert.Equal(t, "abc def ghi", fmt.Sprintf("%s %s %s", v.Raw, v.UA, *v.Name))
}

func TestFieldErrors(t *testing.T) {
	d, err := NewDecoder[everything]()
	require.NoError(t, err)
	for _, tt := range []struct {
		line, field, label string
		err                error
	}{
		{"status:4o4", "Status", "status", ErrValue},
		{"status:99999999999999999999", "Status", "status", ErrRange},
		{"small:128", "Small", "small", ErrRange},
		{"count:-1", "Count", "count", ErrValue},
		{"count:65536", "Count", "count", ErrRange},
		{"reqtime:secret", "ReqTime", "reqtime", ErrValue},
		{"reqtime:1e999", "ReqTime", "reqtime", ErrRange},
		{"ok:secret", "OK", "ok", ErrValue},
		{"time:secret", "Time", "time", ErrValue},
		{"msec:secret", "MSec", "msec", ErrValue},
		{"msec:1.2x", "MSec", "msec", ErrValue},
		{"msec:99999999999999999", "MSec", "msec", ErrValue},
		{"host:secret", "Host", "host", ErrValue},
		{"size:secret", "Size", "size", ErrValue},
	} {
		var v everything
		err := Unmarshal([]byte(tt.line), &v)
		var fe *FieldError
		require.ErrorAs(t, err, &fe, tt.line)
		assert.Equal(t, &FieldError{tt.field, tt.label, tt.err}, fe)
		assert.ErrorIs(t, err, tt.err)
		assert.NotContains(t, err.Error(), "secret")
		var r Record
		require.NoError(t, r.Parse([]byte(tt.line)))
		assert.Equal(t, err, d.Decode(&v, &r))
		assert.Equal(t, everything{}, v)
	}
	err = Unmarshal([]byte("bad"), &everything{})
	assert.ErrorIs(t, err, ErrNoColon)

	_, err = Marshal(everything{inner: inner{UA: "a\tb"}})
	assert.Equal(t, &FieldError{"inner.UA", "ua", ErrInvalidByte}, err)
	_, err = Marshal(struct {
		V failingText `ltsv:"v"`
	}{})
	assert.Equal(t, &FieldError{"V", "v", ErrValue}, err)
}

type failingText struct{}

func (failingText) MarshalText() ([]byte, error) { return nil, errors.New("secret") }

func TestHalfTextTypes(t *testing.T) {
	v := struct {
		V failingText `ltsv:"v"`
	}{}
	assert.ErrorIs(t, Unmarshal([]byte("v:1"), &v), ErrType)
	var w struct {
		V readText `ltsv:"v"`
	}
	require.NoError(t, Unmarshal([]byte("v:1"), &w))
	assert.Equal(t, readText{[3]byte{'1'}}, w.V)
	_, err := Marshal(w)
	assert.ErrorIs(t, err, ErrType)
}

type readText struct{ b [3]byte }

func (r *readText) UnmarshalText(b []byte) error { copy(r.b[:], b); return nil }

func TestTypesThatCannotBe(t *testing.T) {
	bad := []any{
		&struct {
			A []string `ltsv:"a"`
		}{},
		&struct {
			A **int `ltsv:"a"`
		}{},
		&struct {
			A map[string]string `ltsv:"a"`
		}{},
		&struct {
			a int `ltsv:"a"` //lint:ignore U1000 the tag is what is tested
		}{},
		&struct {
			A int `ltsv:""`
		}{},
		&struct {
			A int `ltsv:"a b"`
		}{},
		&struct {
			A int `ltsv:"a,omitempy"`
		}{},
		&struct {
			A int `ltsv:"a,layout=unix"`
		}{},
		&struct {
			A int `ltsv:"a"`
			B int `ltsv:"a"`
		}{},
		new(int),
		&[]string{},
	}
	for _, v := range bad {
		err := Unmarshal([]byte("a:1"), v)
		assert.Error(t, err, "%T", v)
		assert.True(t, errors.Is(err, ErrType) || errors.Is(err, ErrTag), "%T: %v", v, err)
		_, err = Marshal(v)
		assert.Error(t, err, "%T", v)
	}
	for _, v := range []any{nil, 1, everything{}, (*everything)(nil)} {
		assert.ErrorIs(t, Unmarshal([]byte("a:1"), v), ErrType, "%T", v)
	}
	for _, v := range []any{nil, (*everything)(nil)} {
		_, err := Marshal(v)
		assert.ErrorIs(t, err, ErrType, "%T", v)
	}
	_, err := NewDecoder[int]()
	assert.ErrorIs(t, err, ErrType)
}

func TestMaps(t *testing.T) {
	m := map[string]string{"old": "1", "a": "old"}
	require.NoError(t, Unmarshal([]byte("b:2\ta:1\ta:3\t__proto__:x"), &m))
	assert.Equal(t, map[string]string{"old": "1", "a": "1", "b": "2", "__proto__": "x"}, m)
	line, err := Marshal(m)
	require.NoError(t, err)
	assert.Equal(t, "__proto__:x\ta:1\tb:2\told:1", string(line))
	var none map[string]string
	require.NoError(t, Unmarshal([]byte("a:1"), &none))
	assert.Equal(t, map[string]string{"a": "1"}, none)
	_, err = Marshal(map[string]string{"a b": "1"})
	assert.ErrorIs(t, err, ErrInvalidLabel)
}

func TestUnixTimes(t *testing.T) {
	type s struct {
		T time.Time `ltsv:"t,layout=unix"`
	}
	for text, want := range map[string]time.Time{
		"0":                    time.Unix(0, 0),
		"1.5":                  time.Unix(1, 5e8),
		"-0.5":                 time.Unix(0, -5e8),
		"-1.25":                time.Unix(-1, -25e7),
		"1795363249.567":       time.Unix(1795363249, 567e6),
		"1795363249.000000001": time.Unix(1795363249, 1),
	} {
		var v s
		require.NoError(t, Unmarshal([]byte("t:"+text), &v), text)
		assert.True(t, want.Equal(v.T), "%s: %v", text, v.T)
		line, err := Marshal(v)
		require.NoError(t, err)
		assert.Equal(t, "t:"+text, string(line))
	}
}

// TestDecoderOnTheRealLog compares with a reading by hand.
func TestDecoderOnTheRealLog(t *testing.T) {
	type entry struct {
		Time   time.Time `ltsv:"time,layout=02/Jan/2006:15:04:05 -0700" json:"t"`
		Status int       `ltsv:"status"`
		URI    string    `ltsv:"uri"`
		App    *float64  `ltsv:"apptime"`
	}
	d, err := NewDecoder[entry]()
	require.NoError(t, err)
	var v entry
	withApp := 0
	for rec, err := range Scan(logtest.Log(logtest.Nginx)) {
		require.NoError(t, err)
		require.NoError(t, d.Decode(&v, rec))
		uri, _ := rec.Get("uri")
		assert.Equal(t, string(uri), v.URI)
		status, _ := rec.Get("status")
		assert.Equal(t, string(status), fmt.Sprint(v.Status))
		stamp, _ := rec.Get("time")
		assert.Equal(t, string(stamp), v.Time.Format("02/Jan/2006:15:04:05 -0700"))
		app, _ := rec.Get("apptime")
		assert.Equal(t, string(app) == "-", v.App == nil)
		if v.App != nil {
			withApp++
		}
		again, err := Marshal(v)
		require.NoError(t, err)
		var back entry
		require.NoError(t, Unmarshal(again, &back))
		a, _ := json.Marshal(v)
		b, _ := json.Marshal(back)
		assert.True(t, bytes.Equal(a, b))
	}
	assert.Positive(t, withApp)
}

// TestDecoderTakesTheFirst of a repeated label, whatever lines came before.
func TestDecoderTakesTheFirst(t *testing.T) {
	type entry struct {
		A string `ltsv:"a"`
	}
	d, err := NewDecoder[entry]()
	require.NoError(t, err)
	var r Record
	var v entry
	for _, line := range []string{"x:0\ta:1", "a:2\ta:3", "x:0\ta:1", "a:\ta:4"} {
		require.NoError(t, r.Parse([]byte(line)))
		require.NoError(t, d.Decode(&v, &r))
		var want entry
		require.NoError(t, Unmarshal([]byte(line), &want))
		assert.Equal(t, want, v, line)
	}
}

// TestDecoderAfterAnError: the field that does not fit is zero, the others are set.
func TestDecoderAfterAnError(t *testing.T) {
	type entry struct {
		A string `ltsv:"a"`
		S int8   `ltsv:"s"`
		T int8   `ltsv:"t"`
		U string `ltsv:"u"`
	}
	d, err := NewDecoder[entry]()
	require.NoError(t, err)
	var r Record
	var v entry
	require.NoError(t, r.Parse([]byte("a:1\ts:1\tt:1\tu:alice")))
	require.NoError(t, d.Decode(&v, &r))
	require.NoError(t, r.Parse([]byte("a:2\ts:999\tt:x\tu:bob")))
	assert.Equal(t, &FieldError{"S", "s", ErrRange}, d.Decode(&v, &r), "the first")
	assert.Equal(t, entry{A: "2", U: "bob"}, v)
}

// TestDecoderMakesNewPointees: what was kept of a record does not change with the next.
func TestDecoderMakesNewPointees(t *testing.T) {
	type entry struct {
		P *int `ltsv:"p"`
	}
	d, err := NewDecoder[entry]()
	require.NoError(t, err)
	var r Record
	var v entry
	var kept []entry
	for _, line := range []string{"p:1", "p:2"} {
		require.NoError(t, r.Parse([]byte(line)))
		require.NoError(t, d.Decode(&v, &r))
		kept = append(kept, v)
	}
	assert.Equal(t, []int{1, 2}, []int{*kept[0].P, *kept[1].P})
}

func TestEmbeddedPointersAreRefused(t *testing.T) {
	type Inner struct {
		A string `ltsv:"a"`
	}
	var v struct {
		*Inner
		B string `ltsv:"b"`
	}
	assert.ErrorIs(t, Unmarshal([]byte("a:1"), &v), ErrType)
}
