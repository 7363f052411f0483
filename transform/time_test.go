package transform

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
	"github.com/ltsvpipe/ltsvpipe/internal/textconv"
	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

func TestTimeReads(t *testing.T) {
	none := "x=null"
	for text, want := range map[string]string{
		"22/Nov/2026:16:00:49 +0000":                   "2026-11-22T16:00:49.000Z",
		"[22/Nov/2026:16:00:49 +0000]":                 "2026-11-22T16:00:49.000Z",
		"22/Nov/2026:16:00:49 +0900":                   "2026-11-22T07:00:49.000Z",
		"22/Nov/2026:16:00:49 -0330":                   "2026-11-22T19:30:49.000Z",
		"29/Feb/2024:23:59:59 +0000":                   "2024-02-29T23:59:59.000Z",
		"29/Feb/2000:00:00:00 +2359":                   "2000-02-28T00:01:00.000Z",
		"29/Feb/2026:00:00:00 +0000":                   none,
		"29/Feb/1900:00:00:00 +0000":                   none,
		"31/Apr/2026:00:00:00 +0000":                   none,
		"00/Apr/2026:00:00:00 +0000":                   none,
		"22/nov/2026:16:00:49 +0000":                   none,
		"22/Nop/2026:16:00:49 +0000":                   none,
		"22/Nov/2026:16:00:60 +0000":                   none,
		"22/Nov/2026:16:60:00 +0000":                   none,
		"22/Nov/2026:24:00:00 +0000":                   none,
		"22/Nov/2026:16:00:49 +2459":                   none,
		"22/Nov/2026:16:00:49 +2400":                   none,
		"22/Nov/2026:16:00:49 +0060":                   none,
		"22/Nov/2026:16:00:49 *0000":                   none,
		"22/Nov/2026:16:00:49  0000":                   none,
		"22/Nov/2026:16:00:49 +00:00":                  none,
		"22/Nov/2026:16:00:49":                         none,
		"22/Nov/2026 16:00:49 +0000":                   none,
		"22/Nov/2026:16:00:49_+0000":                   none,
		"22-Nov/2026:16:00:49 +0000":                   none,
		"22/Nov/2026:16-00:49 +0000":                   none,
		"2a/Nov/2026:16:00:49 +0000":                   none,
		"22/Nov/20a6:16:00:49 +0000":                   none,
		" 2/Nov/2026:16:00:49 +0000":                   none,
		"(22/Nov/2026:16:00:49 +0000)":                 none,
		"01/Jan/0000:00:00:00 +0001":                   none,
		"01/Jan/0000:00:01:00 +0001":                   "0000-01-01T00:00:00.000Z",
		"31/Dec/9999:23:59:59 -0001":                   none,
		"2026-11-22T16:00:49+00:00":                    "2026-11-22T16:00:49.000Z",
		"2026-11-22T16:00:49Z":                         "2026-11-22T16:00:49.000Z",
		"2026-11-22T16:00:49.5Z":                       "2026-11-22T16:00:49.500Z",
		"2026-11-22T16:00:49,567890123999-01:30":       "2026-11-22T17:30:49.567Z",
		"2026-11-22T16:00:49.9999+0900":                "2026-11-22T07:00:49.999Z",
		"2026-11-22T16:00:49+2459":                     none,
		"2026-11-22T16:00:49+24:00":                    none,
		"2026-11-22T16:00:49+09":                       none,
		"2026-11-22T16:00:49":                          none,
		"2026-11-22T16:00:49.Z":                        none,
		"2026-11-22T16:00:49z":                         none,
		"2026-11-22 16:00:49Z":                         none,
		"2026-11-22T16:00:60Z":                         none,
		"2026-11-22T16:00:49Z ":                        none,
		"2026-02-29T16:00:49Z":                         none,
		"2026-13-01T16:00:49Z":                         none,
		"2026-00-01T16:00:49Z":                         none,
		"2026-11/22T16:00:49Z":                         none,
		"20261122T160049Z":                             none,
		"1795363249.567":                               "2026-11-22T16:00:49.567Z",
		"1795363249.5679999999999999":                  "2026-11-22T16:00:49.567Z",
		"1795363249":                                   "2026-11-22T16:00:49.000Z",
		"1795363249567":                                "2026-11-22T16:00:49.567Z",
		"0":                                            "1970-01-01T00:00:00.000Z",
		"253402300799999":                              "9999-12-31T23:59:59.999Z",
		"253402300800000":                              none,
		"1795363249567.5":                              none,
		"179536324956712345678":                        none,
		"1795363249.":                                  none,
		"1795363249.5e3":                               none,
		".5":                                           none,
		"1795363249.5.6":                               none,
		"-1":                                           none,
		"+1":                                           none,
		"1e9":                                          none,
		"NaN":                                          none,
		"":                                             none,
		"-":                                            none,
		" ":                                            none,
		strings.Repeat("9", 64<<10):                    none,
		strings.Repeat("\x00", 26):                     none,
		strings.Repeat("\x00", 11) + ":00:00:00 +0000": none,
		strings.Repeat("\x00", 10) + "T00:00:00Z":      none,
	} {
		want := strings.ReplaceAll("x="+want, "x=x=", "x=")
		assert.Equal(t, []string{"time=" + text, want}, onLine(t, "time:"+text, Time{To: "x", From: []string{"time"}}), text)
	}
}

