package transform

import (
	"errors"
	"fmt"
	"slices"

	"github.com/ltsvpipe/ltsvpipe/internal/textconv"
)

var (
	errNotTime    = errors.New("not a time")
	errNoTime     = errors.New("no time in the record")
	errTimeFormat = errors.New("format of the time is unknown")
)

// How a log writes times, for [Time.Layouts].
const (
	// LayoutCommonLog, 02/Jan/2006:15:04:05 -0700, is $time_local of nginx and %t of
	// Apache, in brackets or not: 22/Nov/2026:16:00:49 +0000.
	LayoutCommonLog = textconv.LayoutCommonLog
	// LayoutISO8601, 2006-01-02T15:04:05Z07:00, is $time_iso8601 of nginx, RFC 3339,
	// and the zone without a colon: 2026-11-22T16:00:49+00:00, 2026-11-22T16:00:49.567Z.
	LayoutISO8601 = textconv.LayoutISO8601
	// LayoutEpoch, "epoch", is LayoutEpochMillis for 12 digits and more without a
	// fraction, which as seconds were the year 5138 and later, else LayoutEpochSeconds.
	LayoutEpoch = textconv.LayoutEpoch
	// LayoutEpochSeconds, "epoch seconds", is seconds since 1970, with a fraction or
	// not, as $msec of nginx: 1795363249.567. In struct tags it is [ltsv.LayoutUnix].
	LayoutEpochSeconds = textconv.LayoutEpochSeconds
	// LayoutEpochMillis, "epoch milliseconds", is milliseconds since 1970: 1795363249567.
	LayoutEpochMillis = textconv.LayoutEpochMillis
)

// A TimeFormat is how [Time] writes times. What does not fit the digits is cut off,
// not rounded.
type TimeFormat uint8

const (
	TimeMillis      TimeFormat = iota // RFC 3339: 2026-11-22T16:00:49.567Z
	TimeSeconds                       // RFC 3339: 2026-11-22T16:00:49Z
	TimeMicros                        // RFC 3339: 2026-11-22T16:00:49.567000Z
	TimeNanos                         // RFC 3339: 2026-11-22T16:00:49.567000000Z
	TimeEpochMillis                   // milliseconds since 1970, a number: 1795363249567
)

var timeFormats = [...]struct {
	name   string
	digits int
}{{"TimeMillis", 3}, {"TimeSeconds", 0}, {"TimeMicros", 6}, {"TimeNanos", 9}, {"TimeEpochMillis", 0}}

// String returns the name of f.
func (f TimeFormat) String() string {
	if int(f) < len(timeFormats) {
		return timeFormats[f].name
	}
	return fmt.Sprintf("TimeFormat(%d)", f)
}

// Time is the stage that makes the time of a record, of the first of several labels
// that has one:
//
//	transform.Time{To: "@timestamp", From: []string{"msec", "time"}, Required: true}
//
// Labels that are not there or null are passed over; so are values that are no time,
// which count as failed. If none of From is there, To is not written; if those there
// are null, it becomes null; if there is a value and none is a time, it becomes null,
// unless [OnError] says otherwise. The sources stay, but for one that is To.
//
// Reading is strict: a day that the month has not, second 60 (a leap second, which
// clocks of servers do not show), hour 24, zones of 24 hours and more, a month in other
// letters than Jan, blanks around, and years before 0 and after 9999 in UTC are no time.
// Of a fraction nine digits count. Times before 1970 have no epoch form here.
//
// Each worker remembers the last day and zone that it read and the last second that it
// wrote. The layouts named here are read without allocations; others go through
// [time.Parse], and cost what it does.
type Time struct {
	// To is the label of the result. It may be one of From.
	To string

	// From are the labels that may have the time, the best first. Strings are read by
	// Layouts, numbers by those of them that are an epoch.
	From []string

	// Layouts are what the time may be written in, tried in this order: the layouts
	// named in this package, and any of package time with year, month and day in it.
	// One without a zone is UTC. Default: LayoutCommonLog, LayoutISO8601, LayoutEpoch.
	Layouts []string

	// Format is how To is written. Default TimeMillis.
	Format TimeFormat

	// KeepZone writes RFC 3339 in the zone in which the time was logged. Default: UTC.
	KeepZone bool

	// Required rejects a record that has no time: label missing, null, or not a time.
	// OnError may say otherwise. Default: such a record goes on.
	Required bool
}

