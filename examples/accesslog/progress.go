package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/live"
	"github.com/ltsvpipe/ltsvpipe/examples/internal/progress"
)

// showProgress says what goes where, and on a terminal how far it is.
func (s *system) showProgress() (stop func()) {
	c := s.cfg
	if c.quiet {
		return func() {}
	}
	for _, j := range s.jobs {
		to := j.out
		if to == "" {
			to = j.to
		}
		fmt.Fprintf(c.stdout, "%s: %s → %s (group %s) → %s; rejected → %s\n", s.cluster, j.in, j.name, j.group, to, c.topics.dlq)
	}
	began := time.Now()
	line := progress.Start(c.stderr, func() string { return s.progressText(time.Since(began)) })
	return line.Stop
}

// progressText is one line, the most important first.
func (s *system) progressText(took time.Duration) string {
	var text strings.Builder
	if s.agent != nil {
		shipped := s.agent.written.Load()
		text.WriteString(progress.Bar(shipped, s.cfg.log.n))
		fmt.Fprintf(&text, "shipped %s", grouped(shipped))
	}
	for i, j := range s.jobs {
		c := j.counts()
		fmt.Fprintf(&text, " · %s %s", j.part, grouped(c.Read))
		if i == 0 {
			fmt.Fprintf(&text, " (%s/s)", grouped(int64(float64(c.Read)/max(took.Seconds(), 0.001))))
		}
		if c.Rejected > 0 {
			fmt.Fprintf(&text, ", %s rejected", grouped(c.Rejected))
		}
	}
	return strings.TrimPrefix(text.String(), " · ")
}

// writeTable writes what became of what, a line for each part.
func (s *system) writeTable(w io.Writer, took time.Duration) {
	t := tabwriter.NewWriter(w, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "part\tread\twritten\tskipped\trejected\tread back\trecords/s\t")
	row := func(part string, c counts, back string) {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", part, grouped(c.Read), grouped(c.Written+c.Duplicates), grouped(c.Skipped), grouped(c.Rejected),
			back, grouped(int64(float64(c.Read)/max(took.Seconds(), 1e-9))))
	}
	for _, p := range s.parts() {
		back := "–"
		if p.readBack {
			back = grouped(p.counts.ReadBack)
		}
		row(p.name, p.counts, back)
	}
	_ = t.Flush() // a terminal that is gone needs none
}

// grouped writes 1234567 as 1,234,567.
func grouped(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// linger keeps the page up on a terminal after the run: for a minute, which is what the
// page shows, and as long as somebody looks at it.
func (s *system) linger(ctx context.Context) {
	if s.dash == nil || ctx.Err() != nil || !progress.IsTerminal(s.cfg.stderr) {
		return
	}
	fmt.Fprintf(s.cfg.stderr, "accesslog: done; the page stays up for a minute, and as long as it is open; Ctrl-C ends it\n")
	for end := time.Now().Add(live.Seconds * time.Second); time.Now().Before(end) || s.server.pages.Clients() > 0; {
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return
		}
	}
}
