package avroschema

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// inferredType returns what the values of one label come to: JSON values, added in every
// order.
func inferredType(t *testing.T, values ...string) string {
	t.Helper()
	var all []string
	for range values {
		values = append(values[1:], values[0])
		for _, order := range [][]string{values, reversed(values)} {
			var in Inferrer
			for _, v := range order {
				in.Add(decodeJSON(t, `{"x":`+v+`}`))
			}
			typ := "none"
			if spec := in.Spec(); len(spec.Fields) > 0 {
				typ = spec.Fields[0].Type.String()
			}
			all = append(all, typ)
		}
	}
	require.Len(t, slices.Compact(all), 1, "the order must not matter: %v", values)
	return all[0]
}

func decodeJSON(t *testing.T, text string) *transform.Record {
	t.Helper()
	rec := new(transform.Record)
	require.NoError(t, jsonrec.Decoder{}.Decode(rec, []byte(text)))
	return rec
}

func TestInferredTypes(t *testing.T) {
	for _, test := range []struct {
		want   string
		values []string
	}{
		{"none", []string{`null`, `""`, `"-"`}},
		{"long", []string{`"200"`, `-1`, `null`, `"0"`}},
		{"long", []string{`"9223372036854775807"`, `"-9223372036854775808"`}},
		{"string", []string{`"9223372036854775808"`, `1`}},
		{"string", []string{`"007"`, `1`}},
		{"string", []string{`"+1"`}},
		{"string", []string{`"-0"`}},
		{"string", []string{`-0`}},
		{"string", []string{`"1 "`}},
		{"double", []string{`"0.010"`, `1`}},
		{"double", []string{`"-0.5"`, `"1795363249.567"`}},
		{"double", []string{`0.30000000000000004`}},
		{"string", []string{`"0.1234567890123456789"`}},
		{"string", []string{`"12345678901234567.8"`}},
		{"double", []string{`1e5`, `1.5E-3`}},
		{"string", []string{`"1234e5"`, `1`}},
		{"string", []string{`1e999`}},
		{"string", []string{`"NaN"`, `1.5`}},
		{"string", []string{`"0x10"`}},
		{"double", []string{`9007199254740992`, `1.5`}},
		{"string", []string{`9007199254740993`, `1.5`, `2`}},
		{"long", []string{`9007199254740993`, `2`}},
		{"bool", []string{`true`, `false`, `null`}},
		{"string", []string{`"true"`}},
		{"string", []string{`true`, `1`, `false`}},
		{"string", []string{`{"a":1}`, `1`}},
		{"string", []string{`"1"`, `"x"`, `1.5`}},
	} {
		assert.Equal(t, test.want, inferredType(t, test.values...), "%v", test.values)
	}
}

func TestInferrerLimits(t *testing.T) {
	in := Inferrer{Name: "R", MaxFields: 2, Extras: "rest"}
	long := strings.Repeat("l", maxLabel+1)
	in.Add(decodeJSON(t, `{"none":"-","":1,"Rest":1,"`+long+`":1,"a":1,"b":2.5,"c":3}`))
	s, err := in.Spec().Schema()
	require.NoError(t, err)
	assert.Equal(t, `{"type":"record","name":"R","fields":[`+
		`{"name":"a","type":["null","long"],"default":null,"ltsv.onerror":"extras"},`+
		`{"name":"b","type":["null","double"],"default":null,"ltsv.onerror":"extras"},`+
		`{"name":"rest","type":{"type":"map","values":"string"},"default":{},"ltsv.extras":true}],"ltsv.nulls":["-",""]}`, s.JSON())
}

// A sample keeps nothing of the records: their bytes may be overwritten.
func TestInferrerKeepsNothing(t *testing.T) {
	line := []byte("status:200\tpath:/")
	var rec transform.Record
	require.NoError(t, transform.LTSV{}.Decode(&rec, line))
	in := Inferrer{Name: "R"}
	in.Add(&rec)
	for i := range line {
		line[i] = '!'
	}
	rec.Reset()
	assert.Equal(t, "status", in.Spec().Fields[0].Label)
}

// randomValue returns a JSON value of the kinds that logs have.
func randomValue(r *rand.Rand) string {
	switch r.IntN(9) {
	case 0:
		return `"-"`
	case 1:
		return `null`
	case 2:
		return strconv.FormatBool(r.IntN(2) == 0)
	case 3:
		return strconv.FormatInt(int64(r.Uint64()), 10)
	case 4:
		return `"` + strconv.Itoa(r.IntN(1000)) + `"`
	case 5:
		return strconv.FormatFloat(r.NormFloat64(), 'g', -1, 64)
	case 6:
		return fmt.Sprintf(`"%.3f"`, r.Float64())
	case 7:
		return `{"a":[1]}`
	}
	return `"text"`
}

// The schema takes every record that was added, and each field is nullable.
func TestInferrerTakesItsSamples(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 6))
		in := Inferrer{Name: "R"}
		var records []*transform.Record
		for range 1 + r.IntN(4) {
			text := `{"a":` + randomValue(r)
			for label := 'b'; label < 'f'; label++ {
				if r.IntN(3) > 0 {
					text += `,"` + string(label) + `":` + randomValue(r)
				}
			}
			records = append(records, decodeJSON(t, text+"}"))
		}
		requireTaken(t, &in, records)
		s, err := in.Spec().Schema()
		require.NoError(t, err)
		for _, f := range s.root.fields {
			if f == s.root.extras {
				continue
			}
			_, null, _, ok := f.typ.nullable()
			require.True(t, ok && null == 0)
			require.Equal(t, "null", string(f.def))
		}
	}
}
