package bulk_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/searchtest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/bulk"
)

// A templates is a node that takes templates, as far as they go.
type templates struct {
	info   string
	status int // of puts
	got    map[string]string
	auth   []string
}

func (s *templates) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.auth = append(s.auth, r.Header.Get("Authorization"))
	body, _ := io.ReadAll(r.Body)
	switch {
	case r.Method == "GET" && r.URL.Path == "/" && s.info == "":
		http.Error(w, "{}", http.StatusForbidden)
	case r.Method == "GET" && r.URL.Path == "/":
		_, _ = io.WriteString(w, s.info)
	case r.Method == "PUT" && r.Header.Get("Content-Type") == "application/json" && s.status == 0:
		s.got[r.URL.Path] = string(body)
	default:
		w.WriteHeader(s.status)
		_, _ = io.WriteString(w, `{"error":{"type":"illegal_argument_exception","reason":"quotes what it likes"}}`)
	}
}

func TestPut(t *testing.T) {
	for _, tt := range []struct {
		info, rest string
		set        bool
	}{
		{`{"version":{"number":"2.19.1","distribution":"opensearch"}}`, "flat_object", false},
		{`{"version":{"number":"8.15.0"}}`, "flattened", false},
		{"", "flattened", false},
		{"", "flat_object", true},
	} {
		node := &templates{info: tt.info, got: map[string]string{}}
		srv := httptest.NewServer(node)
		to := bulk.Target{Nodes: []string{"http://127.0.0.1:1", srv.URL + "/"}, Auth: bulk.Basic("u", "p"), Gzip: true}
		require.NoError(t, bulk.Template{Patterns: []string{"access-*"}, OpenSearch: tt.set}.Put(t.Context(), to, "access"))
		srv.Close()
		text := node.got["/_index_template/access"]
		assert.True(t, json.Valid([]byte(text)))
		assert.Contains(t, text, tt.rest)
		assert.Equal(t, []string{"Basic dTpw", "Basic dTpw"}, node.auth)
	}
}

func TestPutFails(t *testing.T) {
	for status, passes := range map[int]bool{400: false, 403: false, 429: true, 503: true} {
		srv := httptest.NewServer(&templates{info: "{}", status: status})
		err := bulk.Template{Patterns: []string{"a*"}}.Put(t.Context(), bulk.Target{Nodes: []string{srv.URL}}, "a")
		srv.Close()
		var failed *bulk.RequestError
		require.ErrorAs(t, err, &failed)
		assert.Equal(t, status, failed.Status)
		assert.Equal(t, "illegal_argument_exception", failed.Type)
		assert.Equal(t, passes, failed.Passes())
		assert.NotContains(t, err.Error(), "quotes")
	}
	var failed *bulk.RequestError
	require.ErrorAs(t, bulk.Template{Patterns: []string{"a*"}}.Put(t.Context(), bulk.Target{Nodes: []string{"http://127.0.0.1:1"}}, "a"), &failed)
	assert.True(t, failed.Passes())
	assert.Error(t, bulk.Template{}.Put(t.Context(), bulk.Target{Nodes: []string{"http://127.0.0.1:1"}}, "a"), "no patterns")
	assert.Error(t, bulk.Template{Patterns: []string{"a*"}}.Put(t.Context(), bulk.Target{}, "a"), "no nodes")
}

func TestPutReal(t *testing.T) { searchtest.Each(t, testPutReal) }

func testPutReal(t *testing.T, o *searchtest.Node) {
	require.NoError(t, bulk.Template{Patterns: []string{"access-*"}}.Put(t.Context(), bulk.Target{Nodes: []string{o.URL}}, "access"))
	var answer struct {
		Templates []struct{ Name string } `json:"index_templates"`
	}
	o.Must(&answer, "GET", "/_index_template/access", "")
	require.Len(t, answer.Templates, 1)
	_, text := o.Do("GET", "/_index_template/access", "")
	assert.Contains(t, string(text), o.Flattened)
}
