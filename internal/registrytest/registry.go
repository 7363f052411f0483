// Package registrytest starts schema registries for tests: franz-go's fake in the test's
// own process, which speaks the real protocol and calls everything compatible, and
// Apicurio Registry, which has Confluent's API, where Java and Maven are.
package registrytest

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/ltsvpipe/ltsvpipe/internal/realtest"
)

// Each runs test against a fake registry and, if LTSVPIPE_REAL is 1, against a real one,
// both empty. It gives the URL of their API. With no real one to be had, the test fails.
func Each(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("srfake", func(t *testing.T) { test(t, Fake(t).URL()) })
	t.Run("Apicurio", func(t *testing.T) {
		realtest.Need(t, "a real registry")
		test(t, Start(t))
	})
}

// Fake starts a fake that ends with the test.
func Fake(t testing.TB, opts ...srfake.Option) *srfake.Registry {
	r := srfake.New(opts...)
	t.Cleanup(r.Close)
	return r
}

// Client returns franz-go's client of a registry.
func Client(t testing.TB, url string, opts ...sr.ClientOpt) *sr.Client {
	t.Helper()
	cl, err := sr.NewClient(append([]sr.ClientOpt{sr.URLs(url)}, opts...)...)
	require.NoError(t, err)
	return cl
}