func TestTimeWrites(t *testing.T) {
	const text = "2026-11-23T01:00:49.1234567899+09:00"
	for want, s := range map[string]Time{
		"2026-11-22T16:00:49.123Z":            {},
		"2026-11-22T16:00:49Z":                {Format: TimeSeconds},
		"2026-11-22T16:00:49.123456Z":         {Format: TimeMicros},
		"2026-11-22T16:00:49.123456789Z":      {Format: TimeNanos},
		"1795363249123":                       {Format: TimeEpochMillis},
		"2026-11-23T01:00:49.123+09:00":       {KeepZone: true},
		"2026-11-23T01:00:49.123456789+09:00": {KeepZone: true, Format: TimeNanos},
	} {
		s.To, s.From = "time", []string{"time"}
		assert.Equal(t, []string{"time=" + want}, onLine(t, "time:"+text, s))
	}
	assert.Equal(t, []string{"t=2026-11-22T16:00:49.000-03:30"},
		onLine(t, "t:22/Nov/2026:16:00:49 -0330", Time{To: "t", From: []string{"t"}, KeepZone: true}))
	assert.Equal(t, []string{"t=-62167219200000"},
		onLine(t, "t:0000-01-01T00:00:00Z", Time{To: "t", From: []string{"t"}, Format: TimeEpochMillis}))
	assert.Equal(t, []string{"t=-1"},
		onLine(t, "t:1969-12-31T23:59:59.9999Z", Time{To: "t", From: []string{"t"}, Format: TimeEpochMillis}), "cut off, not rounded")

	chain := mustChain(t, Time{To: "t", From: []string{"t"}, Format: TimeEpochMillis})
	rec, err := chain.NewWorker(LTSV{}).Process([]byte("t:0"))
	require.NoError(t, err)
	v, _ := rec.Get("t")
	assert.Equal(t, KindNumber, v.Kind)
}

