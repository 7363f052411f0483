package archive_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
	"github.com/ltsvpipe/ltsvpipe/kafkaio"
	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

// TestUncleanElection is TestTruncated and TestTruncatedLanded with real brokers,
// one of which is elected without having all of the log.
func TestUncleanElection(t *testing.T) {
	if !kafkatest.Real() {
		t.Skip("set LTSVPIPE_REAL=1 for real brokers: kfake's have one log")
	}
	k := kafkatest.StartReal(t, 3).Wiped(t)
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = "in", -1, -1
	replicas := kmsg.NewCreateTopicsRequestTopicReplicaAssignment()
	replicas.Replicas = []int32{1, 2} // nodes 0 and 1
	topic.ReplicaAssignment = append(topic.ReplicaAssignment, replicas)
	for name, value := range map[string]string{"unclean.leader.election.enable": "true", "min.insync.replicas": "1"} {
		config := kmsg.NewCreateTopicsRequestTopicConfig()
		config.Name, config.Value = name, &value
		topic.Configs = append(topic.Configs, config)
	}
	req := kmsg.NewPtrCreateTopicsRequest()
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(t.Context(), k.Client())
	require.NoError(t, err)
	require.NoError(t, kerr.ErrorForCode(resp.Topics[0].ErrorCode))
	k.Whole()

	k.Produce(records0(0, 100)...)
	root, w := t.TempDir(), &watcher{}
	land(t, k, plain(root))
	k.Kill(1)
	k.Produce(records0(100, 150)...)
	a := plain(root)
	a.Roll, a.Observer, a.OnDataLoss = archive.Limits{Age: time.Hour}, w, kafkaio.Skip
	cl := member(k)
	j := start(t, a, cl)
	kafkatest.Until(t, "written", func() bool { return len(left(t, root)) > 0 && cl.BufferedFetchRecords() == 0 })
	behind := t.TempDir() // and another, where all of it has landed
	b := plain(behind)
	b.OnDataLoss = kafkaio.Skip
	other := func() *kgo.Client { return k.Client(append(kafkaio.GroupOpts("h", "in"), quick()...)...) }
	cl2 := other()
	j2 := start(t, b, cl2)
	kafkatest.Until(t, "all has landed", func() bool { return k.Committed("h", "in")[0] == 150 })
	require.NoError(t, j2.Stop())
	cl2.CloseAllowingRebalance()

	k.Kill(0)
	k.Restart(1)
	kafkatest.Until(t, "node 1 leads", func() bool { return k.Leader("in", 0) == 1 })
	k.Produce(others(100, 80)...)
	in := append(records0(0, 100), others(100, 80)...)
	var lost *kgo.ErrDataLoss
	told := func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return errors.As(errors.Join(w.survived...), &lost)
	}
	// If the group made the member join again, what was open has gone before
	// the archive could see that it was lost.
	kafkatest.Until(t, "the loss is told", func() bool { return told() || w.met(archive.ErrRevoked) })
	if lost != nil {
		assert.EqualValues(t, 100, lost.ResetTo)
	}
	kafkatest.Until(t, "written again", func() bool { return len(left(t, root)) > 0 && cl.BufferedFetchRecords() == 0 })
	time.Sleep(200 * time.Millisecond)
	require.NoError(t, j.Stop())
	requireOnce(t, root, "ndjson", in)
	require.ErrorIs(t, start(t, b, other()).Wait(), archive.ErrBehind)
	requireOnce(t, behind, "ndjson", records0(0, 150))
	k.Restart(0)
	k.Whole()
}
