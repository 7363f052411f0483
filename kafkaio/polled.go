package kafkaio

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A Stretch is what one poll brought of one partition.
type Stretch struct {
	Topic     string
	Partition int32
	Records   []*kgo.Record // one at least, in order
	// Next is the offset to read next: after the last record, and after the
	// markers of transactions that follow it.
	Next int64
	// LogStart and HighWatermark are the offsets of the log's first record
	// and after its last, when the stretch was fetched.
	LogStart, HighWatermark int64
}

// Progress returns how far the stretch takes its partition.
func (s *Stretch) Progress() PartitionProgress {
	return PartitionProgress{
		Topic:         s.Topic,
		Partition:     s.Partition,
		First:         s.Records[0].Offset,
		Last:          s.Records[len(s.Records)-1].Offset,
		Next:          s.Next,
		HighWatermark: s.HighWatermark,
	}
}

// polled is one batch of input, by partition.
type polled struct {
	tasks []Stretch
	index map[place]int
	count int
	next  map[place]int64 // offset after all that was ever polled
}

type place struct {
	topic     string
	partition int32
}

func (p *polled) init() {
	p.index = make(map[place]int)
	p.next = make(map[place]int64)
}

func (p *polled) reset() {
	clear(p.tasks)
	clear(p.index)
	p.tasks = p.tasks[:0]
	p.count = 0
}

// add takes the records of fp. A partition comes twice when MaxWait had it
// polled twice: it stays one task, since one worker must have all of it.
//
// Markers of transactions take offsets and are no records to handle. GroupOpts
// has the client keep them, so that what is committed comes after them: else a
// group would never be at the end of a log that ends with one, and when
// retention took it, it would look like a record that was lost.
func (p *polled) add(topic string, fp *kgo.FetchPartition) {
	if len(fp.Records) == 0 {
		return
	}
	first, next := fp.Records[0].Offset, fp.Records[len(fp.Records)-1].Offset+1
	records := slices.DeleteFunc(fp.Records, marker)
	p.count += len(records)
	key := place{topic, fp.Partition}
	i, again := p.index[key]
	switch {
	case again:
		t := &p.tasks[i]
		t.Records = append(t.Records, records...)
		t.Next, t.HighWatermark = next, fp.HighWatermark
	case len(records) > 0:
		p.index[key] = len(p.tasks)
		p.tasks = append(p.tasks, Stretch{topic, fp.Partition, records, next, fp.LogStartOffset, fp.HighWatermark})
	case p.next[key] == first: // and not after a gap, which the records to come must show
		p.next[key] = next
	}
}

// marker reports whether rec is no record, and gives its memory back then.
func marker(rec *kgo.Record) bool {
	if !rec.Attrs.IsControl() {
		return false
	}
	rec.Recycle()
	return true
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
		dst = append(dst, p.tasks[i].Progress())
	}
	return dst
}
