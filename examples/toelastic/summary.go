package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
)

// A summary is an Observer that adds up, and ends the run after so many records.
type summary struct {
	Read         int     `json:"read"`
	Indexed      int     `json:"indexed"`
	Duplicates   int     `json:"duplicates"`
	DeadLettered int     `json:"dead_lettered"`
	Retried      int     `json:"retried"`
	Requests     int     `json:"requests"`
	Documents    int     `json:"documents,omitempty"` // that the sink has
	Seconds      float64 `json:"seconds"`

	began time.Time
	left  int    // 0: without end
	done  func() // ends the run
	sink  *sink  // nil for a real cluster
}

func (s *summary) Settled(b *bulk.Settlement) {
	s.Read += b.Read
	s.Indexed += b.Indexed
	s.Duplicates += b.Duplicates
	s.DeadLettered += b.DeadLettered
	s.Retried += b.Retried
	s.Requests += b.Requests
	if s.left > 0 && s.Read >= s.left {
		s.done()
	}
}

func (s *summary) Survived(err error) { fmt.Fprintln(os.Stderr, "toelastic:", err) }

func (s *summary) print(out io.Writer) error {
	s.Seconds = time.Since(s.began).Seconds()
	if s.sink != nil {
		s.Documents = s.sink.count()
	}
	if err := json.NewEncoder(out).Encode(s); err != nil {
		return err
	}
	if s.Read != s.Indexed+s.Duplicates+s.DeadLettered || s.sink != nil && s.Documents != s.Indexed || s.Read < s.left {
		return errors.New("records are not accounted for")
	}
	return nil
}
