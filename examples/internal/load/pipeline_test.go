//go:build linux

package load

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
)

const (
	topicIn, topicJSON, topicAvro, topicDead = "access.ltsv", "access.json", "access.avro", "access.dlq"
	groupJSON, groupAvro                     = "access-json", "access-avro"
)

// A pipeline is accesslog with both jobs, as a process of its own.
type pipeline struct {
	cmd    *exec.Cmd
	out    bytes.Buffer
	exited chan error
}

// start builds accesslog and starts it.
func start(t *testing.T, k *kafkatest.Kafka) *pipeline {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "accesslog")
	built, err := exec.Command("go", "build", "-o", binary, "github.com/ltsvpipe/ltsvpipe/examples/accesslog").CombinedOutput()
	require.NoError(t, err, "%s", built)
	p := &pipeline{exited: make(chan error, 1)}
	schemas := srfake.New()
	t.Cleanup(schemas.Close)
	p.cmd = exec.Command(binary, "-brokers", strings.Join(k.Seeds(), ","), "-registry", schemas.URL(), "-run", "json,avro", "-http", "off", "-quiet")
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	go func() { p.exited <- p.cmd.Wait() }()
	return p
}

// stop ends it as an operator does, and fails if it does not account for all.
func (p *pipeline) stop(t *testing.T) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-p.exited:
		require.NoError(t, err, "%s", p.out.String())
	case <-time.After(time.Minute):
		require.FailNow(t, "the pipeline does not end")
	}
}

// cpu is the processor time that the pipeline has used.
func (p *pipeline) cpu(t *testing.T) time.Duration {
	t.Helper()
	s, err := readStat(p.cmd.Process.Pid)
	if err != nil {
		require.NoError(t, <-p.exited, "%s", p.out.String()) // out is written until then
		require.NoError(t, err, "the pipeline has ended")
	}
	return s.cpu
}

func (p *pipeline) proc(name string) string {
	return fmt.Sprintf("/proc/%d/%s", p.cmd.Process.Pid, name)
}

// forgetPeak begins anew to look for the most memory that the pipeline has.
func (p *pipeline) forgetPeak(t *testing.T) {
	t.Helper()
	require.NoError(t, os.WriteFile(p.proc("clear_refs"), []byte("5"), 0))
}

// peak is the most memory that was resident, in MiB.
func (p *pipeline) peak(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(p.proc("status"))
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(text), "VmHWM:")
	require.True(t, ok)
	var kib int
	_, err = fmt.Sscan(rest, &kib)
	require.NoError(t, err)
	return kib >> 10
}
