package live

import (
	"net/http"
	"time"
)

// heartbeat is how often a comment is sent, so that nobody on the way takes the stream
// for dead however seldom snapshots are.
const heartbeat = 15 * time.Second

// serveEvents sends a snapshot at once, and then one after the other. Nothing waits for
// a slow client: what it does not receive in time ends its stream, and it never gets
// an old snapshot.
func (h *Handler) serveEvents(w http.ResponseWriter, r *http.Request) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	default:
		w.Header().Set("Retry-After", "5")
		http.Error(w, "Too many pages are open.", http.StatusServiceUnavailable)
		return
	}
	s := stream{http.NewResponseController(w), w, h.opts.MaxWrite}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would keep events back
	if s.send([]byte(": hello\n\n")) != nil {
		return
	}
	tick, beat := time.NewTicker(h.opts.Every), time.NewTicker(heartbeat)
	defer tick.Stop()
	defer beat.Stop()
	for {
		event, err := h.event()
		if err != nil || s.send(event) != nil {
			return
		}
		if !h.wait(r, s, tick.C, beat.C) {
			return
		}
	}
}

// wait waits for the next tick. It reports false if the stream is over.
func (h *Handler) wait(r *http.Request, s stream, tick, beat <-chan time.Time) bool {
	for {
		select {
		case <-tick:
			return true
		case <-beat:
			if s.send([]byte(":\n\n")) != nil {
				return false
			}
		case <-r.Context().Done():
			return false
		case <-h.closed:
			return false
		}
	}
}

// A stream is the response to one client.
type stream struct {
	control  *http.ResponseController
	w        http.ResponseWriter
	maxWrite time.Duration
}

// send sends b within the time that the client has for it.
func (s stream) send(b []byte) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(s.maxWrite)); err != nil {
		return err
	}
	if _, err := s.w.Write(b); err != nil {
		return err
	}
	return s.control.Flush()
}
