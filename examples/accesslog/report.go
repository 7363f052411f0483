package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/progress"
)

// A partCounts is what a part did, by its name on the command line.
type partCounts struct {
	name string
	counts
	readBack bool // somebody read back what it wrote
}

// parts tells of all parts that are here, in the order of the road.
func (s *system) parts() (parts []partCounts) {
	if s.agent != nil {
		parts = append(parts, partCounts{name: "agent", counts: s.agent.counts()})
	}
	for _, j := range s.jobs {
		parts = append(parts, partCounts{j.part, j.counts(), j.back != nil})
	}
	if s.dash != nil {
		parts = append(parts, partCounts{name: "dash", counts: s.dash.counts()})
	}
	return parts
}

// A summary is the last line of standard output. Its top level is what job 1 did.
type summary struct {
	counts
	Seconds          float64           `json:"seconds"`
	RecordsPerSecond float64           `json:"records_per_second"` // of the first job
	Shipped          int64             `json:"shipped"`            // by the agent
	NotShipped       int64             `json:"not_shipped"`        // lines too long for a Kafka record
	Jobs             map[string]counts `json:"jobs"`               // each by its part: agent, json, avro
}

// report prints samples and the summary. If the run is whole, on a cluster that
// nobody else uses, it is an error if a part read less than the one before it wrote.
func (s *system) report(took time.Duration, whole bool) error {
	sum := summary{Seconds: round(took.Seconds()), Jobs: map[string]counts{}}
	for _, p := range s.parts() {
		sum.Jobs[p.name] = p.counts
	}
	sum.counts = sum.Jobs["json"]
	if s.agent != nil {
		sum.Shipped, sum.NotShipped = s.agent.written.Load(), s.agent.rejected.Load()
	}
	if len(s.jobs) > 0 {
		sum.RecordsPerSecond = round(float64(s.jobs[0].read.Load()) / max(took.Seconds(), 1e-9))
	}
	if !s.cfg.quiet {
		for _, sample := range s.samples {
			fmt.Fprintf(s.cfg.stdout, "%s\n", sample)
		}
		if progress.IsTerminal(s.cfg.stderr) {
			s.writeTable(s.cfg.stderr, took)
		}
	}
	line, err := json.Marshal(sum)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.cfg.stdout, "%s\n", line)
	return s.account(whole)
}

// account returns an error if a record was lost sight of.
func (s *system) account(whole bool) error {
	written := map[string]int64{} // by topic
	if s.agent != nil {
		written[s.cfg.topics.in] = s.agent.written.Load()
	}
	for _, j := range s.jobs {
		c := j.counts()
		if !c.whole() {
			return fmt.Errorf("%w: %s read %d, written %d, skipped %d, rejected %d, duplicates %d", errUnaccounted, j.name, c.Read, c.Written, c.Skipped, c.Rejected, c.Duplicates)
		}
		before := written[j.in]
		if whole && (c.Read < before || j.back != nil && c.ReadBack < c.Written) {
			return fmt.Errorf("%w: %s read %d of %d; written %d, read back %d", errUnaccounted, j.name, c.Read, before, c.Written, c.ReadBack)
		}
		written[j.out] = c.Written
	}
	if d := s.dash; whole && d != nil && d.read.Load() < written[d.topic] {
		return fmt.Errorf("%w: the page was shown %d of %d", errUnaccounted, d.read.Load(), written[d.topic])
	}
	return nil
}

// errUnaccounted is the error of a run that lost sight of a record.
var errUnaccounted = errors.New("records are not accounted for")

// round leaves three decimals.
func round(f float64) float64 { return math.Round(f*1000) / 1000 }