// String returns the Go code of s.
func (s Time) String() string {
	format := ""
	if s.Format != TimeMillis {
		format = s.Format.String()
	}
	return literal("Time", "To", literalString(s.To), "From", literalStrings(s.From), "Layouts", literalStrings(s.Layouts),
		"Format", format, "KeepZone", literalTrue(s.KeepZone), "Required", literalTrue(s.Required))
}

// Bind implements [Stage].
func (s Time) Bind(b *Binder) (func() Func, error) {
	if s.To == "" {
		return nil, errNoLabel
	}
	from, err := labelSlots(b, s.From)
	if err != nil {
		return nil, err
	}
	if int(s.Format) >= len(timeFormats) {
		return nil, errTimeFormat
	}
	for _, l := range s.Layouts {
		if err := textconv.CheckLayout(l); err != nil {
			return nil, err
		}
	}
	byDefault := OnErrorNull
	if s.Required {
		byDefault = OnErrorReject
	}
	stage := timeStage{
		from: from, to: []Slot{output(b, s.To, s.From...)}, policy: b.Policy(byDefault), required: s.Required,
		layouts: slices.Clone(s.Layouts), format: s.Format, keepZone: s.KeepZone,
	}
	return func() Func {
		w := stage // its own
		w.reader = textconv.NewTimeReader()
		return w.run
	}, nil
}

// A timeStage is Time at work, for one worker.
type timeStage struct {
	from     []Slot
	to       []Slot // one
	policy   Policy
	required bool
	layouts  []string // none: the default ones
	format   TimeFormat
	keepZone bool

	reader textconv.TimeReader
	writer timeWriter
}

func (w *timeStage) run(r *Record) error {
	null, failed := false, Slot(-1)
	for _, slot := range w.from {
		v, ok := r.Value(slot)
		if !ok {
			continue
		}
		if v.Kind == KindNull {
			null = true
			continue
		}
		if t, ok := w.read(v); ok {
			if failed >= 0 {
				r.countFailed(failed)
			}
			r.SetValue(w.to[0], w.write(r, t))
			return nil
		}
		if failed >= 0 {
			r.countFailed(failed)
		}
		failed = slot
	}
	switch {
	case failed >= 0:
		return r.failInto(w.policy, failed, w.to, errNotTime)
	case w.required:
		return r.failInto(w.policy, w.to[0], w.to, errNoTime)
	case null:
		r.setNull(w.to)
	}
	return nil
}

// countFailed counts a value that a stage could not work on and could do without.
func (r *Record) countFailed(slot Slot) { _ = r.Fail(OnErrorKeep, slot, errNotTime) }

func (w *timeStage) read(v Value) (textconv.Instant, bool) {
	if v.Kind != KindString && v.Kind != KindNumber {
		return textconv.Instant{}, false
	}
	if len(w.layouts) == 0 {
		t, ok := w.reader.ReadDefault(v.Bytes, v.Kind == KindNumber)
		return t, ok && t.InRange()
	}
	for _, layout := range w.layouts {
		if t, ok := w.reader.Read(layout, v.Bytes, v.Kind == KindNumber); ok && t.InRange() {
			return t, true
		}
	}
	return textconv.Instant{}, false
}

func (w *timeStage) write(r *Record, t textconv.Instant) Value {
	if !w.keepZone {
		t.Offset = 0
	}
	room := r.arena.alloc(maxTime)
	var text []byte
	kind := KindString
	if w.format == TimeEpochMillis {
		kind, text = KindNumber, appendMillis(room[:0], t)
	} else {
		text = w.writer.append(room[:0], t, timeFormats[w.format].digits)
	}
	r.arena.giveBack(len(room) - len(text))
	return Value{kind, text[:len(text):len(text)]}
}
