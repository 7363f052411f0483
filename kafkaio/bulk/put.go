package bulk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxPutAnswer is how much is read of an answer that is not to a bulk request.
const maxPutAnswer = 64 << 10

// Put gives the cluster the template under a name, in place of one that it has by that
// name. It is to be called before the first document: an index that is there already
// stays as it is. Put asks the cluster what it is, so that OpenSearch need not be set;
// if the cluster does not say, OpenSearch decides.
//
// The nodes are tried in turn, once each. The error is a [*RequestError] of the last
// one, or about t and to. Whether to try again is up to the caller: see
// [RequestError.Passes].
func (t Template) Put(ctx context.Context, to Target, name string) error {
	if err := to.check(); err != nil {
		return err
	}
	if _, err := t.JSON(); err != nil {
		return err
	}
	client, end := to.client(1)
	defer end()
	var err error
	for _, node := range to.Nodes {
		p := putter{client, to.header(), strings.TrimRight(node, "/"), node}
		if err = p.put(ctx, t, name); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

// Passes reports whether the same request may succeed another time: there was no answer, or
// one that says so, or one that is none.
func (e *RequestError) Passes() bool {
	return e.Status == 0 || e.Status == http.StatusOK || e.Status == http.StatusRequestTimeout ||
		e.Status != http.StatusBadRequest && status{code: e.Status, kind: e.Type}.passes()
}

// A putter speaks to one node.
type putter struct {
	client *http.Client
	header http.Header
	base   string
	node   string // as the caller wrote it
}

func (p *putter) put(ctx context.Context, t Template, name string) error {
	status, body, err := p.do(ctx, http.MethodGet, "/", nil)
	if err != nil {
		return &RequestError{Node: p.node, Err: err}
	}
	var info struct {
		Version struct{ Distribution string }
	}
	if status == http.StatusOK && json.Unmarshal(body, &info) == nil { // it may be forbidden
		t.OpenSearch = t.OpenSearch || info.Version.Distribution == "opensearch"
	}
	text, err := t.JSON()
	if err != nil {
		return err
	}
	kind := "_index_template"
	if t.Component {
		kind = "_component_template"
	}
	status, body, err = p.do(ctx, http.MethodPut, "/"+kind+"/"+url.PathEscape(name), text)
	if err != nil {
		return &RequestError{Node: p.node, Err: err}
	}
	if status >= 300 {
		var a answers
		kind, _ := a.failure(body)
		return &RequestError{Node: p.node, Status: status, Type: kind}
	}
	return nil
}

func (p *putter) do(ctx context.Context, method, path string, body []byte) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, p.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("bulk: %w", bare(err))
	}
	req.Header = p.header.Clone()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Del("Content-Encoding")
	resp, err := p.client.Do(req)
	if err != nil {
		return 0, nil, bare(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxPutAnswer))
	return resp.StatusCode, answer, bare(err)
}
