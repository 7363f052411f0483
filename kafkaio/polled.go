package kafkaio

import "github.com/twmb/franz-go/pkg/kgo"

// A task is what one poll brought of one partition, in order.
type task struct {
	topic     string
	partition int32
	records   []*kgo.Record
	start     int64 // the log's first offset
	end       int64 // its high watermark
}

// polled is one batch of input, by partition.
type polled struct {
	tasks []task
	index map[place]int
	count int
}

type place struct {
	topic     string
	partition int32
}

func (p *polled) init() { p.index = make(map[place]int) }

func (p *polled) reset() {
	clear(p.tasks)
	clear(p.index)
	p.tasks = p.tasks[:0]
	p.count = 0
}

// add takes the records of fp. A partition comes twice when MaxWait had it
// polled twice: it stays one task, since one worker must have all of it.
func (p *polled) add(topic string, fp *kgo.FetchPartition) {
	if len(fp.Records) == 0 {
		return
	}
	p.count += len(fp.Records)
	key := place{topic, fp.Partition}
	i, again := p.index[key]
	if !again {
		p.index[key] = len(p.tasks)
		p.tasks = append(p.tasks, task{topic, fp.Partition, fp.Records, fp.LogStartOffset, fp.HighWatermark})
		return
	}
	t := &p.tasks[i]
	t.records = append(t.records, fp.Records...)
	t.end = fp.HighWatermark
}

// recycle gives the records' memory back to the client's pools, if it has any.
func (p *polled) recycle() {
	for i := range p.tasks {
		for _, rec := range p.tasks[i].records {
			rec.Recycle()
		}
	}
}

// progress appends how far each partition went.
func (p *polled) progress(dst []PartitionProgress) []PartitionProgress {
	for i := range p.tasks {
		t := &p.tasks[i]
		dst = append(dst, PartitionProgress{
			Topic:         t.topic,
			Partition:     t.partition,
			First:         t.records[0].Offset,
			Last:          t.records[len(t.records)-1].Offset,
			HighWatermark: t.end,
		})
	}
	return dst
}
