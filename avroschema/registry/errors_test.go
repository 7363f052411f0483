package registry

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/sr"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
)

// calls are all that ask.
func calls(t *testing.T, c *Client) map[string]func() error {
	s := record(t, "a long")
	return map[string]func() error{
		"ByID":      func() error { _, err := c.ByID(t.Context(), 1); return err },
		"Plan":      func() error { _, err := c.Plan(t.Context(), 2); return err },
		"BySubject": func() error { _, err := c.BySubject(t.Context(), "s", Latest); return err },
		"Lookup":    func() error { _, err := c.Lookup(t.Context(), "s", s); return err },
		"Register":  func() error { _, err := c.Register(t.Context(), "s", s); return err },
		"Check":     func() error { _, err := c.Check(t.Context(), "s", s); return err },
	}
}

// TestFaults: whatever a registry, or what stands before it, answers.
func TestFaults(t *testing.T) {
	code := func(status, code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"error_code":%d,"message":"words"}`, code)
		}
	}
	text := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	for name, test := range map[string]struct {
		handler      http.HandlerFunc
		want         error
		status, code int
	}{
		"no subject":     {code(404, 40401), ErrNotFound, 404, 40401},
		"no version":     {code(404, 40402), ErrNotFound, 404, 40402},
		"no schema":      {code(404, 40403), ErrNotFound, 404, 40403},
		"no path":        {text(404, "<html>not found</html>"), ErrNotFound, 404, 0},
		"incompatible":   {code(409, 409), ErrIncompatible, 409, 409},
		"invalid schema": {code(422, 42201), ErrRefused, 422, 42201},
		"read-only":      {code(422, 42205), ErrRefused, 422, 42205},
		"bad request":    {text(400, ""), ErrRefused, 400, 0},
		"unauthorized":   {code(401, 40101), ErrUnauthorized, 401, 40101},
		"forbidden":      {text(403, `{"message":"of a proxy"}`), ErrUnauthorized, 403, 0},
		"broken":         {code(500, 50001), ErrUnavailable, 500, 50001},
		"gateway":        {text(502, "<html>"), ErrUnavailable, 502, 0},
		"throttled":      {text(429, ""), ErrUnavailable, 429, 0},
		"redirect":       {text(304, ""), ErrResponse, 304, 0},
		"nothing":        {text(200, ""), ErrResponse, 0, 0},
		"garbage":        {text(200, "<html>hello</html>"), ErrResponse, 0, 0},
		"null":           {text(200, "null"), ErrResponse, 0, 0},
		"other JSON":     {text(200, `{"schema":5,"id":"x","compatibilityLevel":[]}`), ErrResponse, 0, 0},
		"bad id":         {text(200, `{"id":-1}`), ErrResponse, 0, 0},
		"cut": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			fmt.Fprint(w, "{")
		}, ErrUnavailable, 0, 0},
		"closed":        {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, ErrUnavailable, 0, 0},
		"slow":          {func(_ http.ResponseWriter, r *http.Request) { _, _ = io.ReadAll(r.Body); <-r.Context().Done() }, ErrUnavailable, 0, 0},
		"endless":       {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, endless{}) }, ErrLimit, 0, 0},
		"endless error": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500); _, _ = io.Copy(w, endless{}) }, ErrLimit, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(test.handler)
			t.Cleanup(srv.Close)
			timeout := time.Minute
			if name == "slow" {
				timeout = 50 * time.Millisecond
			}
			c := client(t, srv.URL, Options{}, sr.HTTPClient(&http.Client{Timeout: timeout}))
			for call, ask := range calls(t, c) {
				err := ask()
				if !assert.ErrorIs(t, err, test.want, call) {
					continue
				}
				e, ok := errors.AsType[*Error](err)
				require.True(t, ok)
				assert.Equal(t, test.status, e.Status, call)
				assert.Equal(t, test.code, e.Code, call)
				assert.Equal(t, test.code != 0, e.Message != "", call) // none but the registry's own
				assert.NotContains(t, err.Error(), "html", call)
				assert.NotContains(t, err.Error(), srv.URL, call)
			}
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestLongestAnswer(t *testing.T) {
	for extra, want := range map[int]error{0: nil, 1: ErrLimit} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			text := `{"schema":"\"long\""}`
			fmt.Fprint(w, text, strings.Repeat(" ", MaxAnswerBytes-len(text)+extra))
		}))
		_, err := client(t, srv.URL, Options{}).ByID(t.Context(), 1)
		assert.ErrorIs(t, err, want)
		srv.Close()
	}
}

// TestNoSecrets: nothing that lets one in comes out in an error, however it is walked.
func TestNoSecrets(t *testing.T) {
	const secret = "hunter2"
	echo := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"error_code":%d,"message":%q}`, status*100, "you sent "+r.Header.Get("Authorization")+" for "+secret+" at "+r.URL.String())
		}
	}
	for name, handler := range map[string]http.HandlerFunc{
		"echo":    echo(401),
		"echo 5":  echo(500),
		"text":    func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(403); fmt.Fprint(w, r.Header, secret) },
		"garbage": func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Header, secret) },
		"closed":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"away": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://"+secret+"@127.0.0.1:1/", http.StatusFound)
		},
	} {
		srv := httptest.NewServer(handler)
		host := strings.TrimPrefix(srv.URL, "http://")
		for how, opts := range map[string][]sr.ClientOpt{
			"basic":  {sr.BasicAuth("user", secret)},
			"bearer": {sr.BearerToken(secret)},
			"URL":    {sr.URLs("http://user:" + secret + "@" + host)},
		} {
			for call, ask := range calls(t, client(t, srv.URL, Options{}, opts...)) {
				for err := ask(); err != nil; {
					says := fmt.Sprintf("%v %+v %#v", err, err, err)
					assert.NotContains(t, says, secret, "%s %s %s", name, how, call)
					assert.NotContains(t, says, basic("user", secret), "%s %s %s", name, how, call)
					if many, ok := err.(interface{ Unwrap() []error }); ok {
						err = many.Unwrap()[1]
						continue
					}
					err = errors.Unwrap(err)
				}
			}
		}
		srv.Close()
	}
}

