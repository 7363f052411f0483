package textconv

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// How layouts are read, tests of package transform say.

func TestDate(t *testing.T) {
	r := NewTimeReader()
	for text, want := range map[string]int64{
		"1970-01-01": 0, "1969-12-31": -1, "2026-11-22": 20779, "0000-01-01": -719528, "9999-12-31": 2932896, "2024-02-29": 19782,
	} {
		days, ok := r.Date([]byte(text))
		assert.True(t, ok, text)
		assert.Equal(t, want, days, text)
	}
	for _, text := range []string{"", "2026-02-29", "2026-13-01", "2026-1-01", "2026-11-22T", "2026/11/22", "-026-11-22", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"} {
		_, ok := r.Date([]byte(text))
		assert.False(t, ok, text)
	}
}

func TestClock(t *testing.T) {
	for text, want := range map[string]int64{
		"00:00:00": 0, "16:00:49.567": 57649_567_000_000, "23:59:59,9999999999": 86399_999_999_999,
	} {
		nsec, ok := Clock([]byte(text))
		assert.True(t, ok, text)
		assert.Equal(t, want, nsec, text)
	}
	for _, text := range []string{"", "24:00:00", "16:00:60", "16:00", "16:00:49.", "16:00:49.x", "16:00:49Z", "1:00:00.5"} {
		_, ok := Clock([]byte(text))
		assert.False(t, ok, text)
	}
}

func FuzzDate(f *testing.F) {
	for _, s := range []string{"1970-01-01", "2024-02-29", "2026-02-29", "0000-12-31", "16:00:49.567", "0:00:00,0", "23:59:59", "24:00:00"} {
		f.Add(s)
	}
	r := NewTimeReader()
	f.Fuzz(func(t *testing.T, s string) {
		days, ok := r.Date([]byte(s))
		if want, err := time.Parse(time.DateOnly, s); ok != (err == nil) || ok && days*SecondsADay != want.Unix() {
			t.Fatal(s, days, ok, want, err)
		}
		nsec, ok := Clock([]byte(s))
		want, err := time.Parse(time.TimeOnly, s)
		if err == nil && s[1] == ':' { // one digit of an hour
			return
		}
		if len(s) > 8 && s[8] == '.' && len(s) > 18 {
			s = s[:18]
		}
		require.Equal(t, err == nil, ok, s)
		if midnight := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC); ok && !strings.Contains(s, ",") && nsec != int64(want.Sub(midnight)) {
			t.Fatal(s, nsec, want)
		}
	})
}

func TestTimesAllocs(t *testing.T) {
	r := NewTimeReader()
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		_, _ = r.Date([]byte("2026-11-22"))
		_, _ = r.Read(LayoutISO8601, []byte("2026-11-22T16:00:49.567Z"), false)
		_, _ = r.Read(LayoutCommonLog, []byte("22/Nov/2026:16:00:49 +0000"), false)
		_, _ = r.Read(LayoutEpoch, []byte("1795363249.567"), true)
		_, _ = Clock([]byte("16:00:49.567"))
	}))
}
