package live

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
)

const goroutines = "github.com/ltsvpipe/ltsvpipe/examples/internal/live.("

// serve starts a server on a loopback address.
func serve(t testing.TB, w *Window, opts HandlerOptions) (*httptest.Server, *Handler) {
	h := NewHandler(w, opts)
	srv := httptest.NewServer(h)
	t.Cleanup(func() {
		h.Close()
		srv.Close()
		kafkatest.NoGoroutines(t, goroutines)
	})
	return srv, h
}

func get(t testing.TB, url string) (*http.Response, string) {
	t.Helper()
	resp, err := http.Get(url)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(body)
}

// An events is an open stream of events.
type events struct {
	body  io.ReadCloser
	lines *bufio.Scanner
}

func open(t testing.TB, url string) *events {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", url+"/events", nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { resp.Body.Close() })
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
	s := bufio.NewScanner(resp.Body)
	s.Buffer(nil, 1<<20)
	return &events{resp.Body, s}
}

// next returns the next event by the rules of HTML 9.2.6, as far as they are needed:
// lines that begin with a colon are comments, an empty line ends an event.
func (e *events) next(t testing.TB) (s Snapshot, ok bool) {
	t.Helper()
	var data strings.Builder
	for e.lines.Scan() {
		line := e.lines.Text()
		field, value, _ := strings.Cut(line, ":")
		switch {
		case line == "" && data.Len() > 0:
			require.NoError(t, json.Unmarshal([]byte(data.String()), &s))
			return s, true
		case line == "", field == "":
		case field == "data":
			data.WriteString(strings.TrimPrefix(value, " "))
		default:
			require.Fail(t, "unknown field", field)
		}
	}
	return s, false
}

func TestEvents(t *testing.T) {
	c := newClock()
	w := NewWindow(WindowOptions{Now: c.Now, Parts: func() []Part { return []Part{{Name: "job 1", Read: 7, Lag: -1}} }})
	srv, _ := serve(t, w, HandlerOptions{Every: 10 * time.Millisecond})
	e := open(t, srv.URL)
	s, ok := e.next(t)
	require.True(t, ok)
	assert.Zero(t, s.Records)
	assert.Nil(t, s.Silent)
	assert.Equal(t, []Part{{Name: "job 1", Read: 7, Lag: -1}}, s.Parts)

	w.Add([]byte(`{"path":"/\n\ndata: x","server":"\u2028","status":200}`))
	c.pass(time.Second)
	for s.All.Requests == 0 {
		s, ok = e.next(t)
		require.True(t, ok)
	}
	assert.Equal(t, "/\ufffd\ufffddata: x", s.All.Paths[0].Path)

	_, body := get(t, srv.URL+"/snapshot")
	var once Snapshot
	require.NoError(t, json.Unmarshal([]byte(body), &once))
	assert.Equal(t, s, once)
}

func TestClientsAreLimited(t *testing.T) {
	srv, _ := serve(t, NewWindow(WindowOptions{}), HandlerOptions{Every: 10 * time.Millisecond, MaxClients: 2})
	first, second := open(t, srv.URL), open(t, srv.URL)
	resp, _ := get(t, srv.URL+"/events")
	assert.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
	assert.NotEmpty(t, resp.Header.Get("Retry-After"))
	_, ok := second.next(t)
	assert.True(t, ok)
	first.body.Close()
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, "GET", srv.URL+"/events", nil)
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	}, 10*time.Second, 10*time.Millisecond, "who leaves makes room")
}

