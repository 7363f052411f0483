package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/live"
)

const watchEvery = 2 * time.Second

// A watch asks the brokers how far each group is, those of parts that run elsewhere too:
// a part that hangs has nothing to tell of itself.
type watch struct {
	system *system
	groups []watchedGroup

	mu     sync.Mutex
	lags   map[string]groupLag // by part; those of groups that there are
	asked  time.Time           // when the brokers answered last
	failed error               // why they did not, the last time
	dashed int64               // offsets that the dash has yet to read
}

// A watchedGroup is the group of a part.
type watchedGroup struct{ part, name, group, topic string }

// A groupLag is how far a group is.
type groupLag struct {
	records    int64 // yet to be read
	partitions []partitionLag
}

type partitionLag struct {
	partition int32
	records   int64
	commit    int64
	since     time.Time // when it had nothing to read, or committed, last
	ours      bool      // it is read by this process, or by nobody
}

func newWatch(s *system) *watch {
	c := s.cfg
	return &watch{system: s, lags: map[string]groupLag{}, asked: time.Now(), groups: []watchedGroup{
		{"json", "job 1", c.groups.json, c.topics.in},
		{"avro", "job 2", c.groups.avro, c.topics.json},
		{"archive", "archive", c.groups.archive, c.topics.avro},
		{"elastic", "elastic", c.groups.elastic, c.topics.json},
	}}
}

// run asks until ctx is done.
func (w *watch) run(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		w.ask(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (w *watch) ask(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*watchEvery)
	defer cancel()
	cluster := w.system.cluster
	names := make([]string, len(w.groups))
	for i, g := range w.groups {
		names[i] = g.group
	}
	lags, err := cluster.adm.Lag(ctx, names...)
	var left int64
	if d := w.system.dash; err == nil && d != nil {
		var ends map[int32]int64
		if ends, err = cluster.stable(ctx, d.topic); err == nil {
			left = d.left(ends)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed = err; err != nil {
		return
	}
	w.asked, w.dashed = time.Now(), left
	for _, g := range w.groups {
		if l, ok := lags[g.group]; ok && l.Error() == nil && len(l.Lag[g.topic]) > 0 {
			w.lags[g.part] = w.lag(g.part, l.Lag[g.topic])
		}
	}
}

// lag returns how far a part's group is in its topic, since the last time it was asked.
func (w *watch) lag(part string, partitions map[int32]kadm.GroupMemberLag) (lag groupLag) {
	before := w.lags[part].partitions
	for p, l := range partitions {
		at := partitionLag{partition: p, records: max(l.Lag, 0), commit: l.Commit.At, since: time.Now()}
		at.ours = l.Member == nil || l.Member.ClientID == w.system.cluster.clientID()
		if i := slices.IndexFunc(before, func(b partitionLag) bool { return b.partition == p }); i >= 0 && at.records > 0 && before[i].commit == at.commit {
			at.since = before[i].since
		}
		lag.records += at.records
		lag.partitions = append(lag.partitions, at)
	}
	slices.SortFunc(lag.partitions, func(a, b partitionLag) int { return int(a.partition - b.partition) })
	return lag
}

// parts tells of all parts, as the page shows them: of those that run elsewhere how far
// they are.
func (w *watch) parts() (parts []live.Part) {
	s, away := w.system, w.troubleOfKafka()
	if s.agent != nil {
		parts = append(parts, part("agent", s.agent.counts(), s.agent.waiting(), w.troubleOfAgent()))
	}
	for _, g := range w.groups {
		lag := w.lagOf(g.part)
		records, known := int64(-1), lag.partitions != nil
		if known && away == "" { // else it is of a time long ago
			records = lag.records
		}
		if i := slices.IndexFunc(s.jobs, func(j *job) bool { return j.part == g.part }); i >= 0 {
			j := s.jobs[i]
			parts = append(parts, part(j.name, j.counts(), records, w.troubleOfJob(j)))
		} else if known {
			parts = append(parts, part(g.name+elsewhere, unknown, records, w.stalled(g, lag, false)))
		}
	}
	if s.dash != nil {
		left := w.leftOfDash()
		if away != "" {
			left = -1
		}
		parts = append(parts, part("this page", s.dash.counts(), left, w.troubleOfDash()))
	}
	if away != "" {
		parts = append(parts, part("Kafka", unknown, -1, away))
	}
	return parts
}

// elsewhere is what stands behind the name of a part of another process, whose counts are
// unknown here.
const elsewhere = ", elsewhere"

var unknown = counts{Read: -1, Written: -1, Skipped: -1, Rejected: -1}

func part(name string, c counts, lag int64, trouble string) live.Part {
	return live.Part{Name: name, Read: c.Read, Written: c.Written + c.Duplicates, Skipped: c.Skipped, Rejected: c.Rejected, Lag: lag, Trouble: trouble}
}

// lagOf returns how far a part's group is; without partitions if that is not known.
func (w *watch) lagOf(part string) groupLag {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lags[part]
}

// answered returns when the brokers answered last.
func (w *watch) answered() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked
}

// leftOfDash returns how many offsets the dash has yet to read.
func (w *watch) leftOfDash() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dashed
}
