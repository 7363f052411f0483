package bulk

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// query keeps answers short, and what the server quotes of documents out of them.
const query = "?filter_path=errors,items.*.status,items.*.error.type,error.type,status"

// A Target is a cluster. Its zero value needs Nodes.
type Target struct {
	// Nodes are base URLs such as "https://es-1:9200", without user or
	// password. Requests go to one after another; one that failed is left
	// alone for a while, 1 s at first and up to 30 s.
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
	return nil
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
		cl.Transport, end = transport, transport.CloseIdleConnections
	}
	// A redirected POST becomes a GET, or takes its credentials elsewhere.
	cl.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &cl, end
}