// TestSlowClientIsDropped: one that does not read loses its stream, and holds nobody up.
func TestSlowClientIsDropped(t *testing.T) {
	c := newClock()
	w := NewWindow(WindowOptions{Now: c.Now})
	for i := range 20 {
		for j := range 30 {
			name := strings.Repeat("long", 30)
			w.Add([]byte(`{"server":"` + name + string(rune('a'+i)) + `","path":"/` + name + string(rune('a'+j)) + `"}`))
		}
	}
	c.pass(time.Second)
	srv, h := serve(t, w, HandlerOptions{Every: 10 * time.Millisecond, MaxWrite: 200 * time.Millisecond})
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.(*net.TCPConn).SetReadBuffer(4096))
	_, err = io.WriteString(conn, "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return len(h.slots) == 1 }, 10*time.Second, time.Millisecond)
	e := open(t, srv.URL)
	slowest := time.Duration(0)
	require.Eventually(t, func() bool {
		start := time.Now()
		_, ok := e.next(t)
		require.True(t, ok)
		slowest = max(slowest, time.Since(start))
		return len(h.slots) == 1
	}, 15*time.Second, time.Microsecond, "the slow one is still there")
	assert.Less(t, slowest, 3*time.Second)
}

func TestShutdown(t *testing.T) {
	h := NewHandler(NewWindow(WindowOptions{}), HandlerOptions{})
	srv := httptest.NewUnstartedServer(h)
	srv.Config.RegisterOnShutdown(h.Close)
	srv.Start()
	e := open(t, srv.URL)
	_, ok := e.next(t)
	require.True(t, ok)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(t, srv.Config.Shutdown(ctx))
	_, ok = e.next(t)
	assert.False(t, ok)
	h.Close() // again does no harm
	kafkatest.NoGoroutines(t, goroutines)
	srv.Close()
}

// TestPageIsOnePiece: the policy allows what is in the page, by hash, and the page asks
// for nothing else.
func TestPageIsOnePiece(t *testing.T) {
	srv, _ := serve(t, NewWindow(WindowOptions{}), HandlerOptions{})
	resp, body := get(t, srv.URL)
	assert.Equal(t, "text/html; charset=utf-8", resp.Header.Get("Content-Type"))
	assert.Equal(t, "nosniff", resp.Header.Get("X-Content-Type-Options"))
	assert.Equal(t, "no-store", resp.Header.Get("Cache-Control"))
	assert.Less(t, len(body), 30_000)
	policy := resp.Header.Get("Content-Security-Policy")
	assert.NotContains(t, policy, "unsafe")
	for _, tag := range []string{"style", "script"} {
		found := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(body, -1)
		require.Len(t, found, 1)
		assert.Contains(t, policy, tag+"-src '"+source(found[0][1])+"'")
	}
	assert.NotRegexp(t, `(?i)\s(src|on\w+|style)=|@import|url\(|innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(`, body)
	assert.Contains(t, body, `data-every="1000"`)

	resp, _ = get(t, srv.URL+"/page.js")
	assert.Equal(t, http.StatusNotFound, resp.StatusCode)
	resp, err := http.Post(srv.URL+"/snapshot", "", nil)
	require.NoError(t, err)
	resp.Body.Close()
	assert.Equal(t, http.StatusMethodNotAllowed, resp.StatusCode)
}

func TestForeignNamesOfLoopback(t *testing.T) {
	srv, _ := serve(t, NewWindow(WindowOptions{}), HandlerOptions{})
	for host, want := range map[string]int{
		"localhost":         200,
		"LOCALHOST:8080":    200,
		"dash.localhost:1":  200,
		"127.0.0.1":         200,
		"[::1]:8080":        200,
		"[::1]":             200,
		"192.0.2.1:80":      200,
		"evil.example":      421,
		"evil.example:8080": 421,
		"localhost.evil":    421,
		"127.0.0.1.evil":    421,
	} {
		for _, path := range []string{"/", "/snapshot"} {
			req, err := http.NewRequest("GET", srv.URL+path, nil)
			require.NoError(t, err)
			req.Host = host
			resp, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			resp.Body.Close()
			assert.Equal(t, want, resp.StatusCode, host)
		}
	}
	other := httptest.NewRequest("GET", "http://dash.example/", nil) // not on a loopback address
	rec := httptest.NewRecorder()
	NewHandler(NewWindow(WindowOptions{}), HandlerOptions{}).ServeHTTP(rec, other)
	assert.Equal(t, 200, rec.Code)
}
