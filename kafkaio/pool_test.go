package kafkaio

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/twmb/franz-go/pkg/kgo"
)

// TestPoolAfterSmallBatches: a pool full of short slices still serves long ones.
func TestPoolAfterSmallBatches(t *testing.T) {
	var p pool
	for range 2 * poolRecord {
		p.PutRecords(make([]kgo.Record, 0, 1))
	}
	assert.Equal(t, poolRecord, p.count)
	long := p.GetRecords(5000)
	p.PutRecords(long)
	again := p.GetRecords(5000)
	assert.Same(t, &long[:1][0], &again[:1][0])
	assert.LessOrEqual(t, p.count, poolRecord)
	p.PutRecords(make([]kgo.Record, 0, poolRecord+1))
	assert.LessOrEqual(t, p.count, poolRecord, "too long to keep")
}
