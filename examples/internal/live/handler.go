package live

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// HandlerOptions say how a [Handler] serves. The zero value is ready for use.
type HandlerOptions struct {
	// MaxClients is how many pages are kept up to date at once. One more is told
	// 503, and tries again. Default 32.
	MaxClients int
	// Every is the time from one snapshot to the next. Default 1 s, and not less
	// than 10 ms.
	Every time.Duration
	// MaxWrite is how long a client may take to receive one snapshot before it is
	// dropped. Default 5 s.
	MaxWrite time.Duration
}

// A Handler serves a [Window]:
//
//   - / is the page. It asks for events beside it, so that the handler may stand
//     behind [http.StripPrefix] or a proxy.
//   - /events are server-sent events (HTML, 9.2), each with a [Snapshot] in JSON.
//   - /snapshot is one Snapshot in JSON.
//
// On a loopback address it answers only who asks for it as localhost or by an IP
// address: by another name a foreign page could have its browser ask (DNS rebinding).
// It is for any goroutine, and runs none of its own.
type Handler struct {
	window *Window
	opts   HandlerOptions
	mux    *http.ServeMux
	page   []byte
	policy string
	slots  chan struct{} // one for each client
	closed chan struct{}
	close  func()

	mu    sync.Mutex
	frame []byte // the last, as an event
	made  time.Time
}

// NewHandler returns a handler that serves w.
func NewHandler(w *Window, opts HandlerOptions) *Handler {
	if opts.MaxClients <= 0 {
		opts.MaxClients = 32
	}
	if opts.Every <= 0 {
		opts.Every = time.Second
	}
	opts.Every = max(opts.Every, 10*time.Millisecond)
	if opts.MaxWrite <= 0 {
		opts.MaxWrite = 5 * time.Second
	}
	h := &Handler{window: w, opts: opts, slots: make(chan struct{}, opts.MaxClients), closed: make(chan struct{})}
	h.close = sync.OnceFunc(func() { close(h.closed) })
	h.page, h.policy = page(opts.Every)
	h.mux = http.NewServeMux()
	h.mux.HandleFunc("GET /{$}", h.servePage)
	h.mux.HandleFunc("GET /events", h.serveEvents)
	h.mux.HandleFunc("GET /snapshot", h.serveSnapshot)
	return h
}

// Close ends all event streams, and those that are yet to come. Without it
// [http.Server.Shutdown] would wait for them: give it to RegisterOnShutdown. It may be
// called more than once.
func (h *Handler) Close() { h.close() }

// Clients returns how many pages are open now.
func (h *Handler) Clients() int { return len(h.slots) }

// ServeHTTP implements [http.Handler].
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", h.policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	if rebound(r) {
		http.Error(w, "This address is for this machine only. Ask for it as localhost or by its IP address.", http.StatusMisdirectedRequest)
		return
	}
	h.mux.ServeHTTP(w, r)
}

// rebound reports whether a request came to a loopback address under a name that may
// be anybody's.
func rebound(r *http.Request) bool {
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	if !ok || !local.IP.IsLoopback() {
		return false
	}
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return false
	}
	_, err := netip.ParseAddr(host)
	return err != nil
}

func (h *Handler) servePage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(h.page) // who went away needs no page
}

func (h *Handler) serveSnapshot(w http.ResponseWriter, _ *http.Request) {
	text, err := json.Marshal(h.window.Snapshot())
	if err != nil {
		http.Error(w, "The snapshot has no JSON.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(text, '\n'))
}

// event returns the newest snapshot as an event. Clients that ask at about the same
// time get the same.
func (h *Handler) event() ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.frame != nil && time.Since(h.made) < h.opts.Every/2 {
		return h.frame, nil
	}
	text, err := json.Marshal(h.window.Snapshot()) // on one line
	if err != nil {
		return nil, err
	}
	h.frame = fmt.Appendf(nil, "data: %s\n\n", text)
	h.made = time.Now()
	return h.frame, nil
}
