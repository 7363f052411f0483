package transform

import (
	"strconv"
	"time"

	"github.com/ltsvpipe/ltsvpipe/internal/textconv"
)

// maxTime is the length of the longest text of a time:
// 2026-11-22T16:00:49.567000000+00:00.
const maxTime = 35

// A timeWriter writes RFC 3339. Successive lines mostly have the same day: its text is
// remembered.
type timeWriter struct {
	known bool
	day   int64 // since 1970
	text  [11]byte
}

// append appends t, in its zone, with so many digits of its fraction.
func (w *timeWriter) append(dst []byte, t textconv.Instant, digits int) []byte {
	local := t.Sec + int64(t.Offset)
	day := local / textconv.SecondsADay
	if local%textconv.SecondsADay < 0 {
		day--
	}
	if !w.known || day != w.day {
		w.known, w.day = true, day
		time.Unix(day*textconv.SecondsADay, 0).UTC().AppendFormat(w.text[:0], "2006-01-02T")
	}
	clock := int(local - day*textconv.SecondsADay)
	dst = append(dst, w.text[:]...)
	dst = append2(dst, clock/3600, ':')
	dst = append2(dst, clock/60%60, ':')
	dst = append2(dst, clock%60, '.')
	if digits == 0 {
		dst = dst[:len(dst)-1]
	}
	for n, left := t.Nsec, digits; left > 0; left-- {
		dst = append(dst, byte('0'+n/1e8))
		n = n % 1e8 * 10
	}
	if t.Offset == 0 {
		return append(dst, 'Z')
	}
	sign, minutes := byte('+'), t.Offset/60
	if minutes < 0 {
		sign, minutes = '-', -minutes
	}
	dst = append2(append(dst, sign), minutes/60, ':')
	return append(dst, byte('0'+minutes%60/10), byte('0'+minutes%10))
}

// append2 appends two digits and a byte behind them.
func append2(dst []byte, n int, behind byte) []byte {
	return append(dst, byte('0'+n/10), byte('0'+n%10), behind)
}

// appendMillis appends milliseconds since 1970.
func appendMillis(dst []byte, t textconv.Instant) []byte {
	return strconv.AppendInt(dst, t.Sec*1000+int64(t.Nsec/1e6), 10)
}
