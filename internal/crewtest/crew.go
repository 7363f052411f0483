// Package crewtest has workers in processes of their own, for tests that kill them: each
// is the test binary, started again whenever it ends.
//
//	func TestMain(m *testing.M) {
//		crewtest.Work(work) // does not return in a worker
//		os.Exit(m.Run())
//	}
//
//	func work(ctx context.Context, job workerJob) error { … }
//
//	func TestChaos(t *testing.T) {
//		crew := crewtest.Hire(t, 3, func(i int) any { return workerJob{…} })
//		crew.KillOne()
//		…
//		crew.Stop()
//	}
package crewtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const env = "LTSVPIPE_CREW"

// Work runs work, and ends the process, if it is a worker; else it does nothing. ctx is
// done on SIGTERM.
func Work[Job any](work func(ctx context.Context, job Job) error) {
	text := os.Getenv(env)
	if text == "" {
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	var job Job
	err := json.Unmarshal([]byte(text), &job)
	if err == nil {
		err = work(ctx, job)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// A Crew is the workers of a test. Its methods may be called from any goroutine.
type Crew struct {
	t     testing.TB
	alive sync.WaitGroup

	mu       sync.Mutex
	cmds     []*exec.Cmd // nil between two lives
	stopping bool
	kills    int
	failures int
}

// Hire starts n workers. job says what worker i is to do; it goes to the process as JSON.
// Those that are left when the test ends are killed.
func Hire(t testing.TB, n int, job func(i int) any) *Crew {
	c := &Crew{t: t, cmds: make([]*exec.Cmd, n)}
	for i := range n {
		text, err := json.Marshal(job(i))
		if err != nil {
			t.Fatal(err)
		}
		c.alive.Go(func() {
			for c.live(i, string(text)) {
			}
		})
	}
	t.Cleanup(func() { c.end(syscall.SIGKILL) })
	return c
}

// live is the life of one process. It reports whether there shall be another.
func (c *Crew) live(i int, job string) (again bool) {
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), env+"="+job)
	cmd.Stderr = os.Stderr
	if !c.start(i, cmd) {
		return false
	}
	err := cmd.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cmds[i] = nil
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.Exited() {
		c.failures++
	}
	return !c.stopping
}

func (c *Crew) start(i int, cmd *exec.Cmd) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopping {
		return false
	}
	if err := cmd.Start(); err != nil {
		c.t.Error(err)
		return false
	}
	c.cmds[i] = cmd
	return true
}

// KillOne ends a worker with -9, if the one that chance names lives.
func (c *Crew) KillOne() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cmd := c.cmds[rand.IntN(len(c.cmds))]; cmd != nil {
		_ = cmd.Process.Kill()
		c.kills++
	}
}

// Stop ends all workers in an orderly way, and waits for them.
func (c *Crew) Stop() { c.end(syscall.SIGTERM) }

// Dump has all workers write to standard error what their goroutines do, one worker after
// the other, and die of it.
func (c *Crew) Dump() {
	c.mu.Lock()
	c.stopping = true
	c.mu.Unlock()
	for i := range c.cmds {
		if pid := c.PID(i); pid != 0 {
			fmt.Fprintf(os.Stderr, "worker %d, process %d:\n", i, pid)
			c.signal(i, syscall.SIGQUIT)
			for c.PID(i) == pid {
				time.Sleep(10 * time.Millisecond)
			}
		}
	}
	c.alive.Wait()
}

func (c *Crew) end(sig syscall.Signal) {
	c.mu.Lock()
	c.stopping = true
	c.mu.Unlock()
	for i := range c.cmds {
		c.signal(i, sig)
	}
	c.alive.Wait()
}

func (c *Crew) signal(i int, sig syscall.Signal) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cmd := c.cmds[i]; cmd != nil {
		_ = cmd.Process.Signal(sig)
	}
}

// PID returns the process of worker i, 0 between two lives.
func (c *Crew) PID(i int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cmd := c.cmds[i]; cmd != nil {
		return cmd.Process.Pid
	}
	return 0
}

// Kills returns how many processes KillOne has ended, and failures how many ended by
// themselves with an error.
func (c *Crew) Kills() (kills, failures int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kills, c.failures
}

// String tells which processes live.
func (c *Crew) String() string {
	var text strings.Builder
	text.WriteString("processes:")
	for i := range c.cmds {
		fmt.Fprintf(&text, " worker %d: %d", i, c.PID(i))
	}
	return text.String()
}
