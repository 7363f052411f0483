package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/progress"
)

// A system is the parts that run in this process. Others may run elsewhere, in
// processes of the same groups.
type system struct {
	cfg     *config
	cluster *cluster
	agent   *agent // nil if it is elsewhere
	source  source // of the agent
	jobs    []*job // in the order of the road
}

// run runs the system: from the first line shipped to the last record read back if the
// agent is among the parts, else until ctx is done.
func (c *config) run(ctx context.Context) error {
	s := &system{cfg: c}
	defer s.close()
	if err := s.make(ctx); err != nil {
		return err
	}
	stopProgress := s.showProgress()
	took, err := s.runParts(ctx)
	stopProgress()
	if ctx.Err() != nil {
		err = nil // asked to stop: what was done is reported
	}
	return errors.Join(err, s.report(took, err == nil && ctx.Err() == nil && s.cluster.embedded != nil))
}

// make makes the parts that the flags name.
func (s *system) make(ctx context.Context) error {
	c := s.cfg
	if c.parts["agent"] {
		source, err := c.open()
		if err != nil {
			return err
		}
		s.source = source
	}
	kafka, err := connect(ctx, c)
	if err != nil {
		return err
	}
	s.cluster = kafka
	if c.parts["agent"] {
		s.agent = &agent{cfg: c, cluster: kafka}
	}
	for _, part := range []struct {
		name string
		make func(context.Context, *config, *cluster) (*job, error)
	}{{"json", newJSONJob}, {"avro", newAvroJob}, {"archive", newArchive}} {
		if !c.parts[part.name] || part.name == "archive" && c.archive == "" {
			continue
		}
		j, err := part.make(ctx, c, kafka)
		if err != nil {
			return err
		}
		s.jobs = append(s.jobs, j)
	}
	if !c.parts["agent"] || !c.parts["json"] {
		return nil
	}
	for _, j := range s.jobs { // the whole road is here: an independent consumer reads what each writes
		if j.out == "" {
			continue
		}
		if j.back, err = newReadback(ctx, kafka, j.out); err != nil {
			return err
		}
	}
	return nil
}

func (s *system) close() {
	if s.source != nil {
		_ = s.source.Close() // read only
	}
	if s.cluster != nil {
		s.cluster.close()
	}
}

// runParts runs the parts side by side. Once the agent has shipped all, the jobs end one
// after the other, each when it has settled what comes to it; if a part fails, or ctx is
// done, all end.
func (s *system) runParts(ctx context.Context) (took time.Duration, err error) {
	began := time.Now()
	work, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	start := func(name string, run func(context.Context) error) running {
		ctx, stop := context.WithCancel(work)
		r := running{stop, make(chan struct{})}
		go func() {
			defer close(r.done)
			if err := run(ctx); err != nil {
				fail(fmt.Errorf("%s: %w", name, err))
			}
		}()
		return r
	}
	jobs := make([]running, len(s.jobs))
	for i, j := range s.jobs {
		jobs[i] = start(j.name, j.run)
		if j.back != nil {
			defer start("read back", j.back.run).end()
		}
	}
	defer fail(nil) // the readers too
	if s.agent != nil {
		if err := s.ship(work); err != nil {
			fail(fmt.Errorf("agent: %w", err))
		}
	}
	if s.whole() {
		ends := s.agent.ends
		for i, j := range s.jobs {
			if ends, err = j.finish(work, ends, jobs[i]); err != nil {
				fail(err)
				break
			}
			if i == 0 {
				took = time.Since(began) // the first job's, as are the counts of the summary
			}
		}
	} else if s.agent == nil {
		<-work.Done()
	}
	for _, r := range jobs {
		r.end()
	}
	if took == 0 || work.Err() != nil {
		took = time.Since(began)
	}
	return took, context.Cause(work)
}

// whole reports whether all that the agent ships comes to its end in this process.
func (s *system) whole() bool { return s.agent != nil && len(s.jobs) > 0 && s.jobs[0].back != nil }

// ship has the agent ship, but does not wait for it when ctx is done: it may be waiting
// for input that never comes.
func (s *system) ship(ctx context.Context) error {
	shipped := make(chan error, 1)
	go func() { shipped <- s.agent.ship(ctx, s.source) }()
	select {
	case err := <-shipped:
		return err
	case <-ctx.Done():
		return nil
	}
}

// A running is a part at work.
type running struct {
	stop context.CancelFunc
	done chan struct{}
}

// end asks the part to settle what it has, and waits for it.
func (r running) end() {
	r.stop()
	<-r.done
}

// finish waits until j has settled its input up to ends, ends it, and waits until its
// reader has all. It returns where the records that j wrote end.
func (j *job) finish(ctx context.Context, ends map[int32]int64, r running) (map[int32]int64, error) {
	if err := j.cluster.waitForGroup(ctx, j.group, j.in, ends); err != nil {
		return nil, err
	}
	r.end()
	if j.back == nil {
		return nil, nil
	}
	written, err := j.cluster.ends(ctx, j.out)
	if err != nil {
		return nil, err
	}
	return j.back.wait(ctx, written)
}

func (s *system) showProgress() (stop func()) {
	c := s.cfg
	if c.quiet {
		return func() {}
	}
	for _, j := range s.jobs {
		to := j.out
		if to == "" {
			to = c.archive
		}
		fmt.Fprintf(c.stdout, "%s: %s → %s (group %s) → %s; rejected → %s\n", s.cluster, j.in, j.name, j.group, to, c.dlq)
	}
	line := progress.Start(c.stderr, func() string {
		var text strings.Builder
		if s.agent != nil {
			fmt.Fprintf(&text, "%sshipped %d", progress.Bar(s.agent.shipped.Load(), c.n), s.agent.shipped.Load())
		}
		for _, j := range s.jobs {
			fmt.Fprintf(&text, "  %s: read %d, written %d, rejected %d", j.name, j.read.Load(), j.written.Load(), j.rejected.Load())
		}
		return text.String()
	})
	return line.Stop
}
