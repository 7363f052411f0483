package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/searchtest"
)

func TestMain(m *testing.M) { os.Exit(searchtest.Main(m.Run)) }

func summed(t *testing.T, args ...string) (s summary) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), args, &out), out.String())
	require.NoError(t, json.Unmarshal(out.Bytes(), &s))
	return s
}

func TestAlone(t *testing.T) {
	for _, args := range [][]string{{"-n", "5000"}, {"-n", "3000", "-ecs", "-gzip"}, {"-n", "1", "-stream"}} {
		s := summed(t, args...)
		assert.Equal(t, s.Read, s.Indexed, "%v", args)
		assert.Equal(t, s.Read, s.Documents)
		assert.Zero(t, s.DeadLettered)
	}
	assert.Error(t, run(context.Background(), []string{"-elastic", "es:9200", "-n", "1"}, &bytes.Buffer{}))
	assert.EqualError(t, run(context.Background(), []string{"x"}, &bytes.Buffer{}), `unexpected argument "x"`)
	assert.EqualError(t, run(context.Background(), []string{"-tls"}, &bytes.Buffer{}), "-tls and -sasl need -brokers")
	assert.ErrorContains(t, run(context.Background(), []string{"-brokers", "127.0.0.1:1"}, &bytes.Buffer{}), "-brokers 127.0.0.1:1: none answers: unable to dial")
}

func TestTemplate(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(context.Background(), []string{"-template", "-ecs", "-stream"}, &out))
	assert.True(t, json.Valid(out.Bytes()))
	assert.Contains(t, out.String(), "http.request.method")
	assert.Contains(t, out.String(), "flattened")
}

// TestReal: job 1's records of a real log fit the template that is printed, all of
// them, under both kinds of names.
func TestReal(t *testing.T) {
	searchtest.Each(t, func(t *testing.T, o *searchtest.Node) {
		for index, c := range map[string]struct {
			flags []string
			query string
		}{
			"plain":  {nil, `{"exists":{"field":"ua"}}`},
			"ecs":    {[]string{"-ecs"}, `{"exists":{"field":"user_agent.original"}}`},
			"stream": {[]string{"-ecs", "-stream"}, `{"range":{"http.response.status_code":{"gte":200}}}`},
		} {
			if index == "stream" && o.Name == "Elasticsearch" {
				continue // the one of Maven has no data streams
			}
			flags := append(c.flags, "-index", index)
			if o.Name == "OpenSearch" {
				flags = append(flags, "-opensearch")
			}
			var template bytes.Buffer
			require.NoError(t, run(context.Background(), append(flags, "-template"), &template))
			o.Must(nil, "PUT", "/_index_template/"+index, template.String())
			s := summed(t, append(flags, "-elastic", o.URL, "-n", "6000")...)
			assert.Equal(t, 6000, s.Indexed, index)
			assert.Equal(t, 6000, o.Count(index+"*"))
			var answer struct {
				Hits struct{ Total struct{ Value int } }
			}
			o.Must(&answer, "POST", "/"+index+"*/_search?size=0", `{"query":`+c.query+`}`)
			assert.Positive(t, answer.Hits.Total.Value, index)
		}
	})
}
