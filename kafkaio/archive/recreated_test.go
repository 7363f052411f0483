package archive_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

// land runs a until all of "in" has landed.
func land(t *testing.T, k *kafkatest.Kafka, a *archive.Archive, opts ...kgo.Opt) {
	t.Helper()
	cl := member(k, opts...)
	j := start(t, a, cl)
	k.AwaitCommitted(t, "g", "in")
	require.NoError(t, j.Stop())
	cl.CloseAllowingRebalance()
}

// again deletes "in" and makes it again, with n records.
func again(k *kafkatest.Kafka, n int) {
	k.Delete("in")
	k.Topic("in", 1)
	k.Produce(records(0, 0, n, n)...)
}

// TestRecreated: a topic that was made again is not taken for the old one,
// whether it has fewer records or more, until what landed is out of the way.
func TestRecreated(t *testing.T) {
	alongside(t)
	kafkatest.Each(t, 1, func(t *testing.T, k *kafkatest.Kafka) {
		k.Topic("in", 1)
		k.Produce(records(0, 0, 100, 100)...)
		root := t.TempDir()
		land(t, k, plain(root))
		requireOnce(t, root, "ndjson", k.Read("in"))
		files := landed(t, root)
		for _, n := range []int{50, 200} {
			again(k, n)
			cl := member(k)
			for range 2 { // and again
				err := start(t, plain(root), cl).Wait()
				require.ErrorIs(t, err, archive.ErrRecreated)
				assert.Equal(t, "topic in partition 0: archive: the topic was deleted and made again", err.Error())
			}
			cl.CloseAllowingRebalance()
			assert.Equal(t, files, landed(t, root), "nothing of it has landed")
			assert.Zero(t, k.Committed("g", "in")[0], "the group is not told of the old one's offsets")
		}
		require.NoError(t, os.RemoveAll(root))
		require.NoError(t, os.Mkdir(root, 0o700))
		land(t, k, plain(root))
		requireOnce(t, root, "ndjson", k.Read("in"))
	})
}

// TestRecreatedWhileOpen: the topic is made again under a Run, which does not
// mix the two.
func TestRecreatedWhileOpen(t *testing.T) {
	alongside(t)
	kafkatest.Each(t, 1, func(t *testing.T, k *kafkatest.Kafka) {
		k.Topic("in", 1)
		k.Produce(records(0, 0, 100, 100)...)
		in := k.Read("in")
		root := t.TempDir()
		cl := member(k)
		j := start(t, plain(root), cl)
		k.AwaitCommitted(t, "g", "in")
		again(k, 200)
		require.ErrorIs(t, j.Wait(), kerr.UnknownTopicID)
		cl.CloseAllowingRebalance()
		require.ErrorIs(t, start(t, plain(root), member(k)).Wait(), archive.ErrRecreated)
		requireOnce(t, root, "ndjson", in)
	})
}

// TestNoTopicID: entries from before ids were in them, and brokers that have
// none, are no reason to stop; and an id that is known is not forgotten.
func TestNoTopicID(t *testing.T) {
	alongside(t)
	kafkatest.Each(t, 1, func(t *testing.T, k *kafkatest.Kafka) {
		k.Topic("in", 1)
		root := t.TempDir()
		id := regexp.MustCompile(`"topic_id":"[\w-]{22}",`)
		entry := func() string {
			rolls, err := filepath.Glob(filepath.Join(root, "_archive", "in+0", "roll-*"))
			require.NoError(t, err)
			require.Len(t, rolls, 1)
			return rolls[0]
		}
		old := []kgo.Opt{kgo.MaxVersions(kversion.V2_8_0())}
		for i, test := range []struct {
			opts  []kgo.Opt
			strip bool // before it lands
			known bool // after
		}{{opts: old}, {known: true}, {opts: old, known: true}, {strip: true, known: true}} {
			if test.strip {
				text, err := os.ReadFile(entry())
				require.NoError(t, err)
				stripped := id.ReplaceAll(text, nil)
				require.NotEqual(t, text, stripped)
				require.NoError(t, os.WriteFile(entry(), stripped, 0o600))
			}
			k.Produce(records(0, i*100, i*100+100, 400)...)
			land(t, k, plain(root), test.opts...)
			text, err := os.ReadFile(entry())
			require.NoError(t, err)
			assert.Equal(t, test.known, id.Match(text), "%d: %s", i, text)
		}
		requireOnce(t, root, "ndjson", k.Read("in"))
		again(k, 500)
		require.ErrorIs(t, start(t, plain(root), member(k)).Wait(), archive.ErrRecreated)
	})
}
