package kafkaio

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A Stretch is what one poll brought of one partition.
type Stretch struct {
	Topic     string
	Partition int32
	// TopicID is the topic's id, which one that is deleted and made again does not keep.
	// It is zero if the brokers have none (before Kafka 3.1).
	TopicID [16]byte
	// Records are in order: one at least, unless SourceOptions.OwnOffsets says otherwise.
	Records []*kgo.Record
	// First is the offset of the first record, or of the marker of a
	// transaction before it.
	First int64
	// Next is the offset to read next: after the last record, and after the
	// markers that follow it.
	Next int64
	// LeaderEpoch is that of the offset before Next.
	LeaderEpoch int32
	// LogStart and HighWatermark are the offsets of the log's first record
	// and after its last, when the stretch was fetched.
	LogStart, HighWatermark int64
}

// Progress returns how far the stretch takes its partition.
func (s *Stretch) Progress() PartitionProgress {
	p := PartitionProgress{
		Topic:         s.Topic,
		Partition:     s.Partition,
		First:         s.First,
		Last:          s.First - 1,
		Next:          s.Next,
		HighWatermark: s.HighWatermark,
	}
	if n := len(s.Records); n > 0 {
		p.First, p.Last = s.Records[0].Offset, s.Records[n-1].Offset
	}
	return p
}

// polled is one batch of input, by partition.
type polled struct {
	alone bool // stretches of nothing but markers are wanted
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
func (p *polled) add(topic *kgo.FetchTopic, fp *kgo.FetchPartition) {
	if len(fp.Records) == 0 {
		return
	}
	last := fp.Records[len(fp.Records)-1]
	first, next, epoch := fp.Records[0].Offset, last.Offset+1, last.LeaderEpoch
	records := slices.DeleteFunc(fp.Records, marker)
	p.count += len(records)
	key := place{topic.Topic, fp.Partition}
	i, again := p.index[key]
	switch {
	case again:
		t := &p.tasks[i]
		t.Records = append(t.Records, records...)
		t.Next, t.LeaderEpoch, t.HighWatermark = next, epoch, fp.HighWatermark
	case len(records) > 0 || p.alone:
		p.index[key] = len(p.tasks)
		p.tasks = append(p.tasks, Stretch{
			Topic: topic.Topic, Partition: fp.Partition, TopicID: topic.TopicID,
			Records: records, First: first, Next: next, LeaderEpoch: epoch,
			LogStart: fp.LogStartOffset, HighWatermark: fp.HighWatermark,
		})
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
