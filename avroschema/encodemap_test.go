package avroschema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/linkedin/goavro/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/transform"
)

// TestRepeatedKeys: of members that are repeated the last counts, and goavro, which
// refuses keys that are repeated, finds none.
func TestRepeatedKeys(t *testing.T) {
	schema := `{"type":"record","name":"R","fields":[
		{"name":"m","type":{"type":"map","values":{"type":"map","values":"long"}}},
		{"name":"behind","type":"string"},
		{"name":"in","type":{"type":"record","name":"In","fields":[
			{"name":"rest","type":{"type":"map","values":"string"},"ltsv.extras":true},{"name":"a","type":["null","int"],"ltsv.onerror":"extras"}]}}]}`
	codec, err := goavro.NewCodec(schema)
	require.NoError(t, err)
	e := encoder(t, schema)
	many := func(n int) (text string, want map[string]any) {
		var members []string
		want = map[string]any{}
		for i := range n {
			key := fmt.Sprint("k", i*7919%n/2)
			members, want[key] = append(members, fmt.Sprintf("%q:%d", key, i)), int64(i)
		}
		return strings.Join(members, ","), want
	}
	of := func(m, in string) *transform.Record { // in text, which a decoder of JSON does not look into
		rec := new(transform.Record)
		rec.Set("m", text(m))
		rec.Set("in", text(in))
		rec.Set("behind", text("b"))
		return rec
	}
	for _, n := range []int{1, 2, 16, 17, 1000} {
		members, want := many(n)
		data, err := e.Append([]byte("kept"), of(
			fmt.Sprintf(`{"x":{"gone":1},"y":{%s},"":{},"x":{%[1]s}}`, members), `{"e":1,"a":"x","f":"\u0065","e":2,"\u0065":"3"}`))
		require.NoError(t, err)
		got, rest, err := codec.NativeFromBinary(data[4:])
		require.NoError(t, err)
		assert.Empty(t, rest)
		assert.Equal(t, map[string]any{
			"m": map[string]any{"x": want, "y": want, "": map[string]any{}}, "behind": "b",
			"in": map[string]any{"a": nil, "rest": map[string]any{"a": "x", "e": "3", "f": "e"}},
		}, got)
	}

	// Nothing stays behind of a map that does not convert.
	members, _ := many(100)
	_, err = e.Append(nil, of(`{"x":{`+members+`},"x":{"y":"no number"}}`, "{}"))
	require.ErrorContains(t, err, "field m{}{}")
	data, err := e.Append(nil, of("{}", "{}"))
	require.NoError(t, err)
	assert.Equal(t, "\x00\x02b\x00\x00", string(data))

	rec, out := of(`{"x":{`+members+`},"y":{"a":1,"a":2}}`, `{"b":1,"b":2}`), []byte(nil)
	assert.Zero(t, testing.AllocsPerRun(100, func() { out, err = e.Append(out[:0], rec) }))
	require.NoError(t, err)
}