func TestTimeLayouts(t *testing.T) {
	for _, c := range []struct{ layout, text, want string }{
		{LayoutEpochMillis, "1795363249", "1970-01-21T18:42:43.249Z"},
		{LayoutEpochMillis, "1795363249.5", "null"},
		{LayoutEpochSeconds, "100000000000", "5138-11-16T09:46:40.000Z"},
		{LayoutEpochSeconds, "253402300800", "null"},
		{LayoutEpochSeconds, "22/Nov/2026:16:00:49 +0000", "null"},
		{LayoutCommonLog, "1795363249", "null"},
		{time.RFC1123Z, "Sun, 22 Nov 2026 16:00:49 +0900", "2026-11-22T07:00:49.000Z"},
		{"2006-01-02 15:04:05", "2026-11-22 16:00:49", "2026-11-22T16:00:49.000Z"},
		{"2006-01-02 15:04:05", "2026-11-22 16:00:60", "null"},
		{"2006-01-02 15:04:05", strings.Repeat("2", 64<<10), "null"},
		{"2006-01-02 15:04:05 MST -0700", "2026-11-22 16:00:49 JST +0900", "2026-11-22T07:00:49.000Z"},
	} {
		got := onLine(t, "t:"+c.text, Time{To: "t", From: []string{"t"}, Layouts: []string{c.layout}})
		assert.Equal(t, []string{"t=" + c.want}, got, c.layout)
	}
	assert.Equal(t, []string{"t=2026-11-22T16:00:49.000Z"},
		onLine(t, "t:2026-11-22 16:00:49", Time{To: "t", From: []string{"t"}, Layouts: []string{LayoutEpoch, time.DateTime}}))
}

func TestTimeSources(t *testing.T) {
	s := Time{To: "x", From: []string{"msec", "time"}}
	dash := Missing(ltsv.EscapeNginx)
	for line, want := range map[string]string{
		"time:2026-11-22T16:00:49Z\tmsec:1.5": "1970-01-01T00:00:01.500Z",
		"time:2026-11-22T16:00:49Z\tmsec:-":   "2026-11-22T16:00:49.000Z",
		"time:2026-11-22T16:00:49Z\tmsec:":    "2026-11-22T16:00:49.000Z",
		"time:2026-11-22T16:00:49Z":           "2026-11-22T16:00:49.000Z",
		"time:-\tmsec:-":                      "null",
		"time:-":                              "null",
		"time:y\tmsec:-":                      "null",
	} {
		got := onLine(t, line, dash, s)
		assert.Equal(t, "x="+want, got[len(got)-1], line)
	}
	assert.Equal(t, []string{"a=1"}, onLine(t, "a:1", s), "no source, no output")
	assert.Equal(t, []string{"x=1970-01-01T00:00:01.500Z", "msec=1.5"}, onLine(t, "x:forged\tmsec:1.5", s), "the log has the label already")

	// A number is read as an epoch; other kinds are no time.
	chain := mustChain(t, s)
	w := chain.NewWorker(LTSV{})
	for want, v := range map[string]Value{
		"1970-01-01T00:00:01.500Z": {KindNumber, []byte("1.5")},
		"":                         {KindBool, []byte("true")},
	} {
		rec, err := w.Decode(nil)
		require.NoError(t, err)
		rec.Set("msec", v)
		require.NoError(t, w.Run())
		got, _ := rec.Get("x")
		assert.Equal(t, want, string(got.Bytes))
	}
	assert.EqualValues(t, 1, w.Stats().Stages[0].Failed)
	_, err := w.Process([]byte("msec:y\ttime:2026-11-22T16:00:49Z"))
	require.NoError(t, err)
	assert.EqualValues(t, 2, w.Stats().Stages[0].Failed, "counted although another label had the time")
	_, err = w.Process([]byte("msec:y\ttime:z"))
	require.NoError(t, err)
	assert.EqualValues(t, 4, w.Stats().Stages[0].Failed)
}

