package searchtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// A Node is a real one.
type Node struct {
	Name      string // of the product
	URL       string
	Flattened string // the type of a field that is an object of any members
	t         testing.TB
}

// A product makes the node of this process: to start one takes ten seconds, and
// Main stops it.
type product struct {
	name, flattened string
	// command returns what starts a node that works in dir.
	command func(dir string) (*exec.Cmd, error)
	// find returns where the node that has printed log answers, or nothing yet.
	find func(dir string, log []byte) (url string)

	once  sync.Once
	cmd   *exec.Cmd
	ended chan struct{} // closed when cmd has
	dir   string
	url   string
	err   error
}

// Main runs a package's tests and stops the nodes they have started.
func Main(run func() int) int {
	defer openSearch.stop()
	defer elasticsearch.stop()
	return run()
}

// Each runs a test on a real node of each product, which is without indices and
// templates of earlier tests. It is skipped unless LTSVPIPE_REAL=1, and fails if
// there is no node to be had.
func Each(t *testing.T, test func(*testing.T, *Node)) {
	for _, p := range []*product{&openSearch, &elasticsearch} {
		t.Run(p.name, func(t *testing.T) { test(t, p.node(t)) })
	}
}

func (p *product) node(t testing.TB) *Node {
	t.Helper()
	realtest.Need(t, "a real "+p.name)
	p.once.Do(func() {
		// Another process may have been faster to take a port.
		for range 3 {
			if p.err = p.start(); p.err == nil {
				return
			}
			p.stop()
		}
		p.err = fmt.Errorf("no real %s: %w", p.name, p.err)
	})
	require.NoError(t, p.err)
	n := &Node{Name: p.name, URL: p.url, Flattened: p.flattened, t: t}
	n.Do("DELETE", "/_data_stream/*", "")
	n.Do("DELETE", "/_all", "")
	n.Do("DELETE", "/_index_template/*", "")
	n.Do("DELETE", "/_component_template/*", "")
	return n
}

// start starts the node and waits until it answers.
func (p *product) start() (err error) {
	if p.dir, err = os.MkdirTemp("", "searchtest"); err != nil {
		return err
	}
	cmd, err := p.command(p.dir)
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(p.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	realtest.DieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	p.cmd, p.ended = cmd, make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(p.ended)
	}()
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); {
		printed, err := os.ReadFile(log.Name())
		if err != nil {
			return err
		}
		if p.url = p.find(p.dir, printed); p.url != "" {
			return nil
		}
		select {
		case <-p.ended:
			return fmt.Errorf("it ended (%v):\n%s", cmd.ProcessState, realtest.Tail(printed))
		case <-time.After(200 * time.Millisecond):
		}
	}
	return errors.New("it does not become ready")
}

func (p *product) stop() {
	if p.cmd != nil {
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
	if p.dir != "" {
		os.RemoveAll(p.dir)
	}
	p.cmd, p.dir = nil, ""
}

// Do asks the node and returns its status and answer.
func (n *Node) Do(method, path, body string) (int, []byte) {
	n.t.Helper()
	req, err := http.NewRequestWithContext(n.t.Context(), method, n.URL+path, strings.NewReader(body))
	require.NoError(n.t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(n.t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(n.t, err)
	return resp.StatusCode, answer
}

// Must asks the node for what it must not refuse, and decodes the answer into v
// unless that is nil.
func (n *Node) Must(v any, method, path, body string) {
	n.t.Helper()
	status, answer := n.Do(method, path, body)
	require.Less(n.t, status, 300, "%s %s: %s", method, path, answer)
	if v != nil {
		require.NoError(n.t, json.Unmarshal(answer, v))
	}
}

// Count returns how many documents an index, or a pattern of them, has.
func (n *Node) Count(index string) int {
	n.t.Helper()
	n.Must(nil, "POST", "/"+index+"/_refresh", "")
	var answer struct{ Count int }
	n.Must(&answer, "GET", "/"+index+"/_count", "")
	return answer.Count
}

// A Found is a document that a node has.
type Found struct {
	Version int // 1 unless it was written again
	Source  json.RawMessage
}

// Documents returns all that the indices of a pattern have, by id. The test fails if
// two have the same.
func (n *Node) Documents(index string) map[string]Found {
	n.t.Helper()
	n.Must(nil, "POST", "/"+index+"/_refresh", "")
	all := make(map[string]Found)
	path, body := "/"+index+"/_search?scroll=1m", `{"size":5000,"version":true,"sort":["_doc"]}`
	for {
		var page struct {
			Scroll string `json:"_scroll_id"`
			Hits   struct {
				Hits []struct {
					ID      string          `json:"_id"`
					Version int             `json:"_version"`
					Source  json.RawMessage `json:"_source"`
				}
			}
		}
		n.Must(&page, "POST", path, body)
		for _, h := range page.Hits.Hits {
			if _, ok := all[h.ID]; ok {
				require.FailNow(n.t, h.ID+" is there twice")
			}
			all[h.ID] = Found{h.Version, h.Source}
		}
		path, body = "/_search/scroll", fmt.Sprintf(`{"scroll":"1m","scroll_id":%q}`, page.Scroll)
		if len(page.Hits.Hits) == 0 {
			n.Do("DELETE", "/_search/scroll", fmt.Sprintf(`{"scroll_id":%q}`, page.Scroll))
			return all
		}
	}
}
