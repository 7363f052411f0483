package bulk

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// query keeps answers short, and what the server quotes of documents out of them.
const query = "?filter_path=errors,items.*._id,items.*.status,items.*.error.type,items.*.failure_store,error.type,status"

// maxHeader is how many bytes of a response's header, and of what comes before it,
// are read.
const maxHeader = 64 << 10

// A Target is a cluster. Its zero value needs Nodes.
type Target struct {
	// Nodes are base URLs such as "https://es-1:9200", without user or
	// password. Requests go to one after another. A node that gave no answer,
	// none to the request, 408 or 5xx is left alone while there are others, for
	// the longest of
	//
	//   - 0.5 to 1 s, twice that after each further failure in a row, up to 30 s;
	//   - five times as long as the request took, up to 5 min: one that hangs
	//     costs Limits.Timeout each time;
	//   - what its Retry-After says, up to 5 min.
	Nodes []string

	// Client sends requests: its Transport has TLS, proxies and connections.
	// Redirects are not followed. Limits.Timeout is apart from its Timeout. Nil
	// means a client with a Transport of its own.
	// A Transport of the caller's may add credentials that change.
	Client *http.Client

	// Auth is the Authorization header. The zero value sends none.
	Auth Auth

	// Header is sent along, as it is. Credentials belong in Auth, which is
	// never printed.
	Header http.Header

	// Gzip compresses requests, at the fastest level.
	Gzip bool
}

// check looks for what no request could be sent with. Its errors quote no URL,
// which may hold a password.
func (t *Target) check() error {
	if len(t.Nodes) == 0 {
		return errors.New("bulk: Target.Nodes is empty")
	}
	for i, n := range t.Nodes {
		u, err := url.Parse(n)
		switch {
		case err != nil:
			return fmt.Errorf("bulk: Target.Nodes[%d] is not a URL", i)
		case u.User != nil:
			return fmt.Errorf("bulk: Target.Nodes[%d] has a user: credentials belong in Target.Auth", i)
		case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
			return fmt.Errorf("bulk: Target.Nodes[%d] is not http://HOST or https://HOST", i)
		case u.RawQuery != "" || u.Fragment != "":
			return fmt.Errorf("bulk: Target.Nodes[%d] has a query or a fragment", i)
		}
	}
	if !printable(t.Auth.value) {
		return errors.New("bulk: Target.Auth has a line end or another control character")
	}
	for name, values := range t.Header {
		if !slices.ContainsFunc(values, func(v string) bool { return !printable(v) }) {
			continue
		}
		return fmt.Errorf("bulk: Target.Header: %q has a line end or another control character", name)
	}
	return nil
}

// printable reports whether a header may have the value: no request is sent
// with another.
func printable(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// urls returns where each node takes requests.
func (t *Target) urls() []string {
	var urls []string
	for _, n := range t.Nodes {
		urls = append(urls, strings.TrimRight(n, "/")+"/_bulk"+query)
	}
	return urls
}

// header returns what every request has.
func (t *Target) header() http.Header {
	h := t.Header.Clone()
	if h == nil {
		h = make(http.Header)
	}
	h.Set("Content-Type", "application/x-ndjson")
	h.Set("Accept", "application/json")
	if t.Gzip {
		h.Set("Content-Encoding", "gzip")
	}
	if t.Auth.value != "" {
		h.Set("Authorization", t.Auth.value)
	}
	return h
}

// client returns a client, and what to call when it is not used any more.
func (t *Target) client(inFlight int) (*http.Client, func()) {
	end := func() {}
	var cl http.Client
	if t.Client != nil {
		cl = *t.Client
	} else {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxIdleConnsPerHost = inFlight
		transport.WriteBufferSize = 64 << 10
		transport.MaxResponseHeaderBytes = maxHeader
		cl.Transport, end = transport, transport.CloseIdleConnections
	}
	// A redirected POST becomes a GET, or takes its credentials elsewhere.
	cl.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &cl, end
}
