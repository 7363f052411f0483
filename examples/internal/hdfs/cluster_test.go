package hdfs_test

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/colinmarc/hdfs/v2"
	"github.com/stretchr/testify/require"
)

const version = "3.4.1"

// pom asks Maven for a real HDFS in one jar, with what it needs at run time.
const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion>
<groupId>hdfstest</groupId><artifactId>hdfstest</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.apache.hadoop</groupId><artifactId>hadoop-client-minicluster</artifactId><version>` + version + `</version></dependency>
<dependency><groupId>org.apache.hadoop</groupId><artifactId>hadoop-client-runtime</artifactId><version>` + version + `</version></dependency>
</dependencies>
</project>
`

// jars returns the folder with Hadoop's jars, which Maven fills once: a cache
// of the user, or the folder that LTSVPIPE_HADOOP_JARS names.
func jars(t *testing.T) string {
	dir := os.Getenv("LTSVPIPE_HADOOP_JARS")
	if dir == "" {
		cache, err := os.UserCacheDir()
		require.NoError(t, err, "no real HDFS: no folder to keep its jars in (set LTSVPIPE_HADOOP_JARS)")
		dir = filepath.Join(cache, "ltsvpipe-hadoop-"+version)
	}
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	require.NoError(t, os.MkdirAll(filepath.Dir(dir), 0o755))
	// Into a folder of its own first: who finds dir finds it whole.
	work, err := os.MkdirTemp(filepath.Dir(dir), ".hadoop")
	require.NoError(t, err)
	defer os.RemoveAll(work)
	require.NoError(t, os.WriteFile(filepath.Join(work, "pom.xml"), []byte(pom), 0o644))
	cmd := exec.Command("mvn", "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory="+filepath.Join(work, "jars"))
	cmd.Dir = work
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "no real HDFS: mvn could not fetch it:\n%s", out)
	require.NoError(t, os.Rename(filepath.Join(work, "jars"), dir))
	return dir
}

// cluster starts a namenode and a datanode and returns the namenode's address.
// Both end with the test.
func cluster(t *testing.T) string {
	java, err := exec.LookPath("java")
	require.NoError(t, err, "no real HDFS: java (11 or newer) is not in PATH")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().(*net.TCPAddr)
	require.NoError(t, l.Close())
	dir := t.TempDir()
	var log bytes.Buffer
	cmd := exec.Command(java, "-Xmx512m", "-XX:+UseSerialGC", "-Dtest.build.data="+dir, "-cp", filepath.Join(jars(t), "*"),
		"org.apache.hadoop.test.MiniDFSClusterManager", "-format", "-datanodes", "1", "-nnport", fmt.Sprint(addr.Port),
		"-D", "dfs.permissions.enabled=false")
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &log, &log
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
	cl, err := connect(addr)
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

func connect(addr string) (*hdfs.Client, error) {
	return hdfs.NewClient(hdfs.ClientOptions{Addresses: []string{addr}, User: "test"})
}
