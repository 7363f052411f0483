package archive_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/crewtest"
	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

var (
	chaosKills   = flag.Int("kills", 0, "how many workers TestChaos kills; 0 is a short one")
	chaosRecords = flag.Int("records", 200_000, "how many records it lands, if kills are given")
)

func TestMain(m *testing.M) {
	crewtest.Work(work)
	// Tests that run alongside each other wait, for the most part.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	os.Exit(kafkatest.Main(m))
}

// A workerJob is what a worker process is told.
type workerJob struct {
	Seeds   []string
	Root    string
	Session time.Duration
	// Slow is how long each sync takes, so that kills come in the midst of
	// rolls.
	Slow time.Duration
	// Defaults has the worker run with the options that packages give.
	Defaults bool
	// Stalled is a file: while it is there, the FS does not return.
	Stalled string
}

// work is a whole process.
func work(ctx context.Context, job workerJob) error {
	a := &archive.Archive{
		FS: &brokenFS{FS: archive.Dir(job.Root), fail: func(op, _ string) error {
			if op == "sync" || op == "rename" {
				time.Sleep(rand.N(job.Slow + 1))
			}
			for stalled := true; stalled && job.Stalled != ""; time.Sleep(10 * time.Millisecond) {
				_, err := os.Stat(job.Stalled)
				stalled = err == nil
			}
			return nil
		}},
		Roll:       archive.Limits{Records: 1500, Age: 100 * time.Millisecond},
		MaxRecords: 500,
		Format:     archive.NDJSON{Compression: archive.Zstd},
	}
	opts := []kgo.Opt{
		kgo.SeedBrokers(job.Seeds...),
		kgo.MetadataMinAge(50 * time.Millisecond),
		kgo.HeartbeatInterval(100 * time.Millisecond),
		kgo.RetryBackoffFn(func(int) time.Duration { return 50 * time.Millisecond }),
		kgo.RequestTimeoutOverhead(3 * time.Second),
		kgo.FetchMinBytes(1),
		kgo.FetchMaxWait(20 * time.Millisecond),
		kgo.SessionTimeout(job.Session),
		kgo.RebalanceTimeout(job.Session * 3 / 4),
	}
	if job.Defaults {
		opts = opts[:1]
		a.Roll, a.MaxRecords = archive.Limits{Age: time.Second}, 0
	}
	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("g", "in"), opts...)...)
	if err != nil {
		return err
	}
	defer cl.CloseAllowingRebalance()
	return a.Run(ctx, cl)
}

// TestChaos has three worker processes land a topic while they are killed with
// -9 at random and started again, and counts what landed:
//
//	go test ./kafkaio/archive -run Chaos -kills=100 -v
//	LTSVPIPE_REAL=1 go test ./kafkaio/archive -run Chaos/Kafka -kills=100 -v
func TestChaos(t *testing.T) {
	kills, n, between, session := *chaosKills, *chaosRecords, 300*time.Millisecond, 2*time.Second
	if kills == 0 {
		alongside(t)
		kills, n, between, session = 8, 12_000, 150*time.Millisecond, 800*time.Millisecond
	}
	const partitions, workers = 3, 3
	each := (n + partitions - 1) / partitions
	kafkatest.Each(t, 1, func(t *testing.T, k *kafkatest.Kafka) {
		began := time.Now()
		k.Topic("in", partitions)
		root := t.TempDir()
		crew := hire(t, workers, workerJob{Seeds: k.Seeds(), Root: root, Session: session, Slow: 5 * time.Millisecond})
		fed := make(chan struct{})
		go func() { // as long as there are kills
			defer close(fed)
			for i := range kills {
				from, to := each*i/kills, each*(i+1)/kills
				for p := range int32(partitions) {
					k.Produce(records(p, from, to, each)...)
				}
				time.Sleep(between / 2)
			}
		}()
		for range kills {
			time.Sleep(between/2 + rand.N(between))
			crew.KillOne()
		}
		<-fed
		for end := time.Now().Add(time.Minute); !k.CaughtUp("g", "in"); time.Sleep(50 * time.Millisecond) {
			if time.Now().After(end) {
				t.Logf("committed %v of %v; %s", k.Committed("g", "in"), k.End("in"), k.Group("g"))
				crew.Dump()
				require.FailNow(t, "the workers do not catch up")
			}
		}
		crew.Stop()
		in := k.Read("in")
		require.Len(t, in, each*partitions)
		requireOnce(t, root, "ndjson.zst", in)
		killed, failures := crew.Kills()
		t.Logf("%s: %d records, %d workers killed, %d ended by themselves: %d files, none lost, repeated or torn, in %.1f s",
			k.Kind, len(in), killed, failures, len(landed(t, root)), time.Since(began).Seconds())
		require.Zero(t, failures)
	})
}

// hire starts n workers.
func hire(t *testing.T, n int, job workerJob) *crewtest.Crew {
	return crewtest.Hire(t, n, func(int) any { return job })
}
