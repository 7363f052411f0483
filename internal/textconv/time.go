package textconv

import (
	"errors"
	"strings"
	"time"
)

// The layouts that have a reader of their own, as package transform documents them.
// Any other is one of package time.
const (
	LayoutCommonLog    = "02/Jan/2006:15:04:05 -0700"
	LayoutISO8601      = time.RFC3339
	LayoutEpoch        = "epoch"
	LayoutEpochSeconds = "epoch seconds"
	LayoutEpochMillis  = "epoch milliseconds"
)

// What is wrong with a layout.
var (
	ErrTimeLayout = errors.New("layout does not hold a whole date")
	ErrZoneName   = errors.New("layout names a zone by its abbreviation only")
)

// CheckLayout returns what is wrong with a layout: one of package time must give back
// the day that it is given.
func CheckLayout(layout string) error {
	switch layout {
	case LayoutCommonLog, LayoutISO8601, LayoutEpoch, LayoutEpochSeconds, LayoutEpochMillis:
		return nil
	}
	if strings.Contains(layout, "MST") && !strings.Contains(layout, "-07") && !strings.Contains(layout, "Z07") {
		return ErrZoneName
	}
	day := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	if got, err := time.Parse(layout, day.Format(layout)); err != nil || !got.Equal(day) {
		return ErrTimeLayout
	}
	return nil
}

// An Instant is a point in time and the zone in which it was logged.
type Instant struct {
	Sec    int64 // since 1970, UTC
	Nsec   int   // 0 to 999,999,999
	Offset int   // seconds east of UTC
}

// SecondsADay is how long days of UTC are here: clocks of servers show no leap second.
const SecondsADay = 24 * 60 * 60

const (
	firstSecond = -62167219200 // year 0
	lastSecond  = 253402300799 // year 9999
)

// InRange reports whether RFC 3339 has a year for t.
func (t Instant) InRange() bool { return firstSecond <= t.Sec && t.Sec <= lastSecond }

// A TimeReader reads times, for one goroutine. Successive lines mostly have the same
// day and zone: what these were is remembered as it was written. The zero value is not
// ready: see [NewTimeReader].
type TimeReader struct {
	commonDay [11]byte // 22/Nov/2026
	commonSec int64
	isoDay    [10]byte // 2026-11-22
	isoSec    int64
	zone      [5]byte // +0000
	offset    int
}

// NewTimeReader returns a reader that remembers the first day of 1970. It must remember
// some day, or bytes of zero would be one.
func NewTimeReader() TimeReader {
	return TimeReader{
		commonDay: [11]byte([]byte("01/Jan/1970")),
		isoDay:    [10]byte([]byte("1970-01-01")),
		zone:      [5]byte([]byte("+0000")),
	}
}

// Read reads text by layout. Of a number it takes only what an epoch is. The layouts
// named here cost no allocation. The result may be out of the range of RFC 3339.
func (p *TimeReader) Read(layout string, text []byte, number bool) (Instant, bool) {
	switch layout {
	case LayoutEpoch:
		return epoch(text)
	case LayoutEpochSeconds:
		return epochSeconds(text)
	case LayoutEpochMillis:
		return epochMillis(text)
	}
	if number {
		return Instant{}, false
	}
	switch layout {
	case LayoutCommonLog:
		return p.common(text)
	case LayoutISO8601:
		return p.iso(text)
	}
	if len(text) > maxTimeText {
		return Instant{}, false
	}
	t, err := time.Parse(layout, string(text))
	if err != nil {
		return Instant{}, false
	}
	_, offset := t.Zone()
	return Instant{t.Unix(), t.Nanosecond(), offset}, offset > -SecondsADay && offset < SecondsADay && offset%60 == 0
}

// ReadDefault reads text by LayoutCommonLog, LayoutISO8601 or LayoutEpoch: no text is in
// two of them. Of a number it takes only what an epoch is.
func (p *TimeReader) ReadDefault(text []byte, number bool) (Instant, bool) {
	switch {
	case number || len(text) < len("2026-11-22T16:00:49Z"):
		return epoch(text)
	case text[10] == 'T':
		return p.iso(text)
	case text[2] == '/' || text[0] == '[':
		return p.common(text)
	}
	return epoch(text)
}

// maxTimeText bounds what is given to time.Parse, whose errors copy it.
const maxTimeText = 128

// common reads 22/Nov/2026:16:00:49 +0000, in brackets or not.
func (p *TimeReader) common(s []byte) (t Instant, ok bool) {
	if len(s) == 28 && s[0] == '[' && s[27] == ']' {
		s = s[1:27]
	}
	if len(s) != 26 || s[11] != ':' || s[20] != ' ' {
		return t, false
	}
	if day := [11]byte(s[:11]); day != p.commonDay {
		sec, ok := commonDay(s[:11])
		if !ok {
			return t, false
		}
		p.commonDay, p.commonSec = day, sec
	}
	clock, ok := clock(s[12:20])
	if !ok || !p.readZone([5]byte(s[21:26])) {
		return t, false
	}
	return Instant{p.commonSec + clock - int64(p.offset), 0, p.offset}, true
}

