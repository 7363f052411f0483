// Package chromiumtest has tests open pages in a real browser.
package chromiumtest

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/realtest"
)

// A Chromium is a headless browser with one tab, which takes commands of the DevTools
// protocol through a pipe: JSON, a zero byte behind each message. One goroutine of the
// test uses it.
type Chromium struct {
	t       testing.TB
	in      io.Writer
	session string
	replies chan reply

	mu     sync.Mutex
	wrong  []string // what the page reported: exceptions and violations of its policy
	number int
}

type reply struct {
	ID     int             `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
}

// Start starts the browser, which ends with the test. The test is skipped unless
// LTSVPIPE_REAL=1; then a browser that is missing is a failure.
func Start(t testing.TB) *Chromium {
	t.Helper()
	realtest.Need(t, "Chromium")
	path, err := exec.LookPath("chromium")
	require.NoError(t, err, "no Chromium in PATH; on Debian: apt-get install chromium")
	commands, in, err := os.Pipe()
	require.NoError(t, err)
	out, answers, err := os.Pipe()
	require.NoError(t, err)
	profile, err := os.MkdirTemp("", "chromium")
	require.NoError(t, err)
	args := []string{
		"--headless", "--remote-debugging-pipe", "--user-data-dir=" + profile,
		"--no-first-run", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--lang=en",
	}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // it does not run as root with it
	}
	cmd := exec.Command(path, append(args, "about:blank")...)
	cmd.Env = append(os.Environ(), "TMPDIR="+profile)
	cmd.ExtraFiles = []*os.File{commands, answers} // 3 and 4
	require.NoError(t, cmd.Start())
	commands.Close()
	answers.Close()
	c := &Chromium{t: t, in: in, replies: make(chan reply, 1)}
	var done sync.WaitGroup
	done.Go(func() { c.read(out) })
	t.Cleanup(func() {
		in.Close() // the browser ends
		quit := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		_ = cmd.Wait()
		quit.Stop()
		done.Wait()
		out.Close()
		// Its other processes may still be at it for a moment.
		assert.Eventually(t, func() bool { return os.RemoveAll(profile) == nil }, 10*time.Second, 50*time.Millisecond)
	})
	var target struct{ TargetID, SessionID string }
	c.Do("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	c.Do("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &target)
	c.session = target.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		c.Do(domain+".enable", nil, nil)
	}
	return c
}

// read reads messages until the browser ends.
func (c *Chromium) read(out io.Reader) {
	defer close(c.replies)
	for r := bufio.NewReader(out); ; {
		message, err := r.ReadBytes(0)
		if err != nil {
			return
		}
		var m reply
		if json.Unmarshal(message[:len(message)-1], &m) != nil {
			return
		}
		switch {
		case m.ID != 0:
			c.replies <- m
		case m.Method == "Runtime.exceptionThrown", m.Method == "Log.entryAdded":
			c.report(m)
		}
	}
}

// report keeps what the page did wrong. That a server is gone is no fault of the page.
func (c *Chromium) report(m reply) {
	var p struct {
		Entry struct{ Source, Level string }
	}
	if m.Method == "Log.entryAdded" && json.Unmarshal(m.Params, &p) == nil && (p.Entry.Source == "network" || p.Entry.Level == "verbose") {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = append(c.wrong, string(m.Params))
}

// Faults returns what the page reported so far.
func (c *Chromium) Faults() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wrong
}

// Do has a command done.
func (c *Chromium) Do(method string, params, result any) {
	c.t.Helper()
	c.number++
	command := map[string]any{"id": c.number, "method": method}
	if params != nil {
		command["params"] = params
	}
	if c.session != "" {
		command["sessionId"] = c.session
	}
	text, err := json.Marshal(command)
	require.NoError(c.t, err)
	_, err = c.in.Write(append(text, 0))
	require.NoError(c.t, err)
	select {
	case r, ok := <-c.replies:
		require.True(c.t, ok, "chromium has ended")
		require.Equal(c.t, c.number, r.ID)
		require.Nil(c.t, r.Error, method)
		if result != nil {
			require.NoError(c.t, json.Unmarshal(r.Result, result))
		}
	case <-time.After(60 * time.Second):
		require.Fail(c.t, "no answer to "+method)
	}
}

// Eval sets result to the value of a JavaScript expression.
func (c *Chromium) Eval(expression string, result any) {
	c.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct{ Text string }
	}
	c.Do("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &r)
	require.Nil(c.t, r.ExceptionDetails, expression)
	require.NoError(c.t, json.Unmarshal(r.Result.Value, result), expression)
}

// Open goes to a page, and waits until it is there.
func (c *Chromium) Open(url string) {
	c.t.Helper()
	c.Do("Page.navigate", map[string]any{"url": url}, nil)
	c.Until(`location.href !== 'about:blank' && document.readyState === 'complete'`)
}

// Text returns the text of an element, by its id.
func (c *Chromium) Text(id string) (text string) {
	c.t.Helper()
	c.Eval(fmt.Sprintf(`document.getElementById(%q).textContent`, id), &text)
	return text
}

// Until waits until a JavaScript expression is true.
func (c *Chromium) Until(expression string) {
	c.t.Helper()
	for range 300 {
		var is bool
		if c.Eval(expression, &is); is {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	require.Fail(c.t, "is not true within 15 s", expression)
}

// Look makes the window so wide, and the colours light or dark.
func (c *Chromium) Look(width int, scheme string) {
	c.t.Helper()
	c.Do("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
	c.Do("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
}

// Screenshot writes the whole page to name.png in the folder of the test's artifacts,
// which go test -artifacts keeps.
func (c *Chromium) Screenshot(name string) {
	c.t.Helper()
	var shot struct{ Data string }
	c.Do("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true}, &shot)
	png, err := base64.StdEncoding.DecodeString(shot.Data)
	require.NoError(c.t, err)
	require.NoError(c.t, os.WriteFile(filepath.Join(c.t.ArtifactDir(), name+".png"), png, 0o644))
}
