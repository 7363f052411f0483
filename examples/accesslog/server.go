package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ltsvpipe/ltsvpipe/examples/internal/live"
)

const (
	defaultHTTP = "127.0.0.1:8080"
	morePorts   = 20 // that are tried if the default one is taken
)

// A server serves the live page, /metrics and /healthz.
type server struct {
	http     *http.Server
	listener net.Listener
	pages    *live.Handler // nil if there is no page
	done     sync.WaitGroup
}

// listen takes the address of the flags. If nobody asked for that one, the next that is
// free will do.
func (c *config) listen() (*server, error) {
	l, err := net.Listen("tcp", c.http.addr)
	for i := 1; i <= morePorts && !c.http.asked && errors.Is(err, syscall.EADDRINUSE); i++ {
		l, err = net.Listen("tcp", next(c.http.addr, i))
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("-http %s: the port is taken; another one, or -http off for no page", c.http.addr)
	}
	if err != nil {
		return nil, fmt.Errorf("-http: %w", err)
	}
	return &server{listener: l}, nil
}

// next returns the i-th address after addr.
func next(addr string, i int) string {
	host, port, err := net.SplitHostPort(addr)
	n, notNumber := strconv.Atoi(port)
	if err != nil || notNumber != nil {
		return addr
	}
	return net.JoinHostPort(host, strconv.Itoa(n+i))
}

// url is where a browser on this machine finds the page.
func (s *server) url() string {
	addr := s.listener.Addr().(*net.TCPAddr)
	if addr.IP.IsUnspecified() {
		return fmt.Sprintf("http://localhost:%d/", addr.Port)
	}
	return "http://" + addr.String() + "/"
}

// serve begins to serve what there is, and says where.
func (s *system) serve() error {
	if err := s.cluster.metrics.Register(collector{s.watch}); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.cluster.metrics, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", s.watch.serveHealth)
	srv := s.server
	srv.http = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	what := "/metrics and /healthz"
	if s.window != nil {
		srv.pages = live.NewHandler(s.window, live.HandlerOptions{})
		srv.http.RegisterOnShutdown(srv.pages.Close)
		mux.Handle("/", srv.pages)
		what = "live page"
	}
	if !s.cfg.quiet {
		fmt.Fprintf(s.cfg.stderr, "accesslog: %s at %s\n", what, srv.url())
	}
	srv.done.Go(func() { _ = srv.http.Serve(srv.listener) }) // until close
	return nil
}

// close ends what is being served.
func (s *server) close() {
	if s.http == nil {
		_ = s.listener.Close() // nobody has come yet
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close() // somebody is slow
	}
	s.done.Wait()
}
