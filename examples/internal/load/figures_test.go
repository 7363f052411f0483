//go:build linux

package load

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
)

// figures are what a phase took.
type figures struct {
	phase
	took                    time.Duration
	pipeline, brokers, self time.Duration // processor time
	peak                    int           // of the pipeline's resident memory, in MiB
	lag                     [2]int64      // of the jobs, at the worst
	toJSON, toAvro          latencies
}

// million is processor time as seconds for a million records.
func (f *figures) million(used time.Duration) float64 { return used.Seconds() / float64(f.n) * 1e6 }

// measure does work and looks at what that takes.
func measure(t *testing.T, k *kafkatest.Kafka, pipe *pipeline, p phase, before int, work func(*figures)) *figures {
	f := &figures{phase: p}
	pipe.forgetPeak(t)
	began, pipeline, brokers, self := time.Now(), pipe.cpu(t), brokersCPU(t, pipe), ownCPU(t)
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				f.lag[0] = max(f.lag[0], lag(k, groupJSON, topicIn))
				f.lag[1] = max(f.lag[1], lag(k, groupAvro, topicJSON))
			case <-done:
				return
			}
		}
	})
	work(f)
	f.took = time.Since(began)
	f.pipeline, f.brokers, f.self = pipe.cpu(t)-pipeline, brokersCPU(t, pipe)-brokers, ownCPU(t)-self
	f.peak = pipe.peak(t)
	close(done)
	watching.Wait()
	return f
}

// lag is how many offsets of a topic a group has not committed.
func lag(k *kafkatest.Kafka, group, topic string) (n int64) {
	ends := k.End(topic) // before: so as not to find a group ahead of it
	at := k.Committed(group, topic)
	for p, end := range ends {
		n += max(end-at[p], 0)
	}
	return n
}

// latency takes what the readers saw of the records from to to, if they came at
// a rate: flat out, it is the backlog's length.
func (f *figures) latency(json, avro *watcher, from, to int) {
	if f.rate > 0 {
		f.toJSON, f.toAvro = json.latencies(from, to), avro.latencies(from, to)
	}
}

// latencies are sorted.
type latencies []time.Duration

func (l latencies) String() string {
	if len(l) == 0 {
		return "—"
	}
	slices.Sort(l)
	at := func(q float64) int64 { return l[int(q*float64(len(l)-1))].Milliseconds() }
	return fmt.Sprintf("%d / %d / %d / %d", at(0.5), at(0.95), at(0.99), at(1))
}