func TestTimePolicies(t *testing.T) {
	s := Time{To: "x", From: []string{"msec", "time"}}
	required := s
	required.Required = true
	for i, c := range []struct {
		stage Stage
		line  string
		want  []string
		err   error
		label string
	}{
		{required, "a:1", nil, errNoTime, "x"},
		{required, "time:-", nil, errNoTime, "x"},
		{required, "time:y", nil, errNotTime, "time"},
		{required, "msec:y\ttime:1", []string{"msec=y", "time=1", "x=1970-01-01T00:00:01.000Z"}, nil, ""},
		{OnError(OnErrorSkip, required), "a:1", nil, ErrSkip, ""},
		{OnError(OnErrorNull, required), "a:1", []string{"a=1", "x=null"}, nil, ""},
		{OnError(OnErrorFail, required), "a:1", nil, ErrFatal, "x"},
		{OnError(OnErrorReject, s), "time:y", nil, errNotTime, "time"},
		{OnError(OnErrorReject, s), "a:1", []string{"a=1"}, nil, ""},
		{OnError(OnErrorSkip, s), "time:y", nil, ErrSkip, ""},
		{OnError(OnErrorKeep, s), "time:y", []string{"time=y"}, nil, ""},
		{OnError(OnErrorKeep, s), "x:1\ttime:y", []string{"x=1", "time=y"}, nil, ""},
		{OnError(OnErrorDropField, s), "x:1\ttime:y", []string{"time=y"}, nil, ""},
	} {
		w := mustChain(t, Missing(ltsv.EscapeNginx), c.stage).NewWorker(LTSV{})
		rec, err := w.Process([]byte(c.line))
		if c.err == nil {
			require.NoError(t, err, i)
			assert.Equal(t, c.want, dump(rec), i)
			continue
		}
		require.ErrorIs(t, err, c.err, i)
		if e := (*StageError)(nil); errors.As(err, &e) {
			assert.Equal(t, c.label, e.Label, i)
			assert.NotContains(t, err.Error(), "y\"")
		}
		assert.EqualValues(t, 1, w.Stats().Stages[1].Failed, i)
	}
}

func TestTimeRefuses(t *testing.T) {
	from := []string{"t"}
	refused(t,
		Time{}, Time{To: "t"}, Time{From: from}, Time{To: "t", From: []string{""}},
		Time{To: "t", From: from, Format: 9},
		Time{To: "t", From: from, Layouts: []string{""}},
		Time{To: "t", From: from, Layouts: []string{"15:04:05"}},
		Time{To: "t", From: from, Layouts: []string{time.Stamp}},
		Time{To: "t", From: from, Layouts: []string{time.RFC1123}},
	)
	_, err := NewChain(Time{To: "x", From: from}, Time{To: "x", From: from})
	require.Error(t, err, "written twice")
	assert.Equal(t, `Time{To: "x", From: []string{"a", "b"}, Layouts: []string{"epoch"}, Format: TimeSeconds, KeepZone: true, Required: true}`,
		Time{To: "x", From: []string{"a", "b"}, Layouts: []string{LayoutEpoch}, Format: TimeSeconds, KeepZone: true, Required: true}.String())
	assert.Equal(t, `Time{To: "x", From: []string{"a"}}`, Time{To: "x", From: []string{"a"}}.String())
	assert.Equal(t, "TimeFormat(9)", TimeFormat(9).String())
}

// TestTimeOnRealLogs compares with package time, on every line.
func TestTimeOnRealLogs(t *testing.T) {
	for _, name := range logtest.Names {
		w := mustChain(t, Time{To: "@timestamp", From: []string{"time"}, Required: true}, Time{To: "m", From: []string{"msec"}}).NewWorker(LTSV{})
		for _, line := range logtest.Lines(name) {
			rec, err := w.Process(line)
			require.NoError(t, err)
			v, _ := rec.Get("time")
			want, err := time.Parse(LayoutCommonLog, string(v.Bytes))
			if err != nil {
				want, err = time.Parse(time.RFC3339, string(v.Bytes))
			}
			require.NoError(t, err)
			got, _ := rec.Get("@timestamp")
			require.Equal(t, want.UTC().Format("2006-01-02T15:04:05.000Z"), string(got.Bytes))
			if msec, ok := rec.Get("msec"); ok {
				f, err := strconv.ParseInt(strings.Replace(string(msec.Bytes), ".", "", 1), 10, 64)
				require.NoError(t, err)
				got, _ = rec.Get("m")
				require.Equal(t, time.UnixMilli(f).UTC().Format("2006-01-02T15:04:05.000Z"), string(got.Bytes))
			}
		}
	}
}

