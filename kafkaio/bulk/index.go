package bulk

import (
	"bytes"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
)

// An IndexFunc names the index, alias or data stream of a record, 1 to 255
// bytes. Its value is one JSON object, in one line. Several goroutines call it
// at once; the record is valid during the call and must not be changed.
//
// It should return the same name whenever it is asked of a record: an id is
// unique in one index only.
type IndexFunc func(*kgo.Record) (string, error)

// Fixed is one index, alias or data stream for all records.
func Fixed(name string) IndexFunc {
	return func(*kgo.Record) (string, error) { return name, nil }
}

// ByTimestamp is an index a day, in UTC, for instance access-2026.11.24 with
// prefix "access-": the day of the object's member, which is a string of RFC
// 3339 such as 2026-11-24T10:30:00.000Z. Without one, a record is ErrNoTime.
func ByTimestamp(prefix, member string) IndexFunc {
	var days days
	quoted := append(jsonscan.AppendString(nil, []byte(member)), ':', '"')
	return func(rec *kgo.Record) (string, error) {
		day, ok := dayOf(timestamp(rec.Value, member, quoted))
		if !ok {
			return "", ErrNoTime
		}
		return days.name(prefix, day), nil
	}
}

// ByKafkaTime is an index a day, in UTC, for instance access-2026.11.24 with
// prefix "access-", by the record's timestamp in Kafka.
func ByKafkaTime(prefix string) IndexFunc {
	var days days
	return func(rec *kgo.Record) (string, error) {
		if rec.Timestamp.UnixMilli() < 0 {
			return "", ErrNoTime
		}
		return days.name(prefix, dayAt(rec.Timestamp)), nil
	}
}

// A day is the number 20261124.
type day int

// days remembers the last name: most records are of one day.
type days struct{ last atomic.Pointer[named] }

type named struct {
	day  day
	name string
}

func (d *days) name(prefix string, of day) string {
	if n := d.last.Load(); n != nil && n.day == of {
		return n.name
	}
	text := time.Date(int(of/10000), time.Month(of/100%100), int(of%100), 0, 0, 0, 0, time.UTC).Format("2006.01.02")
	n := &named{of, prefix + text}
	d.last.Store(n)
	return n.name
}

func dayAt(t time.Time) day {
	y, m, d := t.UTC().Date()
	return day(y*10000 + int(m)*100 + d)
}

// maxTime is how long a time may be, in bytes: enough for any number of digits
// that a second is written with.
const maxTime = 64

// dayOf reads RFC 3339.
func dayOf(text []byte) (day, bool) {
	if len(text) > maxTime {
		return 0, false
	}
	t, err := time.Parse(time.RFC3339, string(text))
	if err != nil || t.UTC().Year() > 9999 || t.UTC().Year() < 0 {
		return 0, false
	}
	return dayAt(t), true
}

// timestamp returns the text of a member of the object, nil if there is none or
// it is no string. quoted is the member's name and what follows, as most write it.
func timestamp(object []byte, member string, quoted []byte) []byte {
	// Where nothing is nested, what looks like the member is it, unless its
	// quote is one that a name holds.
	if bytes.IndexByte(object[1:], '{') < 0 {
		if i := bytes.Index(object, quoted); i > 0 && object[i-1] != '\\' {
			text := object[i+len(quoted):]
			return text[:max(bytes.IndexByte(text, '"'), 0)]
		}
	}
	return scanTimestamp(object, member)
}

func scanTimestamp(object []byte, member string) []byte {
	var s jsonscan.Scanner
	s.Reset(object)
	s.Next() // its brace
	for s.Next() && s.Kind != jsonscan.End {
		name := s.Key
		if s.KeyEscaped {
			name = jsonscan.AppendUnescape(nil, name)
		}
		switch {
		case string(name) != member:
			s.Skip()
		case s.Kind == jsonscan.String:
			return s.Value
		default:
			return nil
		}
	}
	return nil
}
