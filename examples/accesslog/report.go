package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"
)

// counts are what a job did.
type counts struct {
	Read         int64 `json:"read"`
	Written      int64 `json:"written"`
	Skipped      int64 `json:"skipped"`
	Rejected     int64 `json:"rejected"` // those that were dead-lettered are among them
	DeadLettered int64 `json:"dead_lettered"`
	ReadBack     int64 `json:"read_back"` // by the independent consumer
}

func (j *job) counts() counts {
	if j == nil {
		return counts{}
	}
	c := counts{
		Read: j.read.Load(), Written: j.written.Load(), Skipped: j.skipped.Load(),
		Rejected: j.rejected.Load(), DeadLettered: j.deadLettered.Load(),
	}
	if j.back != nil {
		c.ReadBack = j.back.count.Load()
	}
	return c
}

// A summary is the last line of standard output. Its top level is what job 1 did.
type summary struct {
	counts
	Seconds          float64           `json:"seconds"`
	RecordsPerSecond float64           `json:"records_per_second"` // of the first job
	Shipped          int64             `json:"shipped"`            // by the agent
	NotShipped       int64             `json:"not_shipped"`        // lines too long for a Kafka record
	Jobs             map[string]counts `json:"jobs"`               // each by its part: json, avro
}

// report prints samples and the summary. If the run is whole, on a cluster that
// nobody else uses, it is an error if a part read less than the one before it wrote.
func (s *system) report(took time.Duration, whole bool) error {
	sum := summary{Seconds: round(took.Seconds()), Jobs: map[string]counts{}}
	if s.agent != nil {
		sum.Shipped, sum.NotShipped = s.agent.shipped.Load(), s.agent.tooLong.Load()
	}
	var samples [][]byte
	for i, j := range s.jobs {
		sum.Jobs[j.part] = j.counts()
		if i == 0 {
			sum.RecordsPerSecond = round(float64(j.read.Load()) / max(took.Seconds(), 1e-9))
		}
		if j.part == "json" {
			sum.counts = j.counts()
			if j.back != nil {
				samples = j.back.samples
			}
		}
	}
	if !s.cfg.quiet {
		for _, sample := range samples {
			fmt.Fprintf(s.cfg.stdout, "%s\n", sample)
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
	var before int64
	if s.agent != nil {
		before = s.agent.shipped.Load()
	}
	for _, j := range s.jobs {
		c := j.counts()
		if c.Read != c.Written+c.Skipped+c.Rejected {
			return fmt.Errorf("%w: %s read %d, written %d, skipped %d, rejected %d", errUnaccounted, j.name, c.Read, c.Written, c.Skipped, c.Rejected)
		}
		if whole && (c.Read < before || j.back != nil && c.ReadBack < c.Written) {
			return fmt.Errorf("%w: %s read %d of %d; written %d, read back %d", errUnaccounted, j.name, c.Read, before, c.Written, c.ReadBack)
		}
		before = c.Written
	}
	return nil
}

// errUnaccounted is the error of a run that lost sight of a record.
var errUnaccounted = errors.New("records are not accounted for")

// round leaves three decimals.
func round(f float64) float64 { return math.Round(f*1000) / 1000 }