// TestRedirect: a registry that sends its clients to another host does not send what
// lets them in along.
func TestRedirect(t *testing.T) {
	var asked atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		assert.Empty(t, r.Header.Get("Authorization"))
		http.Error(w, `{"error_code":40101,"message":"who are you?"}`, http.StatusUnauthorized)
	}))
	defer other.Close()
	elsewhere := strings.Replace(other.URL, "127.0.0.1", "localhost", 1) // the same address, and another host
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.NotEmpty(t, r.Header.Get("Authorization"))
		http.Redirect(w, r, elsewhere+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	defer srv.Close()
	for how, opt := range map[string]sr.ClientOpt{"basic": sr.BasicAuth("user", "secret"), "bearer": sr.BearerToken("secret")} {
		for call, ask := range calls(t, client(t, srv.URL, Options{}, opt)) {
			assert.ErrorIs(t, ask(), ErrUnauthorized, "%s %s", how, call)
		}
	}
	assert.Positive(t, asked.Load())
}

// TestHookFails: a hook's own error is found.
func TestHookFails(t *testing.T) {
	expired := errors.New("token expired")
	c := client(t, "http://127.0.0.1:1", Options{}, sr.PreReq(func(*http.Request) error { return expired }))
	for call, ask := range calls(t, c) {
		err := ask()
		assert.ErrorIs(t, err, expired, call)
		assert.ErrorIs(t, err, ErrUnavailable, call)
	}
}

func TestErrorTexts(t *testing.T) {
	long := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(422)
		fmt.Fprintf(w, `{"error_code":42201,"message":"%s"}`, "line\\n"+strings.Repeat("ü", 300))
	}))
	t.Cleanup(long.Close)
	_, err := client(t, long.URL, Options{}).BySubject(t.Context(), "s\n", 2)
	e, ok := errors.AsType[*Error](err)
	require.True(t, ok)
	assert.Equal(t, "line\n"+strings.Repeat("ü", 97), e.Message)
	assert.Equal(t, `registry: fetch "s\n" version 2: refused (HTTP 422, code 42201): "line\n`+strings.Repeat("ü", 97)+`"`, err.Error())
	_, err = client(t, long.URL, Options{}).ByID(t.Context(), 0)
	assert.EqualError(t, err, "registry: fetch: not found: ids go from 1 to 2147483647")

	bad := refs(t, map[string]answer{"1": {Schema: `{"type":"record","name":"R","fields":[{"name":"a","type":"Other"}]}`}})
	_, err = bad.ByID(t.Context(), 1)
	assert.EqualError(t, err, "registry: fetch id 1: not an Avro schema of use here: avroschema: a: unknown or malformed type")
	var place *avroschema.SchemaError
	require.ErrorAs(t, err, &place)
	assert.Equal(t, "a", place.Path)
}
