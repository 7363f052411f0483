package kafkaio_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/crewtest"
	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
)

var (
	chaosFor    = flag.Duration("chaos", 0, "how long TestChaos runs: 5,000 records a second, so 60s for 300,000; 0 is a short one")
	chaosLogs   = flag.String("chaoslogs", "", "folder for what the clients of TestChaos's workers log; by default, the end of it is shown on failure")
	chaosOutage = flag.Duration("outage", 0, "how long two of three brokers are away in the middle of TestChaos")
)

// TestChaos has worker processes killed with -9 and brokers killed and started
// again while records come, some of them poison, and counts what arrived:
//
//	go test ./kafkaio -run Chaos -chaos=60s -v
//	LTSVPIPE_REAL=1 go test ./kafkaio -run Chaos/RunTxn/Kafka -chaos=60s -v
func TestChaos(t *testing.T) {
	alongside(t)
	storm := storm{lasts: *chaosFor, outage: *chaosOutage, workers: time.Second, brokers: 5 * time.Second, session: 4 * time.Second}
	if storm.lasts == 0 {
		storm.lasts, storm.workers, storm.brokers, storm.session = 1500*time.Millisecond, 250*time.Millisecond, 400*time.Millisecond, 800*time.Millisecond
	}
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			alongside(t)
			kafkatest.Each(t, 3, func(t *testing.T, k *kafkatest.Kafka) { storm.over(t, k, p) })
		})
	}
}

// A storm is what befalls a cluster and its workers.
type storm struct {
	lasts, outage    time.Duration
	workers, brokers time.Duration // between two kills, up to twice that
	session          time.Duration // of a worker in its group
}

const (
	chaosPartitions = 6
	chaosKeys       = 20 // a partition
	chaosRate       = 5000
)

func (s storm) over(t *testing.T, k *kafkatest.Kafka, p promise) {
	began := time.Now()
	k.Topic("in", chaosPartitions)
	k.Topic("out", 3)
	k.Topic("dead", 1)
	n := int(s.lasts.Seconds() * chaosRate / chaosPartitions) // of each partition
	logs := *chaosLogs
	if logs == "" {
		logs = t.TempDir()
	}
	const crew = 3
	workers := hire(t, crew, workerJob{Seeds: k.Seeds(), Once: p.once, Session: s.session, Logs: logs})
	ctx, calm := context.WithTimeout(context.Background(), s.lasts+s.outage)
	defer calm()
	var all sync.WaitGroup
	all.Go(func() { s.feed(t, k, n) })
	all.Go(func() {
		for pause(ctx, s.workers) {
			workers.KillOne()
		}
	})
	brokers := 0
	all.Go(func() { brokers = s.strike(ctx, k) })
	all.Wait()
	calmed := time.Since(began)

	if !catchUp(t, k, workers) {
		logged(t, logs, crew)
		workers.Dump()
		require.FailNow(t, "the workers do not catch up")
	}
	caught := time.Since(began)
	workers.Stop()
	kills, failures := workers.Kills()
	var c count
	c.of(k.Read("out"), k.Read("dead"), n)
	t.Logf("%s on %s: %d records, %d workers and %d brokers killed, %d workers ended by themselves: %d lost, %d repeated, %d out of order, %d dead letters, in %.1f s (calm after %.1f s, caught up after %.1f s)",
		p.name, k.Kind, n*chaosPartitions, kills, brokers, failures, c.lost, c.repeated, c.disorder, c.dead,
		time.Since(began).Seconds(), calmed.Seconds(), caught.Seconds())
	assert.Zero(t, c.lost, "lost")
	assert.Zero(t, c.strange, "of nobody's sending")
	if p.once {
		assert.Zero(t, c.repeated, "repeated")
		assert.Zero(t, c.disorder, "out of order")
	}
}

