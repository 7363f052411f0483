package kafkaio_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/crewtest"
	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
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
	ID    string
	Seeds []string
	Once  bool
	// Defaults has the worker run with the options that the package gives.
	Defaults bool
	// Session is how long the group waits for a dead member.
	Session time.Duration
	// Logs is a folder for what the client logs, or empty.
	Logs string
}

// work is a whole process.
func work(ctx context.Context, job workerJob) error {
	p := &kafkaio.Pipeline{
		MaxRecords: 2000,
		NewHandler: func() kafkaio.Handler {
			copy := copying()
			return func(ctx context.Context, in *kgo.Record, out *kafkaio.Batch) error {
				if poisonous(in) {
					return errPoison
				}
				return copy(ctx, in, out)
			}
		},
		OnError: always(kafkaio.DeadLetter), DeadLetter: "dead",
	}
	opts := []kgo.Opt{
		kgo.SeedBrokers(job.Seeds...),
		kgo.ClientID(fmt.Sprint(job.ID, "-process-", os.Getpid())), // so a group's members tell who they are
		kgo.MetadataMinAge(50 * time.Millisecond),
		kgo.HeartbeatInterval(100 * time.Millisecond),
		kgo.RetryBackoffFn(func(int) time.Duration { return 50 * time.Millisecond }),
		// A join that waits longer than this and the rebalance timeout is asked
		// again, and kfake, other than Kafka, begins to wait anew for whoever is
		// missing with every join. With three workers one of which asks every 2 s,
		// and a rebalance timeout of 3 s, no generation would ever begin but by
		// chance: so the three of them ask less often than that.
		kgo.RequestTimeoutOverhead(max(3*time.Second, job.Session*7/4)),
		kgo.FetchMinBytes(1),
		kgo.FetchMaxWait(20 * time.Millisecond),
		kgo.SessionTimeout(job.Session),
		kgo.RebalanceTimeout(job.Session * 3 / 4),
	}
	if job.Logs != "" {
		log, err := os.OpenFile(filepath.Join(job.Logs, job.ID+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		opts = append(opts, kgo.WithLogger(kgo.BasicLogger(log, kgo.LogLevelInfo, func() string {
			return time.Now().Format("15:04:05.000 ")
		})))
	}
	if job.Once {
		opts = append(opts, kgo.TransactionTimeout(job.Session*5/4))
	}
	if job.Defaults { // what GroupOpts and TxnOpts say
		p.MaxRecords, opts = 0, opts[:1]
	}
	if job.Once {
		return p.RunTxn(ctx, func() (*kgo.GroupTransactSession, error) {
			return kgo.NewGroupTransactSession(append(kafkaio.TxnOpts(job.ID, "g", "in"), opts...)...)
		})
	}
	cl, err := kgo.NewClient(append(kafkaio.GroupOpts("g", "in"), opts...)...)
	if err != nil {
		return err
	}
	defer cl.CloseAllowingRebalance()
	return p.Run(ctx, cl)
}

// poisonous records are one in a thousand.
func poisonous(r *kgo.Record) bool { return r.Offset%1000 == 500 }

// hire starts n workers.
func hire(t *testing.T, n int, like workerJob) *crewtest.Crew {
	return crewtest.Hire(t, n, func(i int) any {
		like.ID = workerID(i)
		return like
	})
}

func workerID(i int) string { return fmt.Sprint("worker-", i) }

// logged shows what the clients of n workers logged last.
func logged(t *testing.T, logs string, n int) {
	for i := range n {
		log, err := os.ReadFile(filepath.Join(logs, workerID(i)+".log"))
		lines := bytes.SplitAfter(log, []byte("\n"))
		t.Logf("the last that %s logged: (%v)\n%s", workerID(i), err, bytes.Join(lines[max(0, len(lines)-300):], nil))
	}
}
