// Package hdfstest starts a real HDFS, in one JVM, with the test.
package hdfstest

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/colinmarc/hdfs/v2"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/realtest"
)

// artifacts are a real HDFS in one jar, with what it needs at run time.
var artifacts = []string{
	"org.apache.hadoop:hadoop-client-minicluster:3.4.1",
	"org.apache.hadoop:hadoop-client-runtime:3.4.1",
}

// Start starts a namenode and a datanode and returns the namenode's address. Both end with
// the test, which is skipped unless LTSVPIPE_REAL=1. It needs Java, 11 or newer, in PATH,
// and Maven the first time.
func Start(t testing.TB) (namenode string) {
	t.Helper()
	realtest.Need(t, "HDFS")
	jars, err := realtest.Maven(artifacts...)
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().(*net.TCPAddr)
	require.NoError(t, l.Close())
	dir := t.TempDir()
	var log bytes.Buffer
	cmd := exec.Command("java", "-Xmx512m", "-XX:+UseSerialGC", "-Dtest.build.data="+dir, "-cp", filepath.Join(jars, "*"),
		"org.apache.hadoop.test.MiniDFSClusterManager", "-format", "-datanodes", "1", "-nnport", fmt.Sprint(addr.Port),
		"-D", "dfs.permissions.enabled=false")
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &log, &log
	realtest.DieWithParent(cmd)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for end := time.Now().Add(time.Minute); ; time.Sleep(200 * time.Millisecond) {
		err := ready(addr.String())
		if err == nil {
			return addr.String()
		}
		if time.Now().After(end) {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			require.NoError(t, err, "HDFS does not become ready:\n%s", log.Bytes())
		}
	}
}

// ready returns why a file cannot be written.
func ready(addr string) error {
	cl, err := Connect(addr)
	if err != nil {
		return err
	}
	defer cl.Close()
	w, err := cl.Create(fmt.Sprint("/ready-", time.Now().UnixNano()))
	if err != nil {
		return err
	}
	_, err = w.Write([]byte("x"))
	return errors.Join(err, w.Close())
}

// Connect returns a client of a namenode. Anybody may do anything.
func Connect(addr string) (*hdfs.Client, error) {
	return hdfs.NewClient(hdfs.ClientOptions{Addresses: []string{addr}, User: "test"})
}
