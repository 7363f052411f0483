package live

import (
	"github.com/ltsvpipe/ltsvpipe/internal/textconv"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// A sighting is what is looked at of one record. Its slices are valid as long as the
// record.
type sighting struct {
	server, vhost, path []byte // empty if there is none
	class               int    // of the status, 1 to 5, or 0
	seconds             float64
	timed               bool // there are seconds
	bot                 bool
}

// A look is the stage that fills a sighting from each record, for one worker.
type look struct{ at *sighting }

// String names the stage.
func (l look) String() string { return "live.look" }

// Bind implements [transform.Stage].
func (l look) Bind(b *transform.Binder) (func() transform.Func, error) {
	server, vhost, path := b.Slot("server"), b.Slot("vhost"), b.Slot("path")
	status, reqtime, bot := b.Slot("status"), b.Slot("reqtime"), b.Slot("bot")
	return func() transform.Func {
		return func(r *transform.Record) error {
			*l.at = sighting{server: text(r, server), vhost: text(r, vhost), path: text(r, path)}
			if v, ok := r.Value(status); ok && v.Kind == transform.KindNumber {
				l.at.class = class(v.Bytes)
			}
			if v, ok := r.Value(reqtime); ok && v.Kind == transform.KindNumber {
				seconds, err := textconv.Float64(v.Bytes)
				l.at.seconds, l.at.timed = seconds, err == nil && seconds >= 0
			}
			if v, ok := r.Value(bot); ok && v.Kind == transform.KindBool {
				l.at.bot = string(v.Bytes) == "true"
			}
			return nil
		}
	}, nil
}

// text returns the bytes of a string; null and other kinds have none.
func text(r *transform.Record, slot transform.Slot) []byte {
	if v, ok := r.Value(slot); ok && v.Kind == transform.KindString {
		return v.Bytes
	}
	return nil
}

// class returns the first digit of a status from 100 to 599, and 0 for any other.
func class(status []byte) int {
	if len(status) != 3 || status[0] < '1' || status[0] > '5' {
		return 0
	}
	return int(status[0] - '0')
}
