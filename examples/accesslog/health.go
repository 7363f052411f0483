package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
)

// serveHealth answers 200 if all parts of this process get on, and 503 with those that do
// not, by name and reason.
func (w *watch) serveHealth(out http.ResponseWriter, _ *http.Request) {
	ill := map[string]string{}
	for _, p := range w.parts() {
		if p.Trouble != "" && !strings.HasSuffix(p.Name, elsewhere) {
			ill[p.Name] = p.Trouble
		}
	}
	out.Header().Set("Content-Type", "application/json")
	out.Header().Set("Cache-Control", "no-store")
	status := http.StatusOK
	if len(ill) > 0 {
		status = http.StatusServiceUnavailable
	}
	out.WriteHeader(status)
	_ = json.NewEncoder(out).Encode(map[string]any{"ok": len(ill) == 0, "ill": ill}) // who went away needs none
}

// troubleOfAgent tells why the agent is ill, or nothing.
func (w *watch) troubleOfAgent() string {
	a, illAfter := w.system.agent, w.system.cfg.http.illAfter
	if stuck := a.stuck(); stuck >= illAfter {
		return fmt.Sprintf("no broker has taken a line for %d s; %d wait, and the log is kept", int(stuck.Seconds()), a.waiting())
	}
	return a.ailing(illAfter)
}

// troubleOfJob tells why a job is ill: it says so itself, or it has something to read and
// does not get on.
func (w *watch) troubleOfJob(j *job) string {
	if why := j.ailing(w.system.cfg.http.illAfter); why != "" {
		return why
	}
	for _, g := range w.groups {
		if g.part == j.part {
			return w.stalled(g, w.lagOf(g.part), true)
		}
	}
	return ""
}

// stalled tells of a partition with something to read of which nothing was committed for
// long. A process is to blame for its own only, and for those that nobody has.
func (w *watch) stalled(g watchedGroup, lag groupLag, oursOnly bool) string {
	cfg := w.system.cfg
	patience := cfg.session + cfg.http.illAfter // a member that died is missed so late
	if g.part == "archive" {
		patience += cfg.archive.age
	}
	for _, p := range lag.partitions {
		if behind := time.Since(p.since); (p.ours || !oursOnly) && p.records > 0 && behind > patience {
			return fmt.Sprintf("partition %d of %s has not got on for %d s", p.partition, g.topic, int(behind.Seconds()))
		}
	}
	return ""
}

// troubleOfDash tells why the page gets no records though there are some.
func (w *watch) troubleOfDash() string {
	d, left, illAfter := w.system.dash, w.leftOfDash(), w.system.cfg.http.illAfter
	if why := d.ailing(illAfter); why != "" {
		return why
	}
	if quiet := d.quiet(); left > 0 && quiet > illAfter {
		return fmt.Sprintf("records are there, but none have come for %d s", int(quiet.Seconds()))
	}
	return ""
}

// troubleOfKafka tells how long the brokers have not answered, and why.
func (w *watch) troubleOfKafka() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	away := time.Since(w.asked)
	if w.failed == nil || away < w.system.cfg.http.illAfter {
		return ""
	}
	why := w.failed
	if shards := (*kadm.ShardErrors)(nil); errors.As(why, &shards) && len(shards.Errs) > 0 {
		why = shards.Errs[0].Err // each broker has one of much the same
	}
	if errors.Is(why, context.DeadlineExceeded) {
		return fmt.Sprintf("no broker has answered for %d s", int(away.Seconds()))
	}
	return fmt.Sprintf("no broker has answered for %d s: %v", int(away.Seconds()), why)
}
