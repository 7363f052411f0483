package registry

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
)

// Options are what a [Client] does otherwise than by default.
type Options struct {
	// CacheSize is how many schemas are kept, and as many of each of what goes with them:
	// plans, referenced schemas, registrations. Those used least recently go first.
	// Default 1,000.
	CacheSize int

	// RetryAfter is how long a failure to fetch an id is given again without asking, so
	// that a topic full of an unknown id does not become as many requests. Default 1 s;
	// negative: not at all. A context that ended is no failure of the registry's.
	RetryAfter time.Duration

	// Rules are what Register holds against a schema. Default [AllRules].
	Rules Rules
}

// A Client asks a schema registry, keeps what cannot change, and checks what it is to
// register. Any number of goroutines may use it. It starts none: requests are made by
// those who ask, within their contexts.
type Client struct {
	cl       *sr.Client
	context  string // of the registry
	secrets  *strings.Replacer
	rules    Rules
	schemas  *cache[uint32, *avroschema.Schema]
	plans    *cache[uint32, *avroschema.Plan]
	referred *cache[subjectVersion, answer]
	known    *cache[registration, Registered]
}

type subjectVersion struct {
	subject string
	version int
}

// A registration is a schema in a subject, with its references.
type registration struct{ subject, schema, refs string }

// New returns a client over cl, whose options say where the registry is and how to be
// let in: URLs, authentication, TLS, timeouts, retries, hooks. It fails on a nil client,
// options out of range, and URLs that are none.
//
// The registry's context is that of [sr.DefaultSchemaContext], as ids mean nothing
// outside it: [sr.InContext] and [sr.WithParams] in the contexts given to methods do
// nothing.
func New(cl *sr.Client, opts Options) (*Client, error) {
	if cl == nil {
		return nil, errors.New("registry: no sr.Client")
	}
	if opts.CacheSize < 0 {
		return nil, errors.New("registry: CacheSize is negative")
	}
	if opts.Rules > NoRules {
		return nil, errors.New("registry: unknown Rules")
	}
	for i, text := range cl.OptValue("URLs").([]string) {
		if u, err := url.Parse(text); err != nil || u.Host == "" {
			return nil, fmt.Errorf("registry: URL %d of the sr.Client is none", i+1) // which may hold a password
		}
	}
	limited, err := limit(cl)
	if err != nil {
		return nil, fmt.Errorf("registry: the sr.Client's options do not make another: %w", err)
	}
	if opts.CacheSize == 0 {
		opts.CacheSize = 1000
	}
	if opts.RetryAfter == 0 {
		opts.RetryAfter = time.Second
	}
	return &Client{
		cl:       limited,
		context:  cl.OptValue("DefaultSchemaContext").(string),
		secrets:  secretsOf(cl),
		rules:    opts.Rules,
		schemas:  newCache[uint32, *avroschema.Schema](opts.CacheSize, opts.RetryAfter),
		plans:    newCache[uint32, *avroschema.Plan](opts.CacheSize, opts.RetryAfter),
		referred: newCache[subjectVersion, answer](opts.CacheSize, 0),
		known:    newCache[registration, Registered](opts.CacheSize, 0),
	}, nil
}

// limit returns a client as cl is, that reads no answer without end.
func limit(cl *sr.Client) (*sr.Client, error) {
	hc := *cl.OptValue("HTTPClient").(*http.Client)
	if hc.Transport == nil {
		hc.Transport = http.DefaultTransport
	}
	hc.Transport = limiter{hc.Transport}
	// The transport has had its TLS configuration from cl, and takes no other.
	return sr.NewClient(append(slices.Clip(cl.Opts()), sr.HTTPClient(&hc), sr.DialTLSConfig(nil))...)
}

// An answer is what the registry says of a schema: not all of it by every request.
type answer struct {
	Schema     string               `json:"schema"`
	SchemaType string               `json:"schemaType"` // none is AVRO
	References []sr.SchemaReference `json:"references"`
	ID         uint32               `json:"id"`
	Version    int                  `json:"version"`
}

// ask makes a request, and reads its answer into into. On failure it returns e, with
// why.
func (c *Client) ask(ctx context.Context, e Error, method, path string, body, into any, params ...sr.Param) error {
	var text []byte
	if err := c.cl.Do(sr.WithParams(sr.InContext(ctx, c.context), params...), method, path, body, &text); err != nil {
		return c.failed(ctx, e, err)
	}
	if json.Unmarshal(text, into) != nil {
		e.Err = ErrResponse
		return &e
	}
	return nil
}

// subjectPath returns the path of a subject, or an error if it cannot have one.
func subjectPath(e Error) (string, error) {
	switch e.Subject {
	case "", ".", "..": // the last are places in a path
		e.Err = fmt.Errorf("%w: no name of a subject", ErrRefused)
		return "", &e
	}
	return "/subjects/" + url.PathEscape(e.Subject), nil
}

func basic(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}
