package kafkaio_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

const workerEnv = "LTSVPIPE_CHAOS_WORKER"

// TestMain runs the tests, or is a worker of the chaos test, which starts the
// test binary again.
func TestMain(m *testing.M) {
	if job := os.Getenv(workerEnv); job != "" {
		if err := work(job); err != nil {
			fmt.Fprintln(os.Stderr, "chaos worker:", err)
			os.Exit(1)
		}
		return
	}
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

// work is a whole process: it stops on SIGTERM.
func work(text string) error {
	var job workerJob
	if err := json.Unmarshal([]byte(text), &job); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
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

// A crew is worker processes, each started again whenever it ends.
type crew struct {
	t        *testing.T
	logs     string // folder
	mu       sync.Mutex
	cmds     []*exec.Cmd // nil between two lives
	stopping bool
	alive    sync.WaitGroup
	kills    int
	failures int // ends that were no kill
}

func hire(t *testing.T, n int, like workerJob) *crew {
	c := &crew{t: t, logs: like.Logs, cmds: make([]*exec.Cmd, n)}
	for i := range n {
		like.ID = workerID(i)
		job, err := json.Marshal(like)
		if err != nil {
			t.Fatal(err)
		}
		c.alive.Go(func() {
			for c.one(i, string(job)) {
			}
		})
	}
	t.Cleanup(c.kill)
	return c
}

func workerID(i int) string { return fmt.Sprint("worker-", i) }

// one is the life of one worker process. It reports whether there shall be
// another.
func (c *crew) one(i int, job string) bool {
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), workerEnv+"="+job)
	cmd.Stderr = os.Stderr
	c.mu.Lock()
	if c.stopping {
		c.mu.Unlock()
		return false
	}
	err := cmd.Start()
	if err == nil {
		c.cmds[i] = cmd
	}
	c.mu.Unlock()
	if err != nil {
		c.t.Error(err)
		return false
	}
	err = cmd.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cmds[i] = nil
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		c.failures++
	}
	return !c.stopping
}

// killOne ends a worker with -9.
func (c *crew) killOne() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cmd := c.cmds[rand.IntN(len(c.cmds))]; cmd != nil {
		_ = cmd.Process.Kill()
		c.kills++
	}
}

// stop ends all workers in an orderly way.
func (c *crew) stop() { c.end(syscall.SIGTERM) }
func (c *crew) kill() { c.end(syscall.SIGKILL) }

func (c *crew) end(sig syscall.Signal) {
	c.mu.Lock()
	c.stopping = true
	for _, cmd := range c.cmds {
		if cmd != nil {
			_ = cmd.Process.Signal(sig)
		}
	}
	c.mu.Unlock()
	c.alive.Wait()
}

// dump shows what the clients of the workers logged last, and has the workers
// write what their goroutines do to standard error, one after another, and die
// of it.
func (c *crew) dump() {
	c.mu.Lock()
	c.stopping = true
	cmds := slices.Clone(c.cmds)
	c.mu.Unlock()
	for i, cmd := range cmds {
		log, err := os.ReadFile(filepath.Join(c.logs, workerID(i)+".log"))
		lines := bytes.SplitAfter(log, []byte("\n"))
		c.t.Logf("the last that %s logged: (%v)\n%s", workerID(i), err, bytes.Join(lines[max(0, len(lines)-300):], nil))
		if cmd == nil {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s, process %d:\n", workerID(i), cmd.Process.Pid)
		_ = cmd.Process.Signal(syscall.SIGQUIT)
		for c.lives(i) {
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func (c *crew) lives(i int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cmds[i] != nil
}

// String tells which processes live.
func (c *crew) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := "processes:"
	for i, cmd := range c.cmds {
		if cmd != nil {
			text += fmt.Sprintf("\n  %s: %d", workerID(i), cmd.Process.Pid)
		}
	}
	return text
}

// pid returns a worker's process id.
func (c *crew) pid(i int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cmds[i].Process.Pid
}
