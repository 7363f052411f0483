package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/sr"

	"github.com/ltsvpipe/ltsvpipe/avroschema"
	"github.com/ltsvpipe/ltsvpipe/internal/registrytest"
)

func TestByID(t *testing.T) {
	r := registrytest.Fake(t)
	r.SeedSchema("s-value", 1, 5, sr.Schema{Schema: recordJSON("a long")})
	tr := traced(r)
	c := client(t, r.URL(), Options{})

	s, err := c.ByID(t.Context(), 5)
	require.NoError(t, err)
	assert.Equal(t, record(t, "a long").JSON(), s.JSON())
	again, err := c.ByID(t.Context(), 5)
	require.NoError(t, err)
	assert.Same(t, s, again)
	plan, err := c.Plan(t.Context(), 5)
	require.NoError(t, err)
	assert.Same(t, s, plan.Schema())
	r5, err := c.BySubject(t.Context(), "s-value", 1)
	require.NoError(t, err)
	assert.Equal(t, Registered{s, 5, "s-value", 1}, r5)
	assert.Same(t, s, r5.Schema)
	assert.Equal(t, []string{"GET /schemas/ids/5", "GET /subjects/s-value/versions/1"}, tr.take())

	for _, id := range []uint32{0, math.MaxInt32 + 1, math.MaxUint32} {
		_, err = c.ByID(t.Context(), id)
		require.ErrorIs(t, err, ErrNotFound)
	}
	for range 3 {
		_, err = c.Plan(t.Context(), 6)
		require.ErrorIs(t, err, ErrNotFound)
	}
	assert.Equal(t, []string{"GET /schemas/ids/6"}, tr.take())
	e, ok := errors.AsType[*Error](err)
	require.True(t, ok)
	assert.Equal(t, Error{Op: "fetch", ID: 6, Status: 404, Code: 40403, Message: "schema not found", Err: ErrNotFound}, *e)
	assert.EqualError(t, err, `registry: fetch id 6: not found (HTTP 404, code 40403): "schema not found"`)
}

func TestPlanOfNoRecord(t *testing.T) {
	r := registrytest.Fake(t)
	r.SeedSchema("s", 1, 1, sr.Schema{Schema: `"long"`})
	_, err := client(t, r.URL(), Options{}).Plan(t.Context(), 1)
	require.ErrorIs(t, err, ErrSchema)
	require.ErrorIs(t, err, avroschema.ErrUnsupported)
}

func TestByIDAllocatesNothing(t *testing.T) {
	r := registrytest.Fake(t)
	r.SeedSchema("s-value", 1, 5, sr.Schema{Schema: recordJSON("a long")})
	c := client(t, r.URL(), Options{})
	ctx := t.Context()
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		if _, err := c.ByID(ctx, 5); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Plan(ctx, 5); err != nil {
			t.Fatal(err)
		}
	}))
}

// TestByIDAsksOnce: many that want several ids at once make one request for each.
func TestByIDAsksOnce(t *testing.T) {
	var requests atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		time.Sleep(20 * time.Millisecond)
		types := map[string]string{"/schemas/ids/1": `"long"`, "/schemas/ids/2": `"string"`}
		_ = json.NewEncoder(w).Encode(map[string]string{"schema": types[r.URL.Path]})
	}))
	t.Cleanup(srv.Close)
	c := client(t, srv.URL, Options{})
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			want := []string{"long", "string"}[i%2]
			s, err := c.ByID(t.Context(), uint32(i%2)+1)
			if assert.NoError(t, err) {
				assert.Equal(t, want, s.Name())
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 2, requests.Load())
}

func TestBySubject(t *testing.T) {
	r := registrytest.Fake(t)
	const subject = "a/b c%ü-value" // any text
	r.SeedSchema(subject, 1, 1, sr.Schema{Schema: recordJSON("a long")})
	r.SeedSchema(subject, 2, 2, sr.Schema{Schema: recordJSON("a long", "b long?")})
	c := client(t, r.URL(), Options{})
	for version, want := range map[int]Registered{
		1:      {record(t, "a long"), 1, subject, 1},
		2:      {record(t, "a long", "b long?"), 2, subject, 2},
		Latest: {record(t, "a long", "b long?"), 2, subject, 2},
	} {
		got, err := c.BySubject(t.Context(), subject, version)
		require.NoError(t, err)
		assert.Equal(t, want.Schema.JSON(), got.Schema.JSON())
		want.Schema = got.Schema
		assert.Equal(t, want, got)
	}
	for _, version := range []int{0, -2, 3} {
		_, err := c.BySubject(t.Context(), subject, version)
		require.ErrorIs(t, err, ErrNotFound)
	}
	_, err := c.BySubject(t.Context(), "other", Latest)
	require.ErrorIs(t, err, ErrNotFound)
	for _, none := range []string{"", ".", ".."} {
		_, err := c.BySubject(t.Context(), none, Latest)
		require.ErrorIs(t, err, ErrRefused)
	}
}

