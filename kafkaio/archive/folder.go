package archive

import (
	"io/fs"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A Folder appends the folder that a record lands in to dst, which it does not
// keep: a path below the root, with slashes (see ErrFolder). The record's
// partition of the table should follow from its content alone, so that it
// always lands in the same; for Hive, avroschema.HiveFolder writes what it has
// other characters for. An error rejects the record. Workers call a Folder,
// several at once. A record is valid during the call.
type Folder func(dst []byte, r *kgo.Record) ([]byte, error)

// Hourly returns the Folder dt=YYYY-MM-DD/hour=HH, in UTC, of the time of a
// record's event. A nil eventTime means the record's Kafka timestamp.
func Hourly(eventTime func(*kgo.Record) (time.Time, error)) Folder {
	return func(dst []byte, r *kgo.Record) ([]byte, error) {
		t, err := timeOf(r, eventTime)
		if err != nil {
			return dst, err
		}
		return t.AppendFormat(dst, "dt=2006-01-02/hour=15"), nil
	}
}

// Daily returns the Folder dt=YYYY-MM-DD, in UTC, of the time of a record's
// event. A nil eventTime means the record's Kafka timestamp.
func Daily(eventTime func(*kgo.Record) (time.Time, error)) Folder {
	return func(dst []byte, r *kgo.Record) ([]byte, error) {
		t, err := timeOf(r, eventTime)
		if err != nil {
			return dst, err
		}
		return t.AppendFormat(dst, "dt=2006-01-02"), nil
	}
}

func timeOf(r *kgo.Record, eventTime func(*kgo.Record) (time.Time, error)) (time.Time, error) {
	if eventTime == nil {
		return r.Timestamp.UTC(), nil
	}
	t, err := eventTime(r)
	return t.UTC(), err
}

const maxFolder = 1024

// validFolder reports whether dir is one to land in. Folders may come from what
// a record says, and records from anybody.
func validFolder(dir string) bool {
	if !fs.ValidPath(dir) || dir == "." || len(dir) > maxFolder || !utf8.ValidString(dir) {
		return false
	}
	for part := range strings.SplitSeq(dir, "/") {
		if part[0] == '.' || part[0] == '_' || len(part) > 255 {
			return false
		}
	}
	return !strings.ContainsFunc(dir, func(c rune) bool { return c == '\\' || c == ':' || unicode.IsControl(c) })
}
