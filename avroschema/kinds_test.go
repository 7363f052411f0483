package avroschema_test

import (
	"math"
	"strings"

	. "github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/internal/avrotest"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// A kind is a type with values for it and what readers see of them, in the form of
// package avrotest. Nothing of what is wanted comes from the encoder: it is written down,
// or comes from package math.
type kind struct {
	name    string
	field   Field  // of a Spec, if that can say it
	schema  string // in JSON; % is a digit that makes names of types unique
	samples []sample
}

type sample struct {
	value transform.Value
	want  any
}

func text(s string) transform.Value { return transform.String([]byte(s)) }
func number(s string) transform.Value {
	return transform.Value{Kind: transform.KindNumber, Bytes: []byte(s)}
}
func truth(s string) transform.Value {
	return transform.Value{Kind: transform.KindBool, Bytes: []byte(s)}
}
func nested(s string) transform.Value {
	return transform.Value{Kind: transform.KindJSON, Bytes: []byte(s)}
}

func double(f float64) string { return avrotest.Double(f) }

type members = map[string]any

var kinds = []kind{
	{"string", Field{}, `"string"`, []sample{
		{text(""), ""},
		{text("größe"), "größe"},
		{text("\x00\t\"\\\u2028"), "\x00\t\"\\\u2028"},
		{text("😀 and 𝄞"), "😀 and 𝄞"},
		{text("a\xff\xc3(\xed\xa0\x80"), "a\uFFFD\uFFFD(\uFFFD\uFFFD\uFFFD"},
		{text("\xf0\x9f\x98"), "\uFFFD\uFFFD\uFFFD"},
		{text(strings.Repeat("é", 5000)), strings.Repeat("é", 5000)},
		{number("1.50"), "1.50"},
		{truth("true"), "true"},
		{nested(`{"a":[1]}`), `{"a":[1]}`},
	}},
	{"int", Field{Type: TypeInt}, `"int"`, []sample{
		{number("0"), "0"}, {number("-2147483648"), "-2147483648"}, {number("2147483647"), "2147483647"},
		{text("-1"), "-1"}, {text("007"), "7"}, {number("2e2"), "200"}, {number("63"), "63"}, {number("64"), "64"}, {number("-65"), "-65"},
	}},
	{"long", Field{Type: TypeLong}, `"long"`, []sample{
		{number("0"), "0"}, {number("-9223372036854775808"), "-9223372036854775808"}, {number("9223372036854775807"), "9223372036854775807"},
		{text("9007199254740993"), "9007199254740993"}, {number("-9007199254740993"), "-9007199254740993"}, {number("1099511627776"), "1099511627776"},
	}},
	{"float", Field{Type: TypeFloat}, `"float"`, []sample{
		{number("0"), double(0)}, {number("-0.0"), double(math.Copysign(0, -1))}, {text("0.1"), double(float64(float32(0.1)))},
		{number("3.4028234663852886e38"), double(math.MaxFloat32)}, {number("-1.401298464324817e-45"), double(-math.SmallestNonzeroFloat32)},
	}},
	{"double", Field{Type: TypeDouble}, `"double"`, []sample{
		{number("0.010"), double(0.01)}, {number("-0"), double(math.Copysign(0, -1))}, {text("200"), double(200)},
		{number("1.7976931348623157e308"), double(math.MaxFloat64)}, {number("-5e-324"), double(-math.SmallestNonzeroFloat64)},
	}},
	{"boolean", Field{Type: TypeBool}, `"boolean"`, []sample{
		{truth("true"), true}, {truth("false"), false}, {text("no"), false}, {text("ON"), true}, {number("1"), true},
	}},
	{"bytes", Field{Type: TypeBytes}, `"bytes"`, []sample{
		{text(""), ""}, {text("\x00\xff\x80a"), "00ff8061"}, {text(strings.Repeat("\xfe", 3000)), strings.Repeat("fe", 3000)},
	}},
	{"timestamp_millis", Field{Type: TypeTimestampMillis}, `{"type":"long","logicalType":"timestamp-millis"}`, []sample{
		{text("2026-11-22T16:00:49.567Z"), "2026-11-22T16:00:49.567000Z"},
		{text("2026-11-22T00:00:49.5679+09:00"), "2026-11-21T15:00:49.567000Z"},
		{text("0001-01-01T00:00:00Z"), "0001-01-01T00:00:00.000000Z"},
		{text("9999-12-31T23:59:59.999Z"), "9999-12-31T23:59:59.999000Z"},
		{text("1969-12-31T23:59:59.999999Z"), "1969-12-31T23:59:59.999000Z"},
		{text("22/Nov/2026:16:00:49 -0230"), "2026-11-22T18:30:49.000000Z"},
		{number("1795363249.5"), "2026-11-22T16:00:49.500000Z"},
		{text("1795363249567"), "2026-11-22T16:00:49.567000Z"},
	}},
	{"timestamp_micros", Field{Type: TypeTimestampMicros}, `{"type":"long","logicalType":"timestamp-micros"}`, []sample{
		{text("2026-11-22T16:00:49.567890123Z"), "2026-11-22T16:00:49.567890Z"},
		{text("0001-01-01T00:00:00Z"), "0001-01-01T00:00:00.000000Z"},
		{text("9999-12-31T23:59:59.999999Z"), "9999-12-31T23:59:59.999999Z"},
		{text("1969-12-31T23:59:59.9999999Z"), "1969-12-31T23:59:59.999999Z"},
	}},
	{"date", Field{Type: TypeDate}, `{"type":"int","logicalType":"date"}`, []sample{
		{text("1970-01-01"), "1970-01-01"}, {text("0001-01-01"), "0001-01-01"}, {text("9999-12-31"), "9999-12-31"}, {text("1969-12-31"), "1969-12-31"},
		{text("2026-11-22T23:30:00-02:00"), "2026-11-23"}, {number("1795363249"), "2026-11-22"},
	}},
	{"decimal", Field{Type: TypeDecimal, Precision: 38, Scale: 6}, `{"type":"bytes","logicalType":"decimal","precision":38,"scale":6}`, []sample{
		{number("0"), "0.000000"}, {text("-0.000001"), "-0.000001"}, {number("12.50"), "12.500000"}, {number("1e3"), "1000.000000"},
		{text("99999999999999999999999999999999.999999"), "99999999999999999999999999999999.999999"},
		{text("-99999999999999999999999999999999.999999"), "-99999999999999999999999999999999.999999"},
		{text("-18446744073709.551616"), "-18446744073709.551616"},
	}},
	{"cents", Field{Type: TypeDecimal, Precision: 5, Scale: 2}, `{"type":"bytes","logicalType":"decimal","precision":5,"scale":2}`, []sample{
		{text("1.27"), "1.27"}, {text("1.28"), "1.28"}, {text("-1.28"), "-1.28"}, {text("-1.29"), "-1.29"}, {text("-999.99"), "-999.99"}, {text("+7"), "7.00"},
	}},
	{"map", Field{Type: TypeMap}, `{"type":"map","values":"string"}`, []sample{
		{nested(`{}`), members{}},
		{nested(`{"a":"x","":"","\u043a\ud83d\ude00":"\ud83d\ude00","n":1.5,"a":"last"}`), members{"a": "last", "": "", "к😀": "😀", "n": "1.5"}},
		{text(`{"in":"text"}`), members{"in": "text"}},
	}},
	{"array", Field{Type: TypeArray}, `{"type":"array","items":"string"}`, []sample{
		{nested(`[]`), []any{}},
		{nested(`["","ß\u0000","\ud83d\ude00",true,{"a":1}]`), []any{"", "ß\x00", "😀", "true", `{"a":1}`}},
		{nested("[" + strings.Repeat(`"x",`, 99) + `"x"]`), strings100()},
	}},
	{"record", Field{Type: TypeRecord, Record: &Spec{Name: "Request", Fields: []Field{
		{Label: "path", Required: true}, {Label: "size", Type: TypeLong},
		{Label: "at", Type: TypeTimestampMillis, Required: true, Default: 0}, {Label: "tags", Type: TypeArray},
	}}}, `{"type":"record","name":"Request%","fields":[
		{"name":"path","type":"string"},{"name":"size","type":["null","long"],"default":null},
		{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"},"default":0},
		{"name":"tags","type":["null",{"type":"array","items":"string"}],"default":null}]}`, []sample{
		{nested(`{"path":"/"}`), members{"path": "/", "size": nil, "at": "1970-01-01T00:00:00.000000Z", "tags": nil}},
		{nested(`{"tags":["a"],"at":"2026-11-22T16:00:49Z","size":-1,"path":"/ü","other":[{}]}`),
			members{"path": "/ü", "size": "-1", "at": "2026-11-22T16:00:49.000000Z", "tags": []any{"a"}}},
	}},

	// What only a schema in JSON can say.
	{"enum", Field{}, `{"type":"enum","name":"Method%","symbols":["GET","POST","OTHER"]}`, []sample{{text("GET"), "GET"}, {text("OTHER"), "OTHER"}}},
	{"fixed", Field{}, `{"type":"fixed","name":"Four%","size":4}`, []sample{{text("\x00\xff\x80a"), "00ff8061"}, {text("abcd"), "61626364"}}},
	{"uuid", Field{}, `{"type":"string","logicalType":"uuid"}`, []sample{{text("2f1b9a04-0c3e-4f7e-9d67-000000000000"), "2f1b9a04-0c3e-4f7e-9d67-000000000000"}}},
	{"time_millis", Field{}, `{"type":"int","logicalType":"time-millis"}`, []sample{
		{text("00:00:00"), "00:00:00.000000"}, {text("23:59:59.9999"), "23:59:59.999000"}, {number("57649567"), "16:00:49.567000"}}},
	{"time_micros", Field{}, `{"type":"long","logicalType":"time-micros"}`, []sample{
		{text("23:59:59.9999999"), "23:59:59.999999"}, {text("16:00:49"), "16:00:49.000000"}}},
	{"local_millis", Field{}, `{"type":"long","logicalType":"local-timestamp-millis"}`, []sample{
		{text("2026-11-22T16:00:49.567+09:00"), "2026-11-22T16:00:49.567000"}, {text("1969-12-31T23:59:59.9999Z"), "1969-12-31T23:59:59.999000"}}},
	{"local_micros", Field{}, `{"type":"long","logicalType":"local-timestamp-micros"}`, []sample{
		{text("2026-11-22T16:00:49.567891-11:30"), "2026-11-22T16:00:49.567891"}}},
	{"decimal_fixed", Field{}, `{"type":"fixed","name":"Dec%","size":16,"logicalType":"decimal","precision":38,"scale":0}`, []sample{
		{text("-1"), "-1"}, {text(strings.Repeat("9", 38)), strings.Repeat("9", 38)}, {number("0"), "0"}}},
	{"matrix", Field{}, `{"type":"array","items":{"type":"map","values":{"type":"array","items":["null","long"]}}}`, []sample{
		{nested(`[{"a":[1,null,-1],"b":[]},{}]`), []any{members{"a": []any{"1", nil, "-1"}, "b": []any{}}, members{}}}}},
	{"list", Field{}, `{"type":"record","name":"List%","fields":[{"name":"n","type":"int"},{"name":"next","type":["null","List%"],"default":null}]}`, []sample{
		{nested(`{"n":1,"next":{"n":2,"next":{"n":3}}}`), members{"n": "1", "next": members{"n": "2", "next": members{"n": "3", "next": nil}}}}}},
	{"many", Field{}, `{"type":"array","items":["null","boolean","long","double","string",{"type":"enum","name":"E%","symbols":["a"]},{"type":"map","values":"int"}]}`, []sample{
		{nested(`[null,true,7,0.5,"x","a",{"m":1}]`), []any{nil, true, "7", double(0.5), "x", "a", members{"m": "1"}}}}},
}

func strings100() (all []any) {
	for range 100 {
		all = append(all, "x")
	}
	return all
}