// TestBySubjectAfterAFailure: a replica may not know an id yet that another gave out.
func TestBySubjectAfterAFailure(t *testing.T) {
	r := registrytest.Fake(t)
	c := client(t, r.URL(), Options{RetryAfter: time.Hour})
	_, err := c.ByID(t.Context(), 1)
	require.ErrorIs(t, err, ErrNotFound)
	r.SeedSchema("s", 1, 1, sr.Schema{Schema: `"long"`})
	got, err := c.BySubject(t.Context(), "s", Latest)
	require.NoError(t, err)
	again, err := c.ByID(t.Context(), 1)
	require.NoError(t, err)
	assert.Same(t, got.Schema, again)
}

func ref(name, subject string) sr.SchemaReference {
	return sr.SchemaReference{Name: name, Subject: subject, Version: 1}
}

// TestReferences: two that refer to a third, which the first uses too without naming it
// as its own reference. One of the two does not use it itself.
func TestReferences(t *testing.T) {
	r := registrytest.Fake(t)
	r.SeedSchema("ip", 1, 1, sr.Schema{Schema: `{"type":"fixed","name":"IP","size":4}`})
	r.SeedSchema("port", 1, 5, sr.Schema{Schema: `{"type":"fixed","name":"Port","size":2}`})
	r.SeedSchema("client", 1, 2, sr.Schema{
		Schema:     `{"type":"record","name":"Client","fields":[{"name":"ip","type":"IP"}]}`,
		References: []sr.SchemaReference{ref("IP", "ip")},
	})
	r.SeedSchema("server", 1, 3, sr.Schema{
		Schema:     `{"type":"record","name":"Server","fields":[{"name":"ip","type":"IP"}]}`,
		References: []sr.SchemaReference{ref("IP", "ip"), ref("Port", "port")},
	})
	r.SeedSchema("log", 1, 4, sr.Schema{
		Schema:     `{"type":"record","name":"Log","fields":[{"name":"c","type":"Client"},{"name":"s","type":"Server"},{"name":"p","type":"Port"}]}`,
		References: []sr.SchemaReference{ref("Client", "client"), ref("Server", "server")},
	})
	tr := traced(r)
	c := client(t, r.URL(), Options{})
	s, err := c.ByID(t.Context(), 4)
	require.NoError(t, err)
	whole, err := avroschema.Parse(s.JSON())
	require.NoError(t, err)
	assert.Equal(t, `{"name":"Log","type":"record","fields":[`+
		`{"name":"c","type":{"name":"Client","type":"record","fields":[{"name":"ip","type":{"name":"IP","type":"fixed","size":4}}]}},`+
		`{"name":"s","type":{"name":"Server","type":"record","fields":[{"name":"ip","type":"IP"}]}},`+
		`{"name":"p","type":{"name":"Port","type":"fixed","size":2}}]}`, whole.Canonical())
	assert.Equal(t, []string{
		"GET /schemas/ids/4", "GET /subjects/client/versions/1", "GET /subjects/ip/versions/1", "GET /subjects/server/versions/1",
		"GET /subjects/port/versions/1",
	}, tr.take())
	_, err = c.ByID(t.Context(), 2) // whose reference is known
	require.NoError(t, err)
	assert.Equal(t, []string{"GET /schemas/ids/2"}, tr.take())
}

