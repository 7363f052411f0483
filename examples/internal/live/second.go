package live

// A second is what came in one second, or the sum of several.
type second struct {
	requests uint32
	bots     uint32
	status   [6]uint32 // by the first digit; 0 is anything but 1xx to 5xx
	timed    uint32    // requests with a response time
	times    [timeBuckets]uint32
}

func (s *second) count(r *sighting) {
	s.requests++
	if r.bot {
		s.bots++
	}
	s.status[r.class]++
	if r.timed {
		s.timed++
		s.times[timeBucket(r.seconds)]++
	}
}

func (s *second) add(t *second) {
	if t.requests == 0 {
		return
	}
	s.requests += t.requests
	s.bots += t.bots
	s.timed += t.timed
	for i, n := range t.status {
		s.status[i] += n
	}
	for i, n := range t.times {
		s.times[i] += n
	}
}

func (s *second) subtract(t *second) {
	if t.requests == 0 {
		return
	}
	s.requests -= t.requests
	s.bots -= t.bots
	s.timed -= t.timed
	for i, n := range t.status {
		s.status[i] -= n
	}
	for i, n := range t.times {
		s.times[i] -= n
	}
}
