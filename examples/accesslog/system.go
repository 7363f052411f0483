package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/live"
)

// A system is the parts that run in this process. Others may run elsewhere, in
// processes of the same groups.
type system struct {
	cfg     *config
	cluster *cluster
	agent   *agent // nil if it is elsewhere
	source  source // of the agent
	jobs    []*job // in the order of the road
	window  *live.Window
	dash    *dash   // nil if there is no page here
	watch   *watch  // nil if nobody asks how it goes
	server  *server // nil if nothing listens
	samples [][]byte
}

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

// make makes the parts that the flags name.
func (s *system) make(ctx context.Context) (err error) {
	c := s.cfg
	if c.parts["agent"] {
		source, err := c.open()
		if err != nil {
			return err
		}
		s.source = source
	}
	if c.http.addr != "" {
		if s.server, err = c.listen(); err != nil {
			return err
		}
	}
	if s.cluster, err = connect(ctx, c); err != nil {
		return err
	}
	if c.parts["agent"] {
		s.agent = &agent{cfg: c, cluster: s.cluster}
	}
	if err := s.makeJobs(ctx); err != nil {
		return err
	}
	if s.server == nil {
		return nil
	}
	s.watch = newWatch(s)
	if c.parts["dash"] {
		s.window = live.NewWindow(live.WindowOptions{Parts: s.watch.parts})
		if s.dash, err = newDash(ctx, s.cluster, c.topics.json, s.window); err != nil {
			return err
		}
	}
	return s.serve()
}

// makeJobs makes what works on topics.
func (s *system) makeJobs(ctx context.Context) error {
	for _, part := range []struct {
		name string
		make func(context.Context, *config, *cluster) (*job, error)
	}{{"json", newJSONJob}, {"avro", newAvroJob}, {"archive", newArchive}, {"elastic", newElastic}} {
		if !s.cfg.parts[part.name] {
			continue
		}
		j, err := part.make(ctx, s.cfg, s.cluster)
		if err != nil {
			return err
		}
		s.jobs = append(s.jobs, j)
	}
	if !s.whole() {
		return nil
	}
	for _, j := range s.jobs { // the whole road is here: an independent consumer reads what each writes
		if j.out == "" {
			continue
		}
		see := func(*kgo.Record) {}
		if j.part == "json" {
			see = s.sample
		}
		var err error
		if j.back, err = newReader(ctx, s.cluster, "read-back-"+j.part, j.out, see); err != nil {
			return err
		}
	}
	return nil
}

const wantSamples = 3

// sample keeps the first records.
func (s *system) sample(r *kgo.Record) {
	if len(s.samples) < wantSamples {
		s.samples = append(s.samples, r.Value)
	}
}

func (s *system) close() {
	if s.server != nil {
		s.server.close()
	}
	if s.source != nil {
		_ = s.source.Close() // read only
	}
	if s.cluster != nil {
		s.cluster.close()
	}
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
