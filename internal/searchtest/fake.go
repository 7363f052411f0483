package searchtest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// A Fake is a node in the test's process that takes _bulk as a real one does,
// keeps documents by index and id, and is strict with who speaks to it: what
// breaks the protocol fails the test. Its functions are set before it is asked.
type Fake struct {
	URL string

	// Intercept answers a request instead of the fake if it returns true. body
	// is as it was sent, decompressed.
	Intercept func(w http.ResponseWriter, r *http.Request, body []byte) bool
	// Item refuses a document with a status and a type, before it is looked
	// at. Status 0 refuses nothing.
	Item func(d Document) (status int, kind string)
	// Lose takes a request and drops the connection instead of answering, if
	// it returns true.
	Lose func(n int) bool

	t      testing.TB
	server *httptest.Server

	requests atomic.Int64
	writes   atomic.Int64
	*store
}

// A store is the documents by index and id.
type store struct {
	mu      sync.Mutex
	indices map[string]map[string]json.RawMessage
}

// A Document is one that came.
type Document struct {
	Op, Index, ID string
	Source        json.RawMessage
}

// StartFake starts a fake that ends with its test.
func StartFake(t testing.TB) *Fake {
	f := &Fake{t: t, store: &store{indices: make(map[string]map[string]json.RawMessage)}}
	f.server = httptest.NewServer(f)
	f.URL = f.server.URL
	t.Cleanup(f.Close)
	return f
}

// Close ends the fake at once, with its connections.
func (f *Fake) Close() {
	f.server.CloseClientConnections()
	f.server.Close()
}

// Share makes f a node of the cluster that other is one of. It is called before
// either is asked.
func (f *Fake) Share(other *Fake) { f.store = other.store }

// Requests returns how many requests to _bulk came to this node.
func (f *Fake) Requests() int { return int(f.requests.Load()) }

// Writes returns how many documents this node wrote or overwrote.
func (f *Fake) Writes() int { return int(f.writes.Load()) }

// Documents returns those of the indices that match pattern, by id.
func (f *Fake) Documents(pattern string) map[string]json.RawMessage {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make(map[string]json.RawMessage)
	for index, docs := range f.indices {
		if ok, _ := path.Match(pattern, index); ok {
			maps.Copy(all, docs)
		}
	}
	return all
}

// Indices returns how many documents each index has.
func (f *Fake) Indices() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := make(map[string]int)
	for index, docs := range f.indices {
		n[index] = len(docs)
	}
	return n
}

// ServeHTTP takes requests to _bulk.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := read(r)
	if err != nil {
		return // whoever sent it is gone
	}
	n := int(f.requests.Add(1))
	if f.Intercept != nil && f.Intercept(w, r, body) {
		return
	}
	if f.Lose == nil || !f.Lose(n) {
		f.Answer(w, r, body)
		return
	}
	f.Answer(httptest.NewRecorder(), r, body)
	panic(http.ErrAbortHandler)
}

// Answer takes a request and answers it, whatever Intercept and Lose say.
func (f *Fake) Answer(w http.ResponseWriter, r *http.Request, body []byte) {
	docs, err := f.parse(r, body)
	if err != nil {
		f.t.Error("searchtest: not the protocol: ", err)
		http.Error(w, `{"error":{"type":"parse_exception"},"status":400}`, http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(f.write(docs))
}

func read(r *http.Request) ([]byte, error) {
	if r.Header.Get("Content-Encoding") != "gzip" {
		return io.ReadAll(r.Body)
	}
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// Parse reads the body of a request as a node does.
func Parse(body []byte) (docs []Document, err error) {
	if !bytes.HasSuffix(body, []byte("\n")) {
		return nil, fmt.Errorf("no line end at the end of %d bytes", len(body))
	}
	lines := bytes.Split(body[:len(body)-1], []byte("\n"))
	if len(lines)%2 != 0 {
		return nil, fmt.Errorf("%d lines", len(lines))
	}
	for i := 0; i < len(lines); i += 2 {
		var action map[string]struct {
			Index string `json:"_index"`
			ID    string `json:"_id"`
		}
		if err := json.Unmarshal(lines[i], &action); err != nil || len(action) != 1 {
			return nil, fmt.Errorf("line %d is no action: %w", i, err)
		}
		if source := lines[i+1]; !json.Valid(source) || source[0] != '{' {
			return nil, fmt.Errorf("line %d is no object", i+1)
		}
		for op, to := range action {
			docs = append(docs, Document{op, to.Index, to.ID, lines[i+1]})
		}
	}
	return docs, nil
}

func (f *Fake) parse(r *http.Request, body []byte) ([]Document, error) {
	switch {
	case r.Method != http.MethodPost:
		return nil, fmt.Errorf("method %s", r.Method)
	case !strings.HasSuffix(r.URL.Path, "/_bulk"):
		return nil, fmt.Errorf("path %s", r.URL.Path)
	case r.Header.Get("Content-Type") != "application/x-ndjson":
		return nil, fmt.Errorf("content type %s", r.Header.Get("Content-Type"))
	}
	return Parse(body)
}

// write writes docs and returns the answer.
func (f *Fake) write(docs []Document) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	errors := false
	items := []byte{}
	for i, d := range docs {
		if i > 0 {
			items = append(items, ',')
		}
		status, kind := f.one(d)
		errors = errors || status >= 300
		items = appendItem(items, d, status, kind)
	}
	return fmt.Appendf(nil, `{"errors":%v,"items":[%s]}`, errors, items)
}

// appendItem appends an item of an answer, as filtered.
func appendItem(dst []byte, d Document, status int, kind string) []byte {
	dst = fmt.Appendf(dst, `{"%s":{"_id":"%s","status":%d`, d.Op, d.ID, status)
	if kind != "" {
		dst = fmt.Appendf(dst, `,"error":{"type":"%s"}`, kind)
	}
	return append(dst, "}}"...)
}

func (f *Fake) one(d Document) (status int, kind string) {
	if f.Item != nil {
		if status, kind := f.Item(d); status != 0 {
			return status, kind
		}
	}
	docs := f.indices[d.Index]
	if docs == nil {
		docs = make(map[string]json.RawMessage)
		f.indices[d.Index] = docs
	}
	_, there := docs[d.ID]
	if there && d.Op == "create" {
		return http.StatusConflict, "version_conflict_engine_exception"
	}
	docs[d.ID] = bytes.Clone(d.Source)
	f.writes.Add(1)
	if there {
		return http.StatusOK, ""
	}
	return http.StatusCreated, ""
}
