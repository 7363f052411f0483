package registry

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/internal/registrytest"
)

// recordJSON is the schema of a record R with fields of the form "name type", where a
// type with a ? is nullable, with the default null.
func recordJSON(fields ...string) string {
	var all []string
	for _, f := range fields {
		name, typ, _ := strings.Cut(f, " ")
		if typ, nullable := strings.CutSuffix(typ, "?"); nullable {
			all = append(all, fmt.Sprintf(`{"name":%q,"type":["null",%q],"default":null}`, name, typ))
			continue
		}
		all = append(all, fmt.Sprintf(`{"name":%q,"type":%q}`, name, typ))
	}
	return `{"type":"record","name":"R","namespace":"a.b","fields":[` + strings.Join(all, ",") + `]}`
}

func record(t testing.TB, fields ...string) *avroschema.Schema {
	t.Helper()
	s, err := avroschema.Parse(recordJSON(fields...))
	require.NoError(t, err)
	return s
}

func client(t testing.TB, url string, opts Options, more ...sr.ClientOpt) *Client {
	t.Helper()
	c, err := New(registrytest.Client(t, url, more...), opts)
	require.NoError(t, err)
	return c
}

// A trace is the requests that a fake has had.
type trace struct {
	mu   sync.Mutex
	seen []string
}

func traced(r *srfake.Registry) *trace {
	tr := &trace{}
	r.Intercept(func(_ http.ResponseWriter, req *http.Request) bool {
		tr.mu.Lock()
		defer tr.mu.Unlock()
		tr.seen = append(tr.seen, req.Method+" "+req.URL.RequestURI())
		return false
	})
	return tr
}

// take returns the requests since the last call.
func (tr *trace) take() []string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	seen := tr.seen
	tr.seen = nil
	return seen
}

func TestNewRefuses(t *testing.T) {
	cl := registrytest.Client(t, "http://127.0.0.1:1")
	for name, test := range map[string]struct {
		cl   *sr.Client
		opts Options
	}{
		"nil":   {nil, Options{}},
		"size":  {cl, Options{CacheSize: -1}},
		"rules": {cl, Options{Rules: NoRules + 1}},
		"URL":   {registrytest.Client(t, "http://user:pa%zzss@127.0.0.1:1"), Options{}},
		"host":  {registrytest.Client(t, "http://"), Options{}},
	} {
		_, err := New(test.cl, test.opts)
		require.Error(t, err, name)
		assert.NotContains(t, err.Error(), "ss@", name)
	}
}

// TestClientOptions: the caller's ways to be let in are kept.
func TestClientOptions(t *testing.T) {
	for name, test := range map[string]struct {
		want string // in the header Authorization
		opts []sr.ClientOpt
	}{
		"basic":  {"Basic dXNlcjpwYXNz", []sr.ClientOpt{sr.BasicAuth("user", "pass")}},
		"bearer": {"Bearer token", []sr.ClientOpt{sr.BearerToken("token")}},
		"hook": {"Own", []sr.ClientOpt{sr.PreReq(func(r *http.Request) error {
			r.Header.Set("Authorization", "Own")
			return nil
		})}},
	} {
		t.Run(name, func(t *testing.T) {
			r := registrytest.Fake(t, srfake.WithAuth(test.want))
			r.SeedSchema("s", 1, 1, sr.Schema{Schema: `"long"`})
			_, err := client(t, r.URL(), Options{}).ByID(t.Context(), 1)
			require.ErrorIs(t, err, ErrUnauthorized)
			s, err := client(t, r.URL(), Options{}, test.opts...).ByID(t.Context(), 1)
			require.NoError(t, err)
			assert.Equal(t, "long", s.Name())
		})
	}
}

func TestClientTLS(t *testing.T) {
	r := srfake.NewRegistry()
	r.SeedSchema("s", 1, 1, sr.Schema{Schema: `"long"`})
	srv := httptest.NewUnstartedServer(r.Handler())
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	t.Cleanup(srv.Close)
	pool := x509.NewCertPool()
	pool.AddCert(srv.Certificate())

	_, err := client(t, srv.URL, Options{}, sr.DialTLSConfig(&tls.Config{RootCAs: x509.NewCertPool()})).ByID(t.Context(), 1)
	require.ErrorIs(t, err, ErrUnavailable)
	var unknown x509.UnknownAuthorityError
	require.ErrorAs(t, err, &unknown)

	for name, opts := range map[string][]sr.ClientOpt{
		"config":      {sr.DialTLSConfig(&tls.Config{RootCAs: pool})},
		"own client":  {sr.HTTPClient(srv.Client())},
		"both":        {sr.HTTPClient(&http.Client{}), sr.DialTLSConfig(&tls.Config{RootCAs: pool})},
		"and the URL": {sr.URLs("http://127.0.0.1:1", srv.URL), sr.HTTPClient(srv.Client())}, // the first is down
	} {
		s, err := client(t, srv.URL, Options{}, opts...).ByID(t.Context(), 1)
		require.NoError(t, err, name)
		assert.Equal(t, "long", s.Name(), name)
	}
}

// TestOneContext: an id means something in one of the registry's contexts only, so that
// a cache must not see two.
func TestOneContext(t *testing.T) {
	var seen []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.URL.RequestURI())
		fmt.Fprint(w, `{"schema":"\"long\"","id":1}`)
	}))
	t.Cleanup(srv.Close)
	ctx := sr.WithParams(sr.InContext(context.Background(), "other"), sr.RawParams(url.Values{"x": {"y"}}))

	_, err := client(t, srv.URL, Options{}).ByID(ctx, 1)
	require.NoError(t, err)
	_, err = client(t, srv.URL, Options{}, sr.DefaultSchemaContext(".mine"), sr.DefaultParams(sr.Normalize)).Lookup(ctx, "s", record(t))
	require.NoError(t, err)
	assert.Equal(t, []string{"/schemas/ids/1", "/contexts/.mine/subjects/s?normalize=true"}, seen)
}
