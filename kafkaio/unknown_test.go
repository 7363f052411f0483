package kafkaio_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// TestUnknownTopic: the Observer is told of a topic that is not there, and of no other;
// those that are there are read.
func TestUnknownTopic(t *testing.T) {
	kafkatest.Each(t, 1, func(t *testing.T, k *kafkatest.Kafka) {
		alongside(t)
		k.Topic("in", 1)
		k.Topic("out", 1)
		w := &watcher{}
		p := &kafkaio.Pipeline{NewHandler: copying, Observer: w}
		cl := k.Client(append(kafkaio.GroupOpts("g", "in", "inn"), quick()...)...)
		defer cl.CloseAllowingRebalance()
		j := start(t, p, cl)
		told := func() *kafkaio.FetchError {
			errs := w.errors()
			i := slices.IndexFunc(errs, func(err error) bool { return errors.Is(err, kerr.UnknownTopicOrPartition) })
			if i < 0 {
				return nil
			}
			failed, _ := errors.AsType[*kafkaio.FetchError](errs[i])
			return failed
		}
		kafkatest.Until(t, "it is told", func() bool { return told() != nil })
		assert.Equal(t, "inn", told().Topic)
		assert.Equal(t, "kafkaio: fetch topic inn: "+kerr.UnknownTopicOrPartition.Error(), told().Error())
		k.Produce(records(0, 10)...)
		k.AwaitCommitted(t, "g", "in")
		require.NoError(t, j.Stop())
		requireDelivered(t, k.Read("out"), 1, 10, true)
		assert.Len(t, w.errors(), 1)
	})
}
