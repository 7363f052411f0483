package avroschema

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hamba/avro/v2"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

// requireTaken infers a schema of records, encodes them by it, and lets hamba/avro read
// them: nothing is refused, and nothing is lost.
func requireTaken(t *testing.T, in *Inferrer, records []*transform.Record) {
	t.Helper()
	for _, rec := range records {
		in.Add(rec)
	}
	spec := in.Spec()
	spec.Collisions = CollisionSuffix
	s, err := spec.Schema()
	require.NoError(t, err)
	plan, err := Compile(s)
	require.NoError(t, err)
	enc := plan.NewEncoder()
	for _, rec := range records {
		data, err := enc.Append(nil, rec)
		require.NoError(t, err)
		var read map[string]any
		require.NoError(t, avro.Unmarshal(s.second.schema, data, &read))
		extras := read[spec.Extras].(map[string]any)
		for i, f := range spec.Fields {
			column := s.root.fields[i].name
			v, ok := rec.Get(f.Label)
			if !ok || v.Kind == transform.KindNull || slices.Contains(spec.Nulls, string(v.Bytes)) {
				require.Nil(t, read[column])
				continue
			}
			require.Equal(t, meant(t, f.Type, string(v.Bytes)), read[column], "%s of %q", f.Type, v.Bytes)
			require.NotContains(t, extras, f.Label)
		}
		for label, v := range rec.All() {
			isField := slices.ContainsFunc(spec.Fields, func(f Field) bool { return f.Label == label })
			if !isField && v.Kind != transform.KindNull && !slices.Contains(spec.Nulls, string(v.Bytes)) {
				require.Equal(t, repaired(v.Bytes), extras[label])
			}
		}
	}
	for _, f := range enc.Stats().Fields {
		require.Zero(t, f.Failed, "of %s", f.Path)
	}
}

// meant returns what hamba/avro reads for text.
func meant(t *testing.T, typ Type, text string) any {
	t.Helper()
	switch typ {
	case TypeBool:
		return text == "true"
	case TypeLong:
		n, err := strconv.ParseInt(text, 10, 64)
		require.NoError(t, err)
		return n
	case TypeDouble:
		n, err := strconv.ParseFloat(text, 64)
		require.NoError(t, err)
		return n
	}
	return repaired([]byte(text))
}

// repaired returns text with U+FFFD for each byte that is not UTF-8.
func repaired(text []byte) string { return string([]rune(string(text))) }

func FuzzInferrerTakesItsSamples(f *testing.F) {
	f.Add(`{"status":200,"a":"-"}` + "\n" + `{"status":"x","a":null,"b":1.5}` + "\n" + `{"b":true,"c":{"d":[1]}}`)
	f.Add(`{"user-id":9007199254740993,"user.id":"007"}` + "\n" + `{"user-id":0.5,"":"-0","e":1e5,"extras":"x"}`)
	f.Add(`{"a":-0}` + "\n" + `{"a":1E-999,"b":0.1234567890123456789}`)
	f.Fuzz(func(t *testing.T, lines string) {
		var records []*transform.Record
		for line := range strings.Lines(lines) {
			rec := new(transform.Record)
			if (jsonrec.Decoder{MaxMembers: 50}).Decode(rec, []byte(line)) == nil {
				records = append(records, rec)
			}
		}
		requireTaken(t, &Inferrer{Name: "R", MaxFields: 4}, records)
	})
}

func FuzzInferrerTakesLTSV(f *testing.F) {
	f.Add("status:200\tsize:-\ta:1234e5\nstatus:007\tsize:\tb:\xff\nextras:1\tEXTRAS:2")
	f.Add("a:0.10\tb:9223372036854775808\na:-1\tb:1")
	f.Fuzz(func(t *testing.T, lines string) {
		var records []*transform.Record
		for line := range strings.SplitSeq(lines, "\n") {
			rec := new(transform.Record)
			if (transform.LTSV{}).Decode(rec, []byte(line)) == nil {
				records = append(records, rec)
			}
		}
		requireTaken(t, &Inferrer{Name: "R", MaxFields: 4}, records)
	})
}
