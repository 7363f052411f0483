package kafkatest

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// RawBatch returns records with these values as the one batch that a producer
// writes, compressed with snappy, for [kfake.SyntheticFetch].
func RawBatch(t testing.TB, values [][]byte) []byte {
	t.Helper()
	c := Start(t)
	c.Topic("batch", 2)
	cl := c.Client(
		kgo.ProducerBatchCompression(kgo.SnappyCompression()),
		kgo.ProducerBatchMaxBytes(64<<20), kgo.BrokerMaxWriteBytes(128<<20),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ManualFlushing(), // all at once, so that it is one
	)
	produce := func(partition int32, values ...[]byte) {
		for _, v := range values {
			cl.Produce(t.Context(), &kgo.Record{Topic: "batch", Partition: partition, Value: v}, func(_ *kgo.Record, err error) {
				if err != nil {
					t.Error("kafkatest: ", err)
				}
			})
		}
		require.NoError(t, cl.Flush(t.Context()))
	}
	produce(1, []byte("elsewhere")) // the client learns of the topic, and holds nothing up for it
	produce(0, values...)
	req := kmsg.NewPtrFetchRequest()
	req.MaxBytes, req.MinBytes = 128<<20, 1
	partition := kmsg.NewFetchRequestTopicPartition()
	partition.PartitionMaxBytes = 128 << 20
	topic := kmsg.NewFetchRequestTopic()
	topic.Topic = "batch"
	topic.TopicID = topicID(t, cl, "batch")
	topic.Partitions = append(topic.Partitions, partition)
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(t.Context(), cl)
	require.NoError(t, err)
	require.Len(t, resp.Topics, 1)
	require.Len(t, resp.Topics[0].Partitions, 1)
	batch := resp.Topics[0].Partitions[0].RecordBatches
	var head kmsg.RecordBatch
	require.NoError(t, head.ReadFrom(batch))
	require.EqualValues(t, len(values), head.NumRecords, "the records are not one batch")
	return batch
}

func topicID(t testing.TB, cl *kgo.Client, topic string) [16]byte {
	req := kmsg.NewPtrMetadataRequest()
	of := kmsg.NewMetadataRequestTopic()
	of.Topic = &topic
	req.Topics = append(req.Topics, of)
	resp, err := req.RequestWith(t.Context(), cl)
	require.NoError(t, err)
	require.Len(t, resp.Topics, 1)
	return resp.Topics[0].TopicID
}
