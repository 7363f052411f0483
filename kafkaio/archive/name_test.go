package archive_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

func TestName(t *testing.T) {
	var names []string
	for _, n := range []archive.Name{
		{"access", 0, 0, 0, "avro"},
		{"access", 0, 99, 100, "ndjson.gz"},
		{"access", 0, 1_000_000, math.MaxInt32, "ndjson.gz"},
		{"a.b_c-D", math.MaxInt32, 7, math.MaxInt64, "x"},
	} {
		got, ok := archive.ParseName(n.String())
		require.True(t, ok, n.String())
		assert.Equal(t, n, got)
		if n.Topic == "access" {
			names = append(names, n.String())
		}
	}
	assert.True(t, slices.IsSorted(names), "names sort as offsets do")
	assert.Equal(t, "access+0+0000000000000000+0000000000000000.avro", names[0])
	for _, bad := range []string{
		"", "access", "access+0+0+0.avro", "access+0+0000000000000000+0000000000000000", "+0+0000000000000000+0000000000000000.avro",
		"access+-1+0000000000000000+0000000000000000.avro", "access+0+0000000000000001+0000000000000000.avro",
		"access+00+0000000000000000+0000000000000000.avro", "access+0+000000000000000x+0000000000000000.avro",
		"access+99999999999+0000000000000000+0000000000000000.avro", "data-0000000001-0000000001",
	} {
		_, ok := archive.ParseName(bad)
		assert.False(t, ok, bad)
	}
}

func FuzzParseName(f *testing.F) {
	f.Add("access+0+0000000000000000+0000000000000000.avro")
	f.Add("a+1+2+3.x")
	f.Add("+++.")
	f.Fuzz(func(t *testing.T, text string) {
		if n, ok := archive.ParseName(text); ok && n.String() != text {
			t.Errorf("%q is read as %q", text, n.String())
		}
	})
}

func TestFolders(t *testing.T) {
	zone := time.FixedZone("", 9*3600)
	rec := &kgo.Record{Timestamp: time.Date(2026, 1, 1, 3, 59, 59, 0, zone)}
	got, err := archive.Hourly(nil)([]byte("x/"), rec)
	require.NoError(t, err)
	assert.Equal(t, "x/dt=2025-12-31/hour=18", string(got))
	got, err = archive.Daily(func(*kgo.Record) (time.Time, error) { return time.Unix(0, 0).In(zone), nil })(nil, rec)
	require.NoError(t, err)
	assert.Equal(t, "dt=1970-01-01", string(got))
}

func TestReasons(t *testing.T) {
	for r := archive.BySize; r <= archive.ByStop; r++ {
		assert.True(t, strings.HasPrefix(r.String(), "By"))
	}
	assert.Equal(t, "Reason?", archive.Reason(200).String())
}
