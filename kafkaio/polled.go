package kafkaio

import "github.com/twmb/franz-go/pkg/kgo"

// A Stretch is what one poll brought of one partition.
type Stretch struct {
	Topic     string
	Partition int32
	Records   []*kgo.Record // one at least, in order
	// LogStart and HighWatermark are the offsets of the log's first record
	// and after its last, when the stretch was fetched.
	LogStart, HighWatermark int64
}

// polled is one batch of input, by partition.
type polled struct {
	tasks []Stretch
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
		p.tasks = append(p.tasks, Stretch{topic, fp.Partition, fp.Records, fp.LogStartOffset, fp.HighWatermark})
		return
	}
	t := &p.tasks[i]
	t.Records = append(t.Records, fp.Records...)
	t.HighWatermark = fp.HighWatermark
}

// recycle gives the records' memory back to the client's pools, if it has any.
func (p *polled) recycle() {
	for i := range p.tasks {
		for _, rec := range p.tasks[i].Records {
			rec.Recycle()
		}
	}
}

// progress appends how far each partition went.
func (p *polled) progress(dst []PartitionProgress) []PartitionProgress {
	for i := range p.tasks {
		t := &p.tasks[i]
		dst = append(dst, PartitionProgress{
			Topic:         t.Topic,
			Partition:     t.Partition,
			First:         t.Records[0].Offset,
			Last:          t.Records[len(t.Records)-1].Offset,
			HighWatermark: t.HighWatermark,
		})
	}
	return dst
}