func TestTimeAllocs(t *testing.T) {
	allocatesNothing(t, logtest.Lines(logtest.Nginx)[:100],
		Time{To: "a", From: []string{"msec", "time"}}, Time{To: "b", From: []string{"time"}, Format: TimeNanos, KeepZone: true},
		Time{To: "c", From: []string{"reqid", "time"}, Format: TimeEpochMillis},
	)
}

// FuzzTime compares with package time: what is read here, it reads alike; what it reads
// and would write the same way, is read here, zones of a day and more aside. A reader
// that remembers gives what a new one does.
func FuzzTime(f *testing.F) {
	for _, s := range []string{
		"22/Nov/2026:16:00:49 +0000", "29/Feb/2024:23:59:59 -0330", "2026-11-22T16:00:49+00:00", "2026-11-22T16:00:49.567Z",
		"[22/Nov/2026:16:00:49 +0000]", "1795363249.567891234000000000", "179536324956", "17953632495678901234",
		"2026-11-22T16:00:49.567+2459", "22/Nov/2026:16:00:60 +0000", "1795363249.567", "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59",
	} {
		f.Add(s)
	}
	used := textconv.NewTimeReader()
	var writer timeWriter
	f.Fuzz(func(t *testing.T, s string) {
		for _, layout := range []string{LayoutCommonLog, LayoutISO8601} {
			fresh := textconv.NewTimeReader()
			got, ok := fresh.Read(layout, []byte(s), false)
			again, okAgain := used.Read(layout, []byte(s), false)
			if got != again || ok != okAgain {
				t.Fatal("a used reader differs")
			}
			want, err := time.Parse(layout, s)
			if ok {
				bare := strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
				if err != nil && layout == LayoutCommonLog {
					want, err = time.Parse(layout, bare)
				} else if err != nil {
					want, err = time.Parse("2006-01-02T15:04:05Z0700", s)
				}
				_, offset := want.Zone()
				if err != nil || want.Unix() != got.Sec || want.Nanosecond() != got.Nsec || offset != got.Offset {
					t.Fatal(err, want, got)
				}
				if got.InRange() {
					var text [maxTime]byte
					out := writer.append(text[:0], got, 9)
					back, err := time.Parse(time.RFC3339Nano, string(out))
					if err != nil || !back.Equal(want) || &out[0] != &text[0] {
						t.Fatal(string(out), err)
					}
				}
				continue
			}
			if err != nil || want.Format(layout) != s {
				continue
			}
			if _, offset := want.Zone(); offset > -textconv.SecondsADay && offset < textconv.SecondsADay {
				t.Fatal("not read")
			}
		}
		for _, number := range []bool{false, true} {
			var want textconv.Instant
			wantOK := false
			for _, layout := range []string{LayoutCommonLog, LayoutISO8601, LayoutEpoch} {
				if !wantOK {
					want, wantOK = used.Read(layout, []byte(s), number)
				}
			}
			if got, ok := used.ReadDefault([]byte(s), number); ok != wantOK || ok && got != want {
				t.Fatal("the default layouts differ", got, ok, want, wantOK)
			}
		}
		if got, ok := used.Read(LayoutEpochSeconds, []byte(s), false); ok {
			want, err := strconv.ParseFloat(s, 64)
			if err != nil || int64(want) != got.Sec && got.Nsec < 999_999_000 {
				t.Fatal(got, want, err)
			}
		}
		if got, ok := used.Read(LayoutEpochMillis, []byte(s), false); ok {
			if want, err := strconv.ParseInt(s, 10, 64); err != nil || !time.UnixMilli(want).Equal(time.Unix(got.Sec, int64(got.Nsec))) {
				t.Fatal(got, want, err)
			}
		}
	})
}
