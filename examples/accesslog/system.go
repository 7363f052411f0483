package main

import (
	"context"

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