// catchUp waits until all that was fed is committed, which takes seconds, and reports
// whether it is.
//
// What is told if it does not tells a pipeline that stands from a cluster that
// does: how far each partition is, who is in the group and has it, which
// transactions hold it up, and in the end what the workers are at and how they
// got there.
func catchUp(t *testing.T, k *kafkatest.Kafka, workers *crewtest.Crew) bool {
	for minutes := range 2 {
		for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
			if k.CaughtUp("g", "in") {
				return true
			}
		}
		t.Logf("%d min after the storm: committed %v of %v, last stable %v\n%s\n%s\n%s", minutes+1,
			k.Committed("g", "in"), k.End("in"), k.Stable("in"), workers, k.Group("g"), k.Transactions())
	}
	return false
}

// pause waits for d to 2d and reports whether there is more to come.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d + rand.N(d)):
		return true
	case <-ctx.Done():
		return false
	}
}

// strike kills brokers, one at a time, and two at once in the middle if there
// is to be an outage. It returns how many it killed, and all run again.
func (s storm) strike(ctx context.Context, k *kafkatest.Kafka) (kills int) {
	middle := time.Now().Add(s.lasts / 2)
	outage := s.outage
	for pause(ctx, s.brokers) {
		one := rand.IntN(3)
		k.Kill(one)
		kills++
		away := s.brokers / 2
		if outage > 0 && time.Now().After(middle) {
			k.Kill((one + 1) % 3)
			kills++
			away, outage = outage, 0
		}
		time.Sleep(away)
		k.Restart(one)
		k.Restart((one + 1) % 3)
		k.Whole()
	}
	return kills
}

// feed produces n records to each partition, evenly over the time there is.
func (s storm) feed(t *testing.T, k *kafkatest.Kafka, n int) {
	cl, err := kgo.NewClient(append(k.Opts(), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.UnknownTopicRetries(-1), kgo.RequestTimeoutOverhead(3*time.Second))...)
	if err != nil {
		t.Error(err)
		return
	}
	defer cl.Close()
	ctx := context.Background()
	for { // records before there is a producer id could fail with a broker
		if _, _, err := cl.ProducerID(ctx); err == nil {
			break
		}
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	began, sent := time.Now(), 0
	for sent < n {
		<-tick.C
		due := min(n, int(time.Since(began).Seconds()*chaosRate/chaosPartitions))
		for ; sent < due; sent++ {
			for p := range int32(chaosPartitions) {
				cl.Produce(ctx, &kgo.Record{
					Topic: "in", Partition: p,
					Key:   fmt.Appendf(nil, "%d-%d", p, sent%chaosKeys),
					Value: fmt.Appendf(nil, "%d/%d", p, sent),
				}, func(_ *kgo.Record, err error) {
					if err != nil {
						t.Error("feed: ", err)
					}
				})
			}
		}
	}
	if err := cl.Flush(ctx); err != nil {
		t.Error("feed: ", err)
	}
}

// A count is what became of the records that were fed.
type count struct{ lost, repeated, disorder, strange, dead int }

func (c *count) of(out, dead []*kgo.Record, n int) {
	c.dead = len(dead)
	seen := make([][chaosPartitions]int, n)
	last := make(map[string]int)
	for _, rs := range [][]*kgo.Record{out, dead} {
		clear(last)
		for _, r := range rs {
			partition, value, _ := bytes.Cut(r.Value, []byte("/"))
			p, err := strconv.Atoi(string(partition))
			i, err2 := strconv.Atoi(string(value))
			if err != nil || err2 != nil || p >= chaosPartitions || i >= n {
				c.strange++
				continue
			}
			if seen[i][p]++; seen[i][p] > 1 {
				c.repeated++
			}
			if before, ok := last[string(r.Key)]; ok && i <= before {
				c.disorder++
			}
			last[string(r.Key)] = i
		}
	}
	for i := range seen {
		for p := range chaosPartitions {
			if seen[i][p] == 0 {
				c.lost++
			}
		}
	}
}
