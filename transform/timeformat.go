package transform

import (
	"strconv"
	"time"

	"github.com/ltsvpipe/ltsvpipe/internal/textconv"
)

// maxTime is the length of the longest text of a time:
// 2026-11-22T16:00:49.567000000+00:00.
const maxTime = 35

// A timeWriter writes RFC 3339. Successive lines mostly have the same second, or the same
// day at least: the text of the last is remembered.
type timeWriter struct {
	known bool
	local int64 // seconds since 1970, in the zone
	day   int64 // since 1970
	text  [20]byte
}

// append appends t, in its zone, with so many digits of its fraction.
func (w *timeWriter) append(dst []byte, t textconv.Instant, digits int) []byte {
	if local := t.Sec + int64(t.Offset); !w.known || local != w.local {
		w.write(local)
	}
	dst = append(dst, w.text[:]...)
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

// write makes text that of a second, with a point behind it.
func (w *timeWriter) write(local int64) {
	day := local / textconv.SecondsADay
	if local%textconv.SecondsADay < 0 {
		day--
	}
	if !w.known || day != w.day {
		w.day = day
		time.Unix(day*textconv.SecondsADay, 0).UTC().AppendFormat(w.text[:0], "2006-01-02T")
	}
	w.known, w.local = true, local
	clock := int(local - day*textconv.SecondsADay)
	text := append2(w.text[:11], clock/3600, ':')
	text = append2(text, clock/60%60, ':')
	append2(text, clock%60, '.')
}

// append2 appends two digits and a byte behind them.
func append2(dst []byte, n int, behind byte) []byte {
	return append(dst, byte('0'+n/10), byte('0'+n%10), behind)
}

// appendMillis appends milliseconds since 1970.
func appendMillis(dst []byte, t textconv.Instant) []byte {
	return strconv.AppendInt(dst, t.Sec*1000+int64(t.Nsec/1e6), 10)
}
