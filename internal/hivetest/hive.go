// Package hivetest lets tests ask Apache Hive.
//
// It is Hive 4.1 itself: its parser, planner, metastore (over Derby, in memory), serdes
// and input formats, in one JVM. What it has not of a cluster is HiveServer2 in front,
// and Tez below: queries with aggregates run as MapReduce of Hadoop's local runner,
// others are fetched by the session itself.
package hivetest

import (
	"bufio"
	_ "embed"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/realtest"
)

//go:embed Session.java
var source []byte

// settings are those of a session without a cluster, which works in dir.
func settings(dir string) []string {
	return []string{
		"javax.jdo.option.ConnectionURL=jdbc:derby:memory:metastore;create=true",
		"datanucleus.schema.autoCreateAll=true",
		"hive.metastore.schema.verification=false",
		"hive.metastore.try.direct.sql=false",
		"hive.metastore.warehouse.dir=file:" + dir + "/warehouse",
		"hive.metastore.warehouse.external.dir=file:" + dir + "/external",
		"hive.exec.scratchdir=file:" + dir + "/scratch",
		"hive.exec.local.scratchdir=" + dir + "/local",
		"hive.downloaded.resources.dir=" + dir + "/resources",
		"hadoop.tmp.dir=" + dir + "/tmp",
		"fs.defaultFS=file:///",
		"hive.execution.engine=mr",
		"mapreduce.framework.name=local",
		"hive.support.concurrency=false",
		"hive.txn.manager=org.apache.hadoop.hive.ql.lockmgr.DummyTxnManager",
		"hive.notification.event.poll.interval=0",
		"hive.hmshandler.retry.attempts=1", // what a metastore refuses once
	}
}

// opens are the packages of the JDK that Hive reaches into.
var opens = []string{
	"java.io", "java.lang", "java.lang.reflect", "java.net", "java.nio", "java.time", "java.util",
	"java.util.concurrent", "java.util.concurrent.atomic", "java.util.regex",
}

const logging = `status = error
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %p %c %m%n%throwable{short.message}%n
`

// A Hive is a session. It is for one goroutine.
type Hive struct {
	in  io.Writer
	out *bufio.Reader
	log string // path of what it says of itself
}

// Start starts Hive in a time zone, as Asia/Tokyo, without any table. More are
// settings of Hive's, as name=value. It ends with the test, which is skipped unless LTSVPIPE_REAL=1. It needs a JDK, 17 to 21, in PATH, and
// Maven the first time.
func Start(t testing.TB, zone string, more ...string) *Hive {
	t.Helper()
	realtest.Need(t, "Hive")
	jars, err := realtest.MavenOnly(artifacts...)
	require.NoError(t, err)
	dir := t.TempDir()
	for name, text := range map[string][]byte{"Session.java": source, "log4j2.properties": []byte(logging)} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o644))
	}
	args := []string{
		"-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8", "-Duser.timezone=" + zone,
		"-Dlog4j2.configurationFile=" + filepath.Join(dir, "log4j2.properties"),
		"-Dderby.stream.error.file=" + filepath.Join(dir, "derby.log"),
	}
	for _, name := range opens {
		args = append(args, "--add-opens=java.base/"+name+"=ALL-UNNAMED")
	}
	args = append(args, "-cp", filepath.Join(jars, "*"), filepath.Join(dir, "Session.java"))
	args = append(args, settings(dir)...)
	cmd := exec.Command("java", append(args, more...)...)
	cmd.Dir = dir
	h := &Hive{log: filepath.Join(dir, "log")}
	log, err := os.Create(h.log)
	require.NoError(t, err)
	defer log.Close()
	cmd.Stderr = log
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	h.in, h.out = stdin, bufio.NewReader(stdout)
	realtest.DieWithParent(cmd)
	require.NoError(t, cmd.Start(), "no Hive: java (a JDK, 17 to 21) is not in PATH")
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return h
}

// Rows runs a statement without a semicolon and returns its rows, as Hive's command line
// prints them: columns with a tab between, NULL, and JSON for what is nested. The test
// fails if Hive refuses it.
func (h *Hive) Rows(t testing.TB, sql string) []string {
	t.Helper()
	rows, err := h.Run(t, sql)
	require.NoError(t, err, "%s\n%s", sql, h.said())
	return rows
}

// Run is as Rows, but returns Hive's words as an error if it refuses the statement.
func (h *Hive) Run(t testing.TB, sql string) ([]string, error) {
	t.Helper()
	rows, refused, err := h.ask(sql)
	if err != nil {
		t.Fatalf("Hive has gone: %v\n%s\n%s", err, sql, h.said())
	}
	return rows, refused
}

// said returns the end of Hive's log.
func (h *Hive) said() []byte {
	log, err := os.ReadFile(h.log)
	if err != nil {
		return []byte(err.Error())
	}
	return realtest.Tail(log)
}

// ask sends a statement, and reads what Session.java answers.
func (h *Hive) ask(sql string) (rows []string, refused, err error) {
	if _, err := h.in.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(sql))), sql...)); err != nil {
		return nil, nil, err
	}
	var n int32
	if err := binary.Read(h.out, binary.BigEndian, &n); err != nil {
		return nil, nil, err
	}
	if n < 0 {
		text, err := h.text()
		return nil, errors.New(text), err
	}
	for range n {
		row, err := h.text()
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil, nil
}

func (h *Hive) text() (string, error) {
	var n int32
	if err := binary.Read(h.out, binary.BigEndian, &n); err != nil {
		return "", err
	}
	text := make([]byte, n)
	_, err := io.ReadFull(h.out, text)
	return string(text), err
}
