package main

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// A summary is the last line of standard output: what job 1 did.
type summary struct {
	Read             int64   `json:"read"`
	Written          int64   `json:"written"`
	Skipped          int64   `json:"skipped"`
	Rejected         int64   `json:"rejected"` // those that were dead-lettered are among them
	DeadLettered     int64   `json:"dead_lettered"`
	Seconds          float64 `json:"seconds"`
	RecordsPerSecond float64 `json:"records_per_second"`
	Shipped          int64   `json:"shipped"`     // by the agent
	NotShipped       int64   `json:"not_shipped"` // lines too long for a Kafka record
	ReadBack         int64   `json:"read_back"`   // by the independent consumer
}

// report prints samples and the summary. If the run is whole, on a cluster that
// nobody else uses, it is an error if less was read than shipped, or less read back
// than written.
func (c *config) report(j *job, a *agent, r *readback, took time.Duration, whole bool) error {
	s := summary{
		Read: j.read.Load(), Written: j.written.Load(), Skipped: j.skipped.Load(),
		Rejected: j.rejected.Load(), DeadLettered: j.deadLettered.Load(),
		Shipped: a.shipped.Load(), NotShipped: a.tooLong.Load(), ReadBack: r.count.Load(),
		Seconds: round(took.Seconds()),
	}
	s.RecordsPerSecond = round(float64(s.Read) / max(took.Seconds(), 1e-9))
	if !c.quiet {
		for _, sample := range r.samples {
			fmt.Fprintf(c.stdout, "%s\n", sample)
		}
	}
	line, err := json.Marshal(s)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "%s\n", line)
	if s.Read != s.Written+s.Skipped+s.Rejected {
		return fmt.Errorf("%w: read %d, written %d, skipped %d, rejected %d", errUnaccounted, s.Read, s.Written, s.Skipped, s.Rejected)
	}
	if whole && (s.Read < s.Shipped || s.ReadBack < s.Written) {
		return fmt.Errorf("%w: shipped %d, read %d; written %d, read back %d", errUnaccounted, s.Shipped, s.Read, s.Written, s.ReadBack)
	}
	return nil
}

// round leaves three decimals.
func round(f float64) float64 { return math.Round(f*1000) / 1000 }
