package bulk

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestDocument(t *testing.T) {
	name := "access"
	d := document{op: Create, index: func(*kgo.Record) (string, error) { return name, nil }}
	out, err := d.append([]byte("x\n"), &kgo.Record{Topic: "in", Partition: 3, Offset: 42, Value: []byte(" {\"a\": 1}\n")}, 1<<20)
	require.NoError(t, err)
	assert.Equal(t, "x\n{\"create\":{\"_index\":\"access\",\"_id\":\"in+3+42\"}}\n{\"a\": 1}\n", string(out))
	name = `a"\b`
	out, err = d.append(nil, &kgo.Record{Topic: "in", Partition: math.MaxInt32, Offset: math.MaxInt64, Value: []byte("{}")}, 1<<20)
	require.NoError(t, err)
	assert.Equal(t, "{\"create\":{\"_index\":\"a\\\"\\\\b\",\"_id\":\"in+2147483647+9223372036854775807\"}}\n{}\n", string(out))
	d.op = Index
	d.head = nil
	out, err = d.append(nil, &kgo.Record{Topic: "other", Value: []byte("{}")}, 1<<20)
	require.NoError(t, err)
	assert.Equal(t, "{\"index\":{\"_index\":\"a\\\"\\\\b\",\"_id\":\"other+0+0\"}}\n{}\n", string(out))
}

// TestDocumentLimit: what is taken at a limit keeps it, and dst comes back as it
// was if not.
func TestDocumentLimit(t *testing.T) {
	d := document{index: Fixed("access")}
	rec := &kgo.Record{Topic: "in", Partition: math.MaxInt32, Offset: math.MaxInt64, Value: []byte(`{"s":"` + strings.Repeat("x", 100) + `"}`)}
	dst := []byte("before")
	taken := 0
	for limit := range 400 {
		out, err := d.append(dst, rec, limit)
		if err != nil {
			require.ErrorIs(t, err, ErrTooLarge)
			require.Equal(t, "before", string(out))
			continue
		}
		require.LessOrEqual(t, len(out)-len(dst), limit)
		taken++
	}
	assert.Greater(t, taken, 200)
}

func TestDocumentAllocatesNothing(t *testing.T) {
	for name, index := range map[string]IndexFunc{"fixed": Fixed("a"), "timestamp": ByTimestamp("a-", "@timestamp"), "Kafka": ByKafkaTime("a-")} {
		d := document{index: index}
		rec := &kgo.Record{Topic: "in", Value: []byte(`{"a":1,"@timestamp":"2026-11-24T10:30:00.000Z"}`)}
		dst := make([]byte, 0, 1<<10)
		assert.Zero(t, testing.AllocsPerRun(100, func() { dst, _ = d.append(dst[:0], rec, 1<<20) }), name)
	}
}

// FuzzDocument: whatever is taken is one JSON object to encoding/json, and two
// lines, whatever is in it.
func FuzzDocument(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":"b\n"}`, "{\"a\":\n1}", `{"a":[1,{"b":null}]}`, "[1]", "{}{}", "\xff", "", " {} ", "{\"a\":\"\xff\"}"} {
		f.Add([]byte(s), "access")
	}
	f.Fuzz(func(t *testing.T, value []byte, index string) {
		d := document{index: Fixed(index)}
		out, err := d.append(nil, &kgo.Record{Topic: "in", Value: value}, 1<<20)
		if err != nil {
			require.Empty(t, out)
			return
		}
		lines := strings.Split(string(out), "\n")
		require.Len(t, lines, 3)
		require.Empty(t, lines[2])
		var object map[string]any
		require.NoError(t, json.Unmarshal([]byte(lines[1]), &object))
		var action map[string]map[string]string
		require.NoError(t, json.Unmarshal([]byte(lines[0]), &action))
		if utf8.ValidString(index) {
			require.Equal(t, index, action["create"]["_index"])
		}
		require.Equal(t, "in+0+0", action["create"]["_id"])
	})
}
