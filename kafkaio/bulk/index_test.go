package bulk

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
)

func TestByTimestamp(t *testing.T) {
	index := ByTimestamp("access-", "@timestamp")
	for value, want := range map[string]string{
		`{"@timestamp":"2026-11-24T10:30:00.000Z"}`:                                       "access-2026.11.24",
		`{ "a" : 1, "@timestamp" : "2026-11-24T00:00:00Z" }`:                              "access-2026.11.24",
		`{"a":{"@timestamp":"2001-01-01T00:00:00Z"},"@timestamp":"2026-11-24T00:00:00Z"}`: "access-2026.11.24",
		`{"a\"@timestamp":"2001-01-01T00:00:00Z","@timestamp":"2026-11-24T00:00:00Z"}`:    "access-2026.11.24",
		`{"\u0040timestamp":"2026-11-24T00:00:00Z"}`:                                      "access-2026.11.24",
		`{"@timestamp":"2026-11-25T00:30:00+01:00"}`:                                      "access-2026.11.24",
		`{"@timestamp":"2026-11-24T23:30:00-01:00"}`:                                      "access-2026.11.25",
		`{"@timestamp":"2024-02-29T23:59:59.999999999Z"}`:                                 "access-2024.02.29",
		`{"@timestamp":"0001-01-01T00:00:00Z"}`:                                           "access-0001.01.01",
		`{}`:                                                                              "",
		`{"a":{"@timestamp":"2026-11-24T00:00:00Z"}}`:                                     "",
		`{"@timestamp":null}`:                                                             "",
		`{"@timestamp":1764000000}`:                                                       "",
		`{"@timestamp":"2026-02-30T00:00:00Z"}`:                                           "",
		`{"@timestamp":"24/Nov/2026"}`:                                                    "",
		`{"@timestamp":""}`:                                                               "",
		`{"@timestamp":"../../_all"}`:                                                     "",
	} {
		require.True(t, json.Valid([]byte(value)), value)
		name, err := index(&kgo.Record{Value: []byte(value)})
		assert.Equal(t, want, name, value)
		if want == "" {
			assert.ErrorIs(t, err, ErrNoTime, value)
		}
	}
}

func TestByKafkaTime(t *testing.T) {
	index := ByKafkaTime("access-")
	tokyo := time.FixedZone("", 9*3600)
	name, err := index(&kgo.Record{Timestamp: time.Date(2026, 11, 25, 8, 59, 59, 0, tokyo)})
	require.NoError(t, err)
	assert.Equal(t, "access-2026.11.24", name)
	name, err = index(&kgo.Record{Timestamp: time.Date(2026, 11, 25, 9, 0, 0, 0, tokyo)})
	require.NoError(t, err)
	assert.Equal(t, "access-2026.11.25", name)
	_, err = index(&kgo.Record{Timestamp: time.UnixMilli(-1)})
	assert.ErrorIs(t, err, ErrNoTime)
}

// FuzzTimestamp: the quick way finds what the scan finds.
func FuzzTimestamp(f *testing.F) {
	f.Add([]byte(`{"t":"2026"}`))
	f.Add([]byte(`{"a\"t":"2001","t":"2026"}`))
	f.Add([]byte(`{"a":"\"t\":\"x\"","t":"2026"}`))
	f.Add([]byte(`{"a":["t"],"t":"2026\""}`))
	f.Add([]byte(`{"t":null,"t":"2026"}`))
	quoted := append(jsonscan.AppendString(nil, []byte("t")), ':', '"')
	f.Fuzz(func(t *testing.T, value []byte) {
		if !jsonscan.Valid(value) || value[0] != '{' {
			return
		}
		quick, quickOK := dayOf(timestamp(value, "t", quoted))
		scan, scanOK := dayOf(scanTimestamp(value, "t"))
		var once map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(value, &once))
		if quickOK != scanOK || quick != scan {
			require.True(t, twice(value), "%q", value)
		}
	})
}

// twice reports whether an object has a name twice, which servers refuse.
func twice(value []byte) bool {
	seen := map[string]bool{}
	var s jsonscan.Scanner
	s.Reset(value)
	s.Next()
	for s.Next() && s.Kind != jsonscan.End {
		name := string(jsonscan.AppendUnescape(nil, s.Key))
		if seen[name] {
			return true
		}
		seen[name] = true
		s.Skip()
	}
	return false
}
