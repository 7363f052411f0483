package avroschema_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	. "github.com/ltsvpipe/ltsvpipe/avroschema"
)

// TestFieldErrors have the place and the cause, and nothing of the record, which they cost:
// what was in the buffer is as it was.
func TestFieldErrors(t *testing.T) {
	for _, tt := range []struct {
		fields, in string
		path       string
		want       error
	}{
		{`{"name":"a","type":"int"}`, `{"a":"geheim"}`, "a", ErrValue},
		{`{"name":"a","type":"int"}`, `{"a":2147483648}`, "a", ErrRange},
		{`{"name":"a","type":"int"}`, `{"a":1.5}`, "a", ErrPrecision},
		{`{"name":"a","type":"int"}`, `{}`, "a", ErrMissing},
		{`{"name":"a","type":"int"}`, `{"a":null}`, "a", ErrMissing},
		{`{"name":"a","type":"long"}`, `{"a":9223372036854775808}`, "a", ErrRange},
		{`{"name":"a","type":"boolean"}`, `{"a":"geheim"}`, "a", ErrValue},
		{`{"name":"a","type":{"type":"bytes","logicalType":"decimal","precision":3,"scale":1}}`, `{"a":"1.25"}`, "a", ErrPrecision},
		{`{"name":"a","type":{"type":"bytes","logicalType":"decimal","precision":3,"scale":1}}`, `{"a":"100"}`, "a", ErrRange},
		{`{"name":"a","type":{"type":"enum","name":"E","symbols":["A"]}}`, `{"a":"geheim"}`, "a", ErrValue},
		{`{"name":"a","type":{"type":"long","logicalType":"timestamp-millis"}}`, `{"a":"geheim"}`, "a", ErrValue},
		{`{"name":"a","type":{"type":"array","items":"int"}}`, `{"a":[1,"geheim"]}`, "a[]", ErrValue},
		{`{"name":"a","type":{"type":"map","values":{"type":"array","items":"int"}}}`, `{"a":{"geheim":["geheim"]}}`, "a{}[]", ErrValue},
		{`{"name":"a","type":{"type":"record","name":"S","fields":[{"name":"b","type":"int"}]}}`, `{"a":{"b":"geheim"}}`, "a.b", ErrValue},
		{`{"name":"a","type":{"type":"record","name":"S","fields":[{"name":"b","type":"int"}]}}`, `{"a":{"c":"geheim"}}`, "a.b", ErrMissing},
		{`{"name":"a","type":"string"}`, `{"a":"` + strings.Repeat("geheim", 20) + `"}`, "", ErrRecordTooLarge},
	} {
		e := encoder(t, `{"type":"record","name":"R","fields":[`+tt.fields+`]}`)
		e.MaxBytes = 100
		out, err := e.Append([]byte("before"), object(t, tt.in))
		var field *FieldError
		require.ErrorAs(t, err, &field, tt.in)
		assert.Equal(t, tt.path, field.Path, tt.in)
		assert.ErrorIs(t, err, tt.want, tt.in)
		assert.NotContains(t, err.Error(), "geheim")
		assert.Equal(t, "before", string(out), tt.in)
		assert.EqualValues(t, 1, e.Stats().Rejected)
	}
}

// TestPolicies: one value that does not convert, by what its field says of it.
func TestPolicies(t *testing.T) {
	e := encoder(t, `{"type":"record","name":"R","fields":[
		{"name":"null","type":["null","int"],"default":null},
		{"name":"default","type":"int","default":7,"ltsv.onerror":"default"},
		{"name":"kept","type":["null","int"],"default":null,"ltsv.onerror":"extras"},
		{"name":"rest","type":{"type":"map","values":"string"},"default":{},"ltsv.extras":true},
		{"name":"text","type":"string","default":"-"},
		{"name":"strict","type":["null","int"],"default":null,"ltsv.onerror":"reject"}]}`)
	good, err := e.Append(nil, object(t, `{"null":1,"default":2,"kept":3,"text":"x","strict":4}`))
	require.NoError(t, err)
	assert.Equal(t, []byte{2, 2, 4, 2, 6, 0, 2, 'x', 2, 8}, good)
	bad, err := e.Append(nil, object(t, `{"null":"x","default":"y","kept":"z","text":"x","strict":null}`))
	require.NoError(t, err)
	assert.Equal(t, append([]byte{0, 14, 0, 2, 8}, "kept\x02z\x00\x02x\x00"...), bad)
	_, err = e.Append(nil, object(t, `{"strict":"x"}`))
	require.ErrorIs(t, err, ErrValue)
	rec := object(t, `{}`)
	rec.Set("text", text("a\xffb"))
	repaired, err := e.Append(nil, rec)
	require.NoError(t, err)
	assert.Equal(t, append([]byte{0, 14, 0, 0}, "\x0aa\uFFFDb\x00"...), repaired)

	want := Stats{Records: 3, Rejected: 1, Fields: []FieldStats{{"null", 1, 0}, {"default", 1, 0}, {"kept", 1, 0}, {"rest", 0, 0}, {"text", 0, 1}, {"strict", 1, 0}}}
	assert.Equal(t, want, e.Stats())
	assert.Equal(t, want, Stats{}.Add(e.Stats()))
	twice := e.Stats().Add(e.Stats())
	assert.EqualValues(t, 6, twice.Records)
	assert.Equal(t, FieldStats{"text", 0, 2}, twice.Fields[4])
}

