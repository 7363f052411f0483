package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// team is a stage that is a function: it says whose a virtual host is. New values are
// slices of what the record holds, or of rec.Alloc.
func team(rec *transform.Record) error {
	vhost, ok := rec.Get("vhost")
	if !ok {
		return errors.New("no vhost") // a reason never quotes the record
	}
	name, _, _ := bytes.Cut(vhost.Bytes, []byte("."))
	rec.Set("team", transform.Value{Bytes: name})
	return nil
}

// apdex is a stage with slots: it rates how long requests took. Bind finds its mistakes
// before there is a record, and makes numbers of its labels, which cost no search.
type apdex struct{ satisfied float64 } // seconds

var satisfied, tolerating, frustrated = []byte("satisfied"), []byte("tolerating"), []byte("frustrated")

func (a apdex) Bind(b *transform.Binder) (func() transform.Func, error) {
	if a.satisfied <= 0 {
		return nil, errors.New("nobody is satisfied in no time")
	}
	from, to := b.Slot("reqtime"), b.Output("apdex")
	run := func(rec *transform.Record) error {
		v, _ := rec.Value(from)
		seconds, err := strconv.ParseFloat(string(v.Bytes), 64)
		switch {
		case err != nil: // it was not logged, or null
		case seconds <= a.satisfied:
			rec.SetValue(to, transform.Value{Bytes: satisfied})
		case seconds <= 4*a.satisfied:
			rec.SetValue(to, transform.Value{Bytes: tolerating})
		default:
			rec.SetValue(to, transform.Value{Bytes: frustrated})
		}
		return nil
	}
	return func() transform.Func { return run }, nil // it has no scratch: all workers share it
}

// alarming is a predicate: the server failed, or somebody waited too long.
type alarming struct{}

func (alarming) Bind(b *transform.Binder) (func() func(*transform.Record) bool, error) {
	status, rating := b.Slot("status"), b.Slot("apdex")
	ask := func(rec *transform.Record) bool {
		s, _ := rec.Value(status)
		r, _ := rec.Value(rating)
		return len(s.Bytes) == 3 && s.Bytes[0] == '5' || bytes.Equal(r.Bytes, frustrated)
	}
	return func() func(*transform.Record) bool { return ask }, nil
}

// logfmt is an encoder: label="value" and so on.
type logfmt struct{}

func (logfmt) Append(dst []byte, rec *transform.Record) ([]byte, error) {
	start := len(dst)
	for label, v := range rec.All() {
		if v.Kind == transform.KindNull {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ' ')
		}
		dst = append(append(dst, label...), '=')
		dst = strconv.AppendQuote(dst, string(v.Bytes))
	}
	return dst, nil
}

// progress is an observer: it counts, and can stop a run.
type progress struct {
	w                  io.Writer
	read, alerts, dead int
	until              int // records read, if stop is there
	stop               func()
}

func (p *progress) Settled(s *kafkaio.Settlement) {
	p.read += s.Read
	p.alerts += s.Emitted
	p.dead += s.DeadLettered
	fmt.Fprintf(p.w, "read %d, alerts %d, dead %d\n", p.read, p.alerts, p.dead)
	if p.stop != nil && p.read >= p.until {
		p.stop()
	}
}

func (p *progress) Survived(err error) { fmt.Fprintln(p.w, "goes on after:", err) }

// lines are what a real nginx wrote, cut short.
var lines = []string{
	"time:22/Nov/2026:16:00:49 +0000\treq:GET /cart HTTP/1.1\tstatus:200\treqtime:0.004\tvhost:shop.example.com",
	"time:22/Nov/2026:16:00:50 +0000\treq:POST /pay?n=\\x221\\x22 HTTP/1.1\tstatus:502\treqtime:0.250\tvhost:pay.example.com",
	"time:22/Nov/2026:16:00:51 +0000\treq:GET /search HTTP/1.1\tstatus:200\treqtime:2.718\tvhost:shop.example.com",
	"time:22/Nov/2026:16:00:52 +0000\treq:GET /slow HTTP/1.1\tstatus:200\treqtime:1.500\tvhost:shop.example.com",
	"time:22/Nov/2026:16:00:53 +0000\treq:-\tstatus:400\treqtime:-\tvhost:-",
	"no record",
}
