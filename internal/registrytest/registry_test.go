package registrytest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/sr"
)

// TestEach: what one registry can do, the other can.
func TestEach(t *testing.T) {
	Each(t, func(t *testing.T, url string) {
		cl := Client(t, url)
		subjects, err := cl.Subjects(t.Context())
		require.NoError(t, err)
		assert.Empty(t, subjects)
		id, err := cl.RegisterSchema(t.Context(), "a-value", sr.Schema{Schema: `"long"`}, -1, -1)
		require.NoError(t, err)
		s, err := cl.SchemaByID(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, `"long"`, s.Schema)
	})
}
