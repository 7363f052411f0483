package archive

import (
	"errors"
	"maps"
	"slices"
)

// late reports whether the drain timeout has passed. Then Run may have
// returned, and the client is no longer for who still works to touch.
func (r *run) late() bool { return r.fs.closed.Load() != nil }

// leave sets the client to what has landed, and lets rebalances go on.
func (r *run) leave() {
	for _, p := range r.parts {
		p.discard()
	}
	r.seek()
	r.source.Keep()
}

// end lands what is open, unless the FS has failed, and sets the client to what
// has landed.
func (r *run) end(why error) error {
	_, failed := errors.AsType[*FSError](why)
	ended := errors.Is(why, errEnded) // anywhere: nothing is known of what is open
	if !failed && !ended && !r.late() {
		open := slices.Collect(maps.Values(r.parts))
		if err := each(r.Workers, open, func(p **partition) error { return (*p).roll(ByStop) }); why == nil {
			why = err
		}
	}
	for _, p := range r.parts {
		if ended {
			p.forget()
			p.back()
		} else {
			p.discard()
		}
	}
	if r.late() {
		return why
	}
	if err := r.commit(); why == nil {
		why = err
	}
	r.seek()
	r.source.Keep() // or nothing, if nothing is polled
	if why == nil {
		why = r.trouble()
	}
	return why
}