// TestDefaultLayouts: a time is read in whichever of the default layouts it has.
func TestDefaultLayouts(t *testing.T) {
	e := encoder(t, `{"type":"record","name":"R","fields":[{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}}]}`)
	for _, in := range []string{
		"22/Nov/2026:16:00:49 +0000", "[22/Nov/2026:16:00:49 +0000]", "2026-11-22T16:00:49Z", "1795363249", "1795363249000",
		"1795363249.000999999999999", // as long as the first
	} {
		out, err := e.Append(nil, object(t, fmt.Sprintf(`{"at":%q}`, in)))
		require.NoError(t, err, in)
		got, _ := binary.Varint(out)
		assert.EqualValues(t, int64(1795363249000), got, in)
	}
}

// TestLayouts: a field's own layouts of times are those that it takes, in their order, and
// no others.
func TestLayouts(t *testing.T) {
	for _, tt := range []struct {
		typ, layouts, in string
		want             int64
		refused          string // a text of the default layouts
	}{
		{`{"type":"long","logicalType":"timestamp-millis"}`, `["epoch"]`, "1795363249.5", 1795363249500, "2026-11-22T16:00:49Z"},
		{`{"type":"long","logicalType":"timestamp-micros"}`, `["2006-01-02 15:04:05.999 Z07:00"]`, "2026-11-22 16:00:49.5 Z", 1795363249500000, "2026-11-22T16:00:49Z"},
		{`{"type":"long","logicalType":"timestamp-millis"}`, `["epoch","02/01/2006 15:04"]`, "22/11/2026 16:00", 1795363200000, "22/Nov/2026:16:00:49 +0000"},
		{`{"type":"int","logicalType":"date"}`, `["02.01.2006"]`, "22.11.2026", 20779, "2026-11-22"},
		{`{"type":"int","logicalType":"time-millis"}`, `["3:04 PM","15h04"]`, "16h05", (16*3600 + 5*60) * 1000, "16:05:00"},
		{`{"type":"long","logicalType":"time-micros"}`, `["3:04:05 PM"]`, "4:05:49 PM", (16*3600 + 5*60 + 49) * 1_000_000, "16:05:49"},
		{`{"type":"long","logicalType":"local-timestamp-millis"}`, `["2006-01-02T15:04:05-0700"]`, "2026-11-22T16:00:49+0900", 1795363249000, "2026-11-22T16:00:49Z"},
	} {
		e := encoder(t, `{"type":"record","name":"R","fields":[{"name":"at","type":`+tt.typ+`,"ltsv.layouts":`+tt.layouts+`}]}`)
		out, err := e.Append(nil, object(t, fmt.Sprintf(`{"at":%q}`, tt.in)))
		require.NoError(t, err, tt.in)
		got, n := binary.Varint(out)
		assert.Equal(t, len(out), n)
		assert.Equal(t, tt.want, got, tt.in)
		for _, in := range []string{tt.refused, "", strings.Repeat("1", 1000)} {
			_, err = e.Append(nil, object(t, fmt.Sprintf(`{"at":%q}`, in)))
			assert.ErrorIs(t, err, ErrValue, in)
		}
	}
	for typ, layout := range map[string]string{
		`{"type":"int","logicalType":"time-millis"}`:       "2006-01-02",              // no clock
		`{"type":"long","logicalType":"time-micros"}`:      "3:04:05",                 // half of one
		`{"type":"long","logicalType":"timestamp-millis"}`: "15:04:05",                // no day
		`{"type":"long","logicalType":"timestamp-micros"}`: "2006-01-02 15:04:05 MST", // which of several
	} {
		s, err := Parse(fmt.Sprintf(`{"type":"record","name":"R","fields":[{"name":"at","type":%s,"ltsv.layouts":[%q]}]}`, typ, layout))
		if err == nil {
			_, err = Compile(s)
		}
		var wrong *SchemaError
		require.ErrorAs(t, err, &wrong, layout)
		assert.Equal(t, "at", wrong.Path)
	}
}

// TestDefaultRecord: a nested record that is missing is the field's default, in which what
// is missing is the default of its own field.
func TestDefaultRecord(t *testing.T) {
	e := encoder(t, `{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"record","name":"S","fields":[
		{"name":"n","type":"int"},{"name":"s","type":"string","default":"own"},{"name":"l","type":{"type":"array","items":"int"},"default":[]}]},"default":{"n":3,"l":[1]}}]}`)
	out, err := e.Append(nil, object(t, `{}`))
	require.NoError(t, err)
	assert.Equal(t, append([]byte{6}, "\x06own\x02\x02\x00"...), out)
}
