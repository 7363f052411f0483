package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// run runs the system: from the first line shipped to the last record read back if the
// agent is among the parts, else until ctx is done.
func (c *config) run(ctx context.Context) error {
	s := &system{cfg: c}
	defer s.close()
	if err := s.make(ctx); err != nil {
		return err
	}
	defer s.lookOn(ctx)()
	stopProgress := s.showProgress()
	took, err := s.runParts(ctx)
	stopProgress()
	if ctx.Err() != nil {
		err = nil // asked to stop: what was done is reported
	}
	err = errors.Join(err, s.report(took, err == nil && ctx.Err() == nil && s.cluster.embedded != nil))
	s.linger(ctx)
	return err
}

// whole reports whether all that the agent ships comes to its end in this process.
func (s *system) whole() bool {
	return s.cfg.parts["agent"] && len(s.jobs) > 0 && s.jobs[0].part == "json"
}

// runParts runs the parts side by side. Once the agent has shipped all, the jobs end one
// after the other, each when it has settled what comes to it; if a part fails, or ctx is
// done, all end.
func (s *system) runParts(ctx context.Context) (took time.Duration, err error) {
	began := time.Now()
	work, fail := context.WithCancelCause(ctx)
	var readers []running
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
			readers = append(readers, start("read back", j.back.run))
		}
	}
	defer func() {
		fail(nil)
		for _, r := range readers {
			r.end()
		}
	}()
	if s.agent != nil {
		if err := s.ship(work); err != nil {
			fail(fmt.Errorf("agent: %w", err))
		}
	}
	switch {
	case s.whole():
		if took, err = s.finish(work, began, jobs); err != nil {
			fail(err)
		}
	case s.agent == nil:
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

// lookOn runs what shows how it goes, until stop.
func (s *system) lookOn(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var looking sync.WaitGroup
	if s.dash != nil {
		looking.Go(func() { s.dash.run(ctx) })
	}
	if s.watch != nil {
		looking.Go(func() { s.watch.run(ctx) })
	}
	return func() {
		cancel()
		looking.Wait()
	}
}

// finish ends the jobs one after the other, and returns how long the first took.
func (s *system) finish(ctx context.Context, began time.Time, jobs []running) (took time.Duration, err error) {
	ends := map[string]map[int32]int64{s.cfg.topics.in: s.agent.ends}
	for i, j := range s.jobs {
		in, known := ends[j.in]
		if !known {
			continue // what writes it is elsewhere
		}
		out, err := j.finish(ctx, in, jobs[i])
		if err != nil {
			return 0, err
		}
		ends[j.out] = out
		if i == 0 {
			took = time.Since(began) // the first job's, as are the counts of the summary
		}
	}
	if s.dash != nil {
		_, err = s.dash.wait(ctx, ends[s.cfg.topics.json])
	}
	return took, err
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

// ship has the agent ship, but does not wait for it when ctx is done and it waits for
// input that may never come.
func (s *system) ship(ctx context.Context) error {
	shipped := make(chan error, 1)
	go func() { shipped <- s.agent.ship(ctx, s.source) }()
	select {
	case err := <-shipped:
		return err
	case <-ctx.Done():
	}
	if s.cfg.log.file != "-" { // else reading may never end
		<-shipped
	}
	return nil
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
