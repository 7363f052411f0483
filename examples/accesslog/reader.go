package main

import (
	"context"
	"errors"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A reader is an independent consumer of a topic: it belongs to no group, and reads what
// comes after it was made, committed records only, of partitions that are added too.
type reader struct {
	cluster *cluster
	part    string // whose metrics it counts for
	topic   string
	see     func(*kgo.Record) // called by run's goroutine
	count   atomic.Int64

	mu      sync.Mutex
	next    map[int32]int64 // what to read next
	records map[int32]int64 // where the last record ends: markers of transactions may follow
	since   time.Time       // when next changed last
}

func newReader(ctx context.Context, cluster *cluster, part, topic string, see func(*kgo.Record)) (*reader, error) {
	next, err := cluster.ends(ctx, topic)
	return &reader{cluster: cluster, part: part, topic: topic, see: see, next: next, records: map[int32]int64{}, since: time.Now()}, err
}

// wait waits until run has read up to these offsets, and returns where the records end.
func (r *reader) wait(ctx context.Context, ends map[int32]int64) (map[int32]int64, error) {
	for r.left(ends) > 0 {
		select {
		case <-time.After(pollEvery):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.records), nil
}

// left returns how many offsets are left to read up to ends.
func (r *reader) left(ends map[int32]int64) (n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for p, end := range ends {
		n += max(end-r.next[p], 0)
	}
	return n
}

// quiet returns how long nothing has come.
func (r *reader) quiet() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Since(r.since)
}

// run reads until ctx is done. It may be called again after an error.
func (r *reader) run(ctx context.Context) error {
	from := map[int32]kgo.Offset{}
	r.mu.Lock()
	for p, offset := range r.next {
		from[p] = kgo.NewOffset().At(offset)
	}
	r.mu.Unlock()
	cl, err := r.cluster.client(r.part,
		kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{r.topic: from}),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), // markers of transactions: they take offsets too
		kgo.MetadataMinAge(time.Second),
		kgo.FetchMaxWait(time.Second)) // with both a partition that was added is soon read
	if err != nil {
		return err
	}
	defer cl.Close()
	ctx, stop := context.WithCancel(ctx)
	var looking sync.WaitGroup
	looking.Go(func() { r.lookForPartitions(ctx, cl) })
	defer looking.Wait()
	defer stop()
	for {
		fetches := cl.PollFetches(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err := fetches.Err0(); err != nil {
			return err
		}
		var failed error
		fetches.EachError(func(_ string, _ int32, err error) {
			if loss := (*kgo.ErrDataLoss)(nil); !errors.As(err, &loss) { // the client goes on behind it
				failed = err
			}
		})
		if failed != nil {
			return failed
		}
		r.take(fetches)
	}
}

// lookEvery is how often a reader looks whether there are more partitions.
const lookEvery = 2 * time.Second

// lookForPartitions has cl read partitions that are added, from their beginning, until ctx
// is done. By itself it reads none but those that it was told where to begin in.
func (r *reader) lookForPartitions(ctx context.Context, cl *kgo.Client) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			cl.ResumeFetchTopics() // of nothing: a client may forget a broker, see kafkaio's Source
		case <-ctx.Done():
			return
		}
		ends, err := r.cluster.ends(ctx, r.topic)
		if err != nil {
			continue // whoever reads will tell of brokers that are away
		}
		if added := r.add(ends); len(added) > 0 {
			cl.AddConsumePartitions(map[string]map[int32]kgo.Offset{r.topic: added})
		}
	}
}

// add returns the partitions that are new, and where to begin with them.
func (r *reader) add(partitions map[int32]int64) map[int32]kgo.Offset {
	r.mu.Lock()
	defer r.mu.Unlock()
	added := map[int32]kgo.Offset{}
	for p := range partitions {
		if _, known := r.next[p]; !known {
			r.next[p] = 0
			added[p] = kgo.NewOffset().AtStart()
		}
	}
	return added
}

func (r *reader) take(fetches kgo.Fetches) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fetches.EachRecord(func(rec *kgo.Record) {
		r.next[rec.Partition] = rec.Offset + 1
		if rec.Attrs.IsControl() {
			return
		}
		r.records[rec.Partition] = rec.Offset + 1
		r.count.Add(1)
		r.see(rec)
	})
	r.since = time.Now()
}
