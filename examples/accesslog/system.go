package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/progress"
)

// run runs the system from the first line shipped to the last record read back.
func (c *config) run(ctx context.Context) error {
	lines, err := c.open()
	if err != nil {
		return err
	}
	defer lines.Close() // read only
	cluster, err := connect(ctx, c)
	if err != nil {
		return err
	}
	defer cluster.close()
	job, err := newJob(c, cluster)
	if err != nil {
		return err
	}
	back, err := newReadback(ctx, c, cluster)
	if err != nil {
		return err
	}
	agent := &agent{cfg: c, cluster: cluster}
	stopProgress := c.showProgress(cluster, job, agent, back)
	took, err := c.runParts(ctx, cluster, job, agent, lines, back)
	stopProgress()
	if ctx.Err() != nil {
		err = nil // asked to stop: what was done is reported
	}
	return errors.Join(err, c.report(job, agent, back, took, err == nil && ctx.Err() == nil && cluster.embedded != nil))
}

// runParts runs agent, job and reader side by side. The job ends when all that the
// agent shipped is settled, the reader when it has all that the job wrote; if one
// fails, or ctx is done, all end.
func (c *config) runParts(ctx context.Context, cluster *cluster, job *job, agent *agent, lines source, back *readback) (took time.Duration, err error) {
	work, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	jobCtx, stopJob := context.WithCancel(work)
	defer stopJob()
	jobDone, backDone := make(chan struct{}), make(chan struct{})
	start := time.Now()
	go func() {
		defer close(jobDone)
		if err := job.run(jobCtx); err != nil {
			fail(fmt.Errorf("job 1: %w", err))
		}
	}()
	go func() {
		defer close(backDone)
		if err := back.run(work); err != nil {
			fail(fmt.Errorf("read back: %w", err))
		}
	}()
	// The agent is not waited for when work ends: it may be waiting for input that
	// never comes.
	shipped := make(chan error, 1)
	go func() { shipped <- agent.ship(work, lines) }()
	select {
	case err = <-shipped:
		if err != nil {
			err = fmt.Errorf("agent: %w", err)
		} else {
			err = cluster.waitForGroup(work, c.group, c.in, agent.ends)
		}
		if err != nil {
			fail(err)
		}
	case <-work.Done():
	}
	stopJob()
	<-jobDone
	took = time.Since(start)
	if work.Err() == nil {
		ends, err := cluster.ends(work, c.out)
		if err != nil {
			fail(err)
		}
		back.until(ends)
	}
	<-backDone
	return took, context.Cause(work)
}

func (c *config) showProgress(cluster *cluster, job *job, agent *agent, back *readback) (stop func()) {
	if c.quiet {
		return func() {}
	}
	fmt.Fprintf(c.stdout, "%s: %s → job 1 (group %s) → %s; rejected lines → %s\n", cluster, c.in, c.group, c.out, c.dlq)
	line := progress.Start(c.stderr, func() string {
		return fmt.Sprintf("%sshipped %d, read %d, written %d, rejected %d, read back %d", progress.Bar(job.read.Load(), c.n),
			agent.shipped.Load(), job.read.Load(), job.written.Load(), job.rejected.Load(), back.count.Load())
	})
	return line.Stop
}

// errUnaccounted is the error of a run that lost sight of a record.
var errUnaccounted = errors.New("records are not accounted for")
