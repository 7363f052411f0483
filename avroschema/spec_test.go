package avroschema

import (
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// accessLog has a field of every type.
func accessLog() *Spec {
	return &Spec{
		Name: "AccessLog", Namespace: "com.example.logs", Doc: `one "request"`, Aliases: []string{"Old"},
		Nulls: []string{"-", ""}, Extras: "extras",
		Fields: []Field{
			{Label: "@timestamp", Name: "timestamp", Type: TypeTimestampMillis, Required: true, Layouts: []string{"epoch", time.RFC3339}},
			{Label: "status", Type: TypeInt, Required: true, Doc: "of the answer"},
			{Label: "size", Type: TypeLong, Default: 0},
			{Label: "path", Required: true, Default: "/<a>"},
			{Label: "X-Agent", Aliases: []string{"ua"}, Nulls: []string{}},
			{Label: "ratio", Type: TypeFloat, OnError: OnErrorExtras},
			{Label: "taken", Type: TypeDouble, Default: 0.5, OnError: OnErrorDefault},
			{Label: "bot", Type: TypeBool, Required: true, Default: false},
			{Label: "raw", Type: TypeBytes, Required: true, Default: []byte{0, 0xff, 'a'}},
			{Label: "seen", Type: TypeTimestampMicros, Required: true, Default: time.Unix(1, 5000)},
			{Label: "day", Type: TypeDate, Default: time.Date(1970, 1, 3, 23, 0, 0, 0, time.UTC)},
			{Label: "price", Type: TypeDecimal, Precision: 10, Scale: 2, Required: true, Default: "-1.5", Nulls: []string{"none"}},
			{Label: "tags", Type: TypeArray, Required: true, Default: []string{"a"}},
			{Label: "headers", Type: TypeMap},
			{Label: "sess", Type: TypeRecord, Record: &Spec{Name: "Session", Fields: []Field{
				{Label: "uid", Type: TypeLong, OnError: OnErrorReject}, {Label: "lang"},
			}}},
		},
	}
}

const accessLogJSON = `{"type":"record","name":"AccessLog","namespace":"com.example.logs","doc":"one \"request\"","aliases":["com.example.logs.Old"],"fields":[` +
	`{"name":"timestamp","type":{"type":"long","logicalType":"timestamp-millis"},"ltsv.label":"@timestamp","ltsv.layouts":["epoch","2006-01-02T15:04:05Z07:00"]},` +
	`{"name":"status","doc":"of the answer","type":"int"},` +
	`{"name":"size","type":["long","null"],"default":0},` +
	`{"name":"path","type":"string","default":"/<a>"},` +
	`{"name":"x_agent","type":["null","string"],"default":null,"aliases":["ua"],"ltsv.label":"X-Agent","ltsv.nulls":[]},` +
	`{"name":"ratio","type":["null","float"],"default":null,"ltsv.onerror":"extras"},` +
	`{"name":"taken","type":["double","null"],"default":0.5,"ltsv.onerror":"default"},` +
	`{"name":"bot","type":"boolean","default":false},` +
	`{"name":"raw","type":"bytes","default":"\u0000ÿa"},` +
	`{"name":"seen","type":{"type":"long","logicalType":"timestamp-micros"},"default":1000005},` +
	`{"name":"day","type":[{"type":"int","logicalType":"date"},"null"],"default":2},` +
	`{"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":10,"scale":2},"default":"ÿj","ltsv.nulls":["none"]},` +
	`{"name":"tags","type":{"type":"array","items":"string"},"default":["a"]},` +
	`{"name":"headers","type":["null",{"type":"map","values":"string"}],"default":null},` +
	`{"name":"sess","type":["null",{"type":"record","name":"Session","fields":[` +
	`{"name":"uid","type":["null","long"],"default":null,"ltsv.onerror":"reject"},{"name":"lang","type":["null","string"],"default":null}]}],"default":null},` +
	`{"name":"extras","type":{"type":"map","values":"string"},"default":{},"ltsv.extras":true}],"ltsv.nulls":["-",""]}`

func TestSpecSchema(t *testing.T) {
	s, err := accessLog().Schema()
	require.NoError(t, err)
	assert.Equal(t, accessLogJSON, s.JSON())
	assert.Equal(t, "com.example.logs.AccessLog", s.Name())

	again, err := Parse(s.JSON())
	require.NoError(t, err)
	assert.Equal(t, s.root, again.root)
	assert.Equal(t, s.JSON(), again.JSON())
}

func TestSpecPlan(t *testing.T) {
	s, err := accessLog().Schema()
	require.NoError(t, err)
	fields := map[string]*field{}
	for _, f := range s.root.fields {
		fields[f.label] = f
	}
	assert.Equal(t, OnErrorReject, fields["status"].onError)
	assert.Equal(t, OnErrorNull, fields["size"].onError)
	assert.Equal(t, OnErrorExtras, fields["ratio"].onError)
	assert.Equal(t, []string{"-", ""}, fields["status"].nulls)
	assert.Empty(t, fields["X-Agent"].nulls)
	assert.Equal(t, []string{"none"}, fields["price"].nulls)
	assert.Same(t, fields["extras"], s.root.extras)
}

func TestTwosComplement(t *testing.T) {
	for n, want := range map[int64][]byte{
		0: {0}, 1: {1}, 127: {127}, 128: {0, 128}, 255: {0, 255}, 256: {1, 0},
		-1: {255}, -128: {128}, -129: {255, 127}, -256: {255, 0}, -32768: {128, 0}, -32769: {255, 127, 255},
	} {
		assert.Equal(t, want, twosComplement(big.NewInt(n)), "%d", n)
	}
}

func TestSpecRefuses(t *testing.T) {
	loop := &Spec{Name: "R"}
	loop.Fields = []Field{{Label: "r", Type: TypeRecord, Record: loop}}
	with := func(f Field) *Spec { return &Spec{Name: "R", Fields: []Field{f}} }
	for _, test := range []struct {
		name string
		spec *Spec
		err  error
	}{
		{"no name", &Spec{}, ErrName},
		{"a name that is none", &Spec{Name: "a-b"}, ErrName},
		{"a namespace that is none", &Spec{Name: "R", Namespace: "a..b"}, ErrName},
		{"an alias that is none", &Spec{Name: "R", Aliases: []string{"a b"}}, ErrName},
		{"neither label nor name", with(Field{}), ErrName},
		{"a field name that is none", with(Field{Name: "a-b"}), ErrName},
		{"labels twice", &Spec{Name: "R", Fields: []Field{{Label: "a", Name: "x"}, {Label: "a", Name: "y"}}}, ErrDuplicate},
		{"names twice", &Spec{Name: "R", Fields: []Field{{Label: "a", Name: "x"}, {Label: "b", Name: "x"}}}, ErrDuplicate},
		{"the name of extras", &Spec{Name: "R", Extras: "x", Fields: []Field{{Label: "x"}}}, ErrDuplicate},
		{"records in a loop", loop, ErrTooLarge},
		{"record without a description", with(Field{Label: "a", Type: TypeRecord}), ErrType},
		{"description without a record", with(Field{Label: "a", Record: &Spec{Name: "I"}}), ErrType},
		{"two records of one name", with(Field{Label: "a", Type: TypeRecord, Record: &Spec{Name: "R"}}), ErrDuplicate},
		{"nested extras", with(Field{Label: "a", Type: TypeRecord, Record: &Spec{Name: "I", Extras: "x"}}), ErrType},
		{"unknown type", with(Field{Label: "a", Type: 99}), ErrType},
		{"precision of a long", with(Field{Label: "a", Type: TypeLong, Precision: 1}), ErrType},
		{"no precision", with(Field{Label: "a", Type: TypeDecimal}), ErrType},
		{"too much precision", with(Field{Label: "a", Type: TypeDecimal, Precision: 39}), ErrType},
		{"too much scale", with(Field{Label: "a", Type: TypeDecimal, Precision: 2, Scale: 3}), ErrType},
		{"a layout that is none", with(Field{Label: "a", Type: TypeDate, Layouts: []string{"epoch", "hello"}}), ErrProperty},
		{"layouts of text", with(Field{Label: "a", Layouts: []string{"epoch"}}), ErrProperty},
		{"null in a required field", with(Field{Label: "a", Required: true, OnError: OnErrorNull}), ErrPolicy},
		{"default without one", with(Field{Label: "a", Required: true, OnError: OnErrorDefault}), ErrPolicy},
		{"extras without one", with(Field{Label: "a", OnError: OnErrorExtras}), ErrPolicy},
		{"extras of a required field", &Spec{Name: "R", Extras: "x", Fields: []Field{{Label: "a", Required: true, OnError: OnErrorExtras}}}, ErrPolicy},
		{"unknown policy", with(Field{Label: "a", OnError: 99}), ErrPolicy},
		{"text for a number", with(Field{Label: "a", Type: TypeInt, Default: "0"}), ErrDefault},
		{"a fraction for a long", with(Field{Label: "a", Type: TypeLong, Default: 0.5}), ErrDefault},
		{"too much for an int", with(Field{Label: "a", Type: TypeInt, Default: int64(1) << 31}), ErrDefault},
		{"not a number", with(Field{Label: "a", Type: TypeDouble, Default: math.NaN()}), ErrDefault},
		{"a time for a string", with(Field{Label: "a", Default: time.Now()}), ErrDefault},
		{"a number for bytes", with(Field{Label: "a", Type: TypeBytes, Default: 1}), ErrDefault},
		{"more digits than precision", with(Field{Label: "a", Type: TypeDecimal, Precision: 3, Scale: 2, Default: "12.5"}), ErrDefault},
		{"more digits than scale", with(Field{Label: "a", Type: TypeDecimal, Precision: 3, Scale: 1, Default: "0.55"}), ErrDefault},
		{"a decimal that is none", with(Field{Label: "a", Type: TypeDecimal, Precision: 3, Default: "1_0"}), ErrDefault},
		{"a float for a decimal", with(Field{Label: "a", Type: TypeDecimal, Precision: 3, Default: 1.5}), ErrDefault},
		{"a default of a record", with(Field{Label: "a", Type: TypeRecord, Record: &Spec{Name: "I"}, Default: map[string]any{}}), ErrDefault},
		{"numbers in an array", with(Field{Label: "a", Type: TypeArray, Default: []int{1}}), ErrDefault},
	} {
		_, err := test.spec.Schema()
		var at *SchemaError
		if assert.ErrorIs(t, err, test.err, test.name) {
			assert.ErrorAs(t, err, &at, test.name)
		}
	}
}

// TestSpecSaysWhat is wrong, for who cannot see it by the path.
func TestSpecSaysWhat(t *testing.T) {
	first, err := (&Spec{Name: "R", Fields: []Field{{Label: "user-id"}}}).Schema()
	require.NoError(t, err)
	const hint = "; give it another Name, or set Collisions to CollisionSuffix"
	for want, spec := range map[string]*Spec{
		"not a name by the Avro specification: Spec.Name is empty":    (&Inferrer{}).Spec(),
		"a: not a name by the Avro specification: Spec.Name is empty": {Name: "R", Fields: []Field{{Label: "a", Type: TypeRecord, Record: &Spec{}}}},
		"user_id: labels come to one name: that of Fields[1] is that of Fields[2]" + hint: {
			Name: "R", Fields: []Field{{Label: "a"}, {Label: "user-id"}, {Label: "user.id"}},
		},
		"user_id: labels come to one name: that of Fields[0] is that of Fields[1]" + hint: {
			Name: "R", Fields: []Field{{Label: "user.id"}, {Label: "user_id"}},
		},
		"user_id: labels come to one name: that of Fields[0] is that of Extras" + hint: {
			Name: "R", Extras: "user_id", Fields: []Field{{Label: "user.id"}},
		},
		"user_id: labels come to one name: that of Fields[0] is that of a field of Previous" + hint: {
			Name: "R", Previous: first, Fields: []Field{{Label: "user.id"}},
		},
		"user_id_f4f09501: labels come to one name: with its suffix that of Fields[1] is taken; give it another Name": {
			Name: "R", Collisions: CollisionSuffix,
			Fields: []Field{{Label: "user_id"}, {Label: "user.id"}, {Label: "x", Name: "user_id_f4f09501"}},
		},
	} {
		_, err := spec.Schema()
		assert.EqualError(t, err, "avroschema: "+want)
	}
}

// Whatever text a description has, its JSON says the same to whoever reads it.
func FuzzSpec(f *testing.F) {
	f.Add("AccessLog", "com.example", "user-id", "", "doc", "-", int64(1))
	f.Add("R", "", "größe\xff", "name", "\"\n<", "", int64(-1<<63))
	f.Fuzz(func(t *testing.T, name, space, label, column, text, null string, n int64) {
		spec := Spec{Name: name, Namespace: space, Doc: text, Extras: "rest", Nulls: []string{null}, Fields: []Field{
			{Label: label, Name: column, Doc: text, Default: text},
			{Label: label + "x", Type: TypeLong, Default: n, OnError: OnErrorExtras, Nulls: []string{null, text}},
			{Label: label + "y", Type: TypeBytes, Default: []byte(text)},
		}}
		s, err := spec.Schema()
		if err != nil {
			var at *SchemaError
			require.ErrorAs(t, err, &at)
			return
		}
		again, err := Parse(s.JSON())
		require.NoError(t, err)
		require.Equal(t, s.root, again.root)
		b, ok := defaultBytes(s.root.fields[2].def)
		require.True(t, ok)
		require.Equal(t, text, string(b))
	})
}