// refs serves schemas whose references are what the test says, which no registry would
// take.
func refs(t *testing.T, of map[string]answer) *Client {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
		a, ok := of[name[1]]
		if name[0] == "schemas" {
			a, ok = of[name[2]]
		}
		if !ok {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"error_code":40401,"message":"no subject"}`)
			return
		}
		a.ID = 1
		_ = json.NewEncoder(w).Encode(a)
	}))
	t.Cleanup(srv.Close)
	return client(t, srv.URL, Options{})
}

func TestReferencesThatDoNotWork(t *testing.T) {
	deep, many := map[string]answer{}, map[string]answer{}
	for i := range MaxDepth + 2 {
		deep[fmt.Sprint(i)] = answer{Schema: `"long"`, References: []sr.SchemaReference{ref("x", fmt.Sprint(i+1))}}
	}
	deep[fmt.Sprint(MaxDepth+2)] = answer{Schema: `"long"`}
	var all []sr.SchemaReference
	for i := range MaxReferences + 1 {
		many[fmt.Sprint("r", i)] = answer{Schema: `"long"`}
		all = append(all, ref("x", fmt.Sprint("r", i)))
	}
	many["0"] = answer{Schema: `"long"`, References: all}
	many["1"] = answer{Schema: `"long"`, References: all[:MaxReferences]}
	one := func(text string, r ...sr.SchemaReference) map[string]answer {
		return map[string]answer{"0": {Schema: text, References: r}, "b": {Schema: `"long"`, SchemaType: "JSON"}}
	}
	for name, test := range map[string]struct {
		of      map[string]answer
		want    error
		subject string
	}{
		"itself":  {map[string]answer{"0": {Schema: `"long"`, References: []sr.SchemaReference{ref("x", "0")}}}, ErrReferences, "0"},
		"circle":  {map[string]answer{"0": {Schema: `"long"`, References: []sr.SchemaReference{ref("x", "b")}}, "b": {Schema: `"long"`, References: []sr.SchemaReference{ref("x", "c")}}, "c": {Schema: `"long"`, References: []sr.SchemaReference{ref("x", "b")}}}, ErrReferences, "b"},
		"deep":    {deep, ErrLimit, fmt.Sprint(MaxDepth + 1)},
		"many":    {many, ErrLimit, fmt.Sprint("r", MaxReferences)},
		"missing": {one(`"long"`, ref("x", "nobody")), ErrNotFound, "nobody"},
		"latest":  {one(`"long"`, sr.SchemaReference{Name: "x", Subject: "b", Version: -1}), ErrResponse, "b"},
		"JSON":    {one(`"long"`, ref("x", "b")), ErrSchema, "b"},
		"unknown": {one(`"Other"`), avroschema.ErrType, ""},
		"none":    {one(``), ErrResponse, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := refs(t, test.of)
			_, err := c.BySubject(t.Context(), "0", 1)
			require.ErrorIs(t, err, test.want)
			e, ok := errors.AsType[*Error](err)
			require.True(t, ok)
			if test.subject != "" {
				assert.Equal(t, test.subject, e.Subject)
				assert.Equal(t, "fetch reference", e.Op)
			}
		})
	}
	_, err := refs(t, many).BySubject(t.Context(), "1", 1)
	assert.NoError(t, err, "as many as may be")
	delete(deep, "0")
	deep["1"] = answer{Schema: `"long"`}
	_, err = refs(t, deep).BySubject(t.Context(), "2", 1)
	assert.NoError(t, err, "as deep as may be")
}

// TestCirclesAtOnce: walks that start at different places of a circle do not wait for
// each other for ever.
func TestCirclesAtOnce(t *testing.T) {
	c := refs(t, map[string]answer{
		"1": {Schema: `"long"`, References: []sr.SchemaReference{ref("x", "b")}},
		"2": {Schema: `"long"`, References: []sr.SchemaReference{ref("x", "a")}},
		"a": {Schema: `"long"`, References: []sr.SchemaReference{ref("x", "b")}},
		"b": {Schema: `"long"`, References: []sr.SchemaReference{ref("x", "a")}},
	})
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			_, err := c.ByID(t.Context(), uint32(i%2)+1)
			assert.ErrorIs(t, err, ErrReferences)
		})
	}
	all.Wait()
}

// TestFailuresPass: what fails now may do in a second.
func TestFailuresPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		up := false
		c := client(t, "http://registry", Options{}, sr.HTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if !up {
				return nil, errors.New("down")
			}
			w := httptest.NewRecorder()
			fmt.Fprint(w, `{"schema":"\"long\""}`)
			return w.Result(), nil
		})}))
		_, err := c.ByID(t.Context(), 1)
		require.ErrorIs(t, err, ErrUnavailable)
		up = true
		_, err = c.ByID(t.Context(), 1)
		require.ErrorIs(t, err, ErrUnavailable)
		time.Sleep(time.Second)
		_, err = c.ByID(t.Context(), 1)
		require.NoError(t, err)
		up = false
		_, err = c.ByID(t.Context(), 1)
		require.NoError(t, err)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestContextEnds: who asks waits no longer than its context lasts, and that is not held
// against the registry.
func TestContextEnds(t *testing.T) {
	hang := make(chan struct{})
	slow := atomic.Bool{}
	slow.Store(true)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slow.Load() {
			select {
			case <-hang:
			case <-r.Context().Done():
			}
		}
		fmt.Fprint(w, `{"schema":"\"long\""}`)
	}))
	t.Cleanup(srv.Close)
	t.Cleanup(func() { close(hang) })
	c := client(t, srv.URL, Options{RetryAfter: time.Hour})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	for range 2 { // one asks, then one has no time from the start
		_, err := c.ByID(ctx, 1)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, ErrUnavailable)
		assert.EqualError(t, err, "registry: fetch id 1: context deadline exceeded")
	}
	slow.Store(false)
	_, err := c.ByID(t.Context(), 1)
	require.NoError(t, err)
}