func commonDay(s []byte) (sec int64, ok bool) {
	if s[2] != '/' || s[6] != '/' {
		return 0, false
	}
	month := 0
	for i, name := range shortMonths {
		if string(s[3:6]) == name {
			month = i + 1
		}
	}
	day, dayOK := two(s)
	century, centuryOK := two(s[7:])
	year, yearOK := two(s[9:])
	if month == 0 || !dayOK || !centuryOK || !yearOK {
		return 0, false
	}
	return midnight(100*century+year, month, day)
}

var shortMonths = [...]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}

// iso reads 2026-11-22T16:00:49, a fraction or none, and Z, +00:00 or +0000.
func (p *TimeReader) iso(s []byte) (t Instant, ok bool) {
	if len(s) < 20 || s[10] != 'T' {
		return t, false
	}
	if !p.readDay([10]byte(s[:10])) {
		return t, false
	}
	clock, ok := clock(s[11:19])
	if !ok {
		return t, false
	}
	zone := s[19:]
	if zone[0] == '.' || zone[0] == ',' {
		n := CountDigits(zone[1:])
		if n == 0 {
			return t, false
		}
		t.Nsec = fraction(zone[1 : 1+n])
		zone = zone[1+n:]
	}
	switch {
	case len(zone) == 1 && zone[0] == 'Z':
	case len(zone) == 5 && p.readZone([5]byte(zone)),
		len(zone) == 6 && zone[3] == ':' && p.readZone([5]byte{zone[0], zone[1], zone[2], zone[4], zone[5]}):
		t.Offset = p.offset
	default:
		return t, false
	}
	t.Sec = p.isoSec + clock - int64(t.Offset)
	return t, true
}

// readDay reads 2026-11-22 into p.isoSec.
func (p *TimeReader) readDay(day [10]byte) bool {
	if day == p.isoDay {
		return true
	}
	sec, ok := isoDay(day[:])
	if ok {
		p.isoDay, p.isoSec = day, sec
	}
	return ok
}

func isoDay(s []byte) (sec int64, ok bool) {
	century, centuryOK := two(s)
	year, yearOK := two(s[2:])
	month, monthOK := two(s[5:])
	day, dayOK := two(s[8:])
	if !centuryOK || !yearOK || !monthOK || !dayOK || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	return midnight(100*century+year, month, day)
}

// readZone reads +0000 into p.offset.
func (p *TimeReader) readZone(zone [5]byte) bool {
	if zone == p.zone {
		return true
	}
	hour, hourOK := two(zone[1:])
	minute, minuteOK := two(zone[3:])
	if !hourOK || !minuteOK || hour > 23 || minute > 59 || zone[0] != '+' && zone[0] != '-' {
		return false
	}
	p.zone, p.offset = zone, 60*(60*hour+minute)
	if zone[0] == '-' {
		p.offset = -p.offset
	}
	return true
}

// clock reads 16:00:49 into seconds.
func clock(s []byte) (sec int64, ok bool) {
	_ = s[7]
	hour, hourOK := two(s)
	minute, minuteOK := two(s[3:])
	second, secondOK := two(s[6:])
	ok = hourOK && minuteOK && secondOK && s[2] == ':' && s[5] == ':' && hour < 24 && minute < 60 && second < 60
	return int64(60*(60*hour+minute) + second), ok
}

// two reads two digits.
func two(s []byte) (n int, ok bool) {
	tens, ones := s[0]-'0', s[1]-'0'
	return int(10*tens + ones), tens <= 9 && ones <= 9
}

// fraction reads digits behind a point as billionths; those behind the ninth it cuts
// off.
func fraction(digits []byte) (nsec int) {
	digits = digits[:min(len(digits), 9)]
	return int(number(digits)) * int(tens[9-len(digits)])
}

// epoch reads what is epochMillis if it is 12 digits or more without a fraction, else
// epochSeconds.
func epoch(s []byte) (Instant, bool) {
	const point = 10 // in this century
	if len(s) >= 12 && s[point] != '.' && CountDigits(s) == len(s) {
		return epochMillis(s)
	}
	return epochSeconds(s)
}

// epochSeconds reads 1795363249 or 1795363249.567.
func epochSeconds(s []byte) (t Instant, ok bool) {
	whole := 0
	for ; whole < len(s) && s[whole]-'0' <= 9; whole++ {
		if whole == 12 {
			return Instant{}, false
		}
		t.Sec = 10*t.Sec + int64(s[whole]-'0')
	}
	if whole == len(s) {
		return t, whole > 0
	}
	rest := s[whole+1:]
	if whole == 0 || s[whole] != '.' || len(rest) == 0 || CountDigits(rest) < len(rest) {
		return Instant{}, false
	}
	t.Nsec = fraction(rest)
	return t, true
}

// epochMillis reads 1795363249567.
func epochMillis(s []byte) (t Instant, ok bool) {
	if len(s) == 0 || len(s) > 15 || CountDigits(s) < len(s) {
		return t, false
	}
	millis := number(s)
	return Instant{millis / 1000, int(millis%1000) * 1e6, 0}, true
}

// number reads at most 18 digits.
func number(digits []byte) (n int64) {
	for _, c := range digits {
		n = 10*n + int64(c-'0')
	}
	return n
}

// midnight returns when a day began that is in the calendar.
func midnight(year, month, day int) (sec int64, ok bool) {
	if month < 1 || month > 12 || day < 1 {
		return 0, false
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return t.Unix(), t.Day() == day // 30 February were a day of March
}
