package avroschema

import (
	"errors"
	"time"

	"github.com/ltsvpipe/ltsvpipe/internal/textconv"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

const nanosADay = textconv.SecondsADay * 1e9

var errClockLayout = errors.New("layout does not hold the time of a day")

// checkTimeLayout returns what is wrong with a layout for a type.
func checkTimeLayout(o op, layout string) error {
	if o != opTimeMillis && o != opTimeMicros {
		return textconv.CheckLayout(layout)
	}
	clock := time.Date(0, 1, 1, 16, 5, 0, 0, time.UTC) // seconds may be missing, as they may in layouts of timestamps
	if got, err := time.Parse(layout, clock.Format(layout)); err != nil || clockOf(got) != clockOf(clock) {
		return errClockLayout
	}
	return nil
}

func clockOf(t time.Time) int64 {
	hour, minute, sec := t.Clock()
	return int64(3600*hour+60*minute+sec)*1e9 + int64(t.Nanosecond())
}

// time returns v in the unit of a logical type of time. What is smaller is cut off.
func (e *Encoder) time(t *typePlan, v *transform.Value) (n int64, ok bool) {
	if v.Kind != transform.KindString && v.Kind != transform.KindNumber {
		return 0, false
	}
	switch t.op {
	case opTimeMillis:
		return clock(t, v, 1e6)
	case opTimeMicros:
		return clock(t, v, 1e3)
	case opDate:
		if t.layouts == nil && v.Kind == transform.KindString {
			if days, ok := e.times.Date(v.Bytes); ok {
				return days, true
			}
		}
	}
	at, ok := e.instant(t.layouts, v)
	switch t.op {
	case opTimestampMillis:
		return at.Sec*1e3 + int64(at.Nsec/1e6), ok
	case opTimestampMicros:
		return at.Sec*1e6 + int64(at.Nsec/1e3), ok
	case opLocalMillis:
		return (at.Sec+int64(at.Offset))*1e3 + int64(at.Nsec/1e6), ok
	case opLocalMicros:
		return (at.Sec+int64(at.Offset))*1e6 + int64(at.Nsec/1e3), ok
	}
	return textconv.Days(at.Sec), ok
}

// instant reads v by layouts, or by the default ones.
func (e *Encoder) instant(layouts []string, v *transform.Value) (at textconv.Instant, ok bool) {
	number := v.Kind == transform.KindNumber
	if layouts == nil {
		at, ok = e.times.ReadDefault(v.Bytes, number)
		return at, ok && at.InRange()
	}
	for _, l := range layouts {
		if at, ok = e.times.Read(l, v.Bytes, number); ok && at.InRange() {
			return at, true
		}
	}
	return at, false
}

// clock reads the time of a day: text in one of the layouts, or a number in the unit of
// t, which is so many nanoseconds.
func clock(t *typePlan, v *transform.Value, unit int64) (n int64, ok bool) {
	if v.Kind == transform.KindNumber {
		n, err := textconv.Integer(v.Bytes)
		return n, err == nil && 0 <= n && n < nanosADay/unit
	}
	if t.layouts == nil {
		n, ok = textconv.Clock(v.Bytes)
		return n / unit, ok
	}
	if len(v.Bytes) > maxClockText {
		return 0, false
	}
	for _, l := range t.layouts {
		if at, err := time.Parse(l, string(v.Bytes)); err == nil {
			return clockOf(at) / unit, true
		}
	}
	return 0, false
}

// maxClockText bounds what is given to time.Parse, whose errors copy it.
const maxClockText = 128
