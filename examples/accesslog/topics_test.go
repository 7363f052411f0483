package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/ltsvpipe/ltsvpipe/internal/kafkatest"
)

// TestTopics are made as the flags say, and those that there are stay as they are.
func TestTopics(t *testing.T) {
	cluster := kafkatest.Start(t, kfake.NumBrokers(3))
	cluster.Topic("access.json", 1)
	_, errs, _, status := start(t, t.Context(), "", "-quiet", "-brokers", strings.Join(cluster.ListenAddrs(), ","), "-run", "agent", "-n", "1",
		"-partitions", "4", "-replication", "2", "-retention", "36h")
	require.Zero(t, status, errs)
	adm := kadm.NewClient(cluster.Client())
	topics, err := adm.ListTopics(t.Context())
	require.NoError(t, err)
	for topic, partitions := range map[string]int{"access.ltsv": 4, "access.avro": 4, "access.dlq": 4, "access.json": 1} {
		require.Len(t, topics[topic].Partitions, partitions, topic)
		if partitions == 4 {
			assert.Equal(t, 2, topics[topic].Partitions.NumReplicas(), topic)
		}
	}
	settings, err := adm.DescribeTopicConfigs(t.Context(), "access.ltsv")
	require.NoError(t, err)
	found := map[string]string{}
	for _, c := range settings[0].Configs {
		found[c.Key] = c.MaybeValue()
	}
	assert.Equal(t, "129600000", found["retention.ms"])
}

// TestAtLeastOnce writes without transactions, which take offsets of their own.
func TestAtLeastOnce(t *testing.T) {
	for _, args := range [][]string{{"-at-least-once"}, nil} {
		cluster := kafkatest.Start(t)
		_, errs, sum, status := start(t, t.Context(), "", append(args, "-quiet", "-brokers", strings.Join(cluster.ListenAddrs(), ","), "-run", "agent,json", "-n", "2000")...)
		require.Zero(t, status, errs)
		assert.EqualValues(t, 2000, sum.Written)
		assert.Len(t, cluster.Read("access.json"), 2000)
		offsets := int64(0)
		for _, end := range cluster.End("access.json") {
			offsets += end
		}
		if args != nil {
			assert.EqualValues(t, 2000, offsets)
		} else {
			assert.Greater(t, offsets, int64(2000))
		}
	}
}
