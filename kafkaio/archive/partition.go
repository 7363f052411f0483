package archive

import (
	"errors"
	"runtime/debug"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// A partition is what is open of a partition of a topic. One goroutine at a
// time uses it.
type partition struct {
	run    *run
	topic  string
	number int32
	ledger *ledger

	owned  bool  // claimed, and no newer claim was seen
	next   int64 // offset after the last record taken
	leader int32 // epoch of that record's leader
	high   int64 // high watermark
	known  int32 // generation of the group in which the client reads on from next
	seek   bool  // the client is to be set to next
	fences int   // in a row
	doubt  bool  // another owner was met, and the group has not said yet that the partition is ours

	// settled is before which all has landed for certain, and is where it
	// should: where to read again if there is doubt. The ledger's head may be
	// further, by an entry whose files have not all been renamed; no record
	// need come after it to have us look.
	settled kgo.EpochOffset
	told    int64 // what the group was told of settled

	files   map[string]*openFile // by folder
	last    *openFile            // the one written last
	since   time.Time            // when the first record since the last roll was taken; zero: none was
	taken   int64                // records written since the last roll
	skipped int64
	dead    *kafkaio.Sink // takes dead letters; nil before the first
	unsent  int64         // dead letters that it has
	buried  int64         // and those sent since the last roll
	folder  []byte        // scratch

	// spoilers are the records from settled on at which an encoder panicked,
	// by offset, and how.
	spoilers map[int64]error
}

func newPartition(r *run, topic string, number int32) *partition {
	return &partition{
		run: r, topic: topic, number: number,
		ledger: newLedger(r.fs, topic, number, r.landed),
		files:  make(map[string]*openFile),
		known:  nowhere, told: -1, settled: kgo.EpochOffset{Epoch: -1, Offset: -1},
	}
}

// begin notes where the first stretch of all begins: there it is read again if
// nothing comes of it.
func (p *partition) begin(s *kafkaio.Stretch) {
	if p.settled.Offset < 0 {
		p.settled.Offset = s.First
	}
}

// take writes what of a stretch is not written yet.
func (p *partition) take(s *kafkaio.Stretch) error {
	p.high = s.HighWatermark
	if !p.owned {
		if p.doubt {
			p.back()
			return nil
		}
		if err := p.claim(s); err != nil || !p.owned {
			return err
		}
	}
	records, ok, err := p.fit(s)
	if err != nil || !ok {
		return err
	}
	for at := 0; at < len(records) && p.reading(); {
		if at, err = p.write(records, at); err != nil {
			return err
		}
	}
	if err := p.bury(); err != nil {
		return err
	}
	if p.reading() && p.next < s.Next { // after markers, too: retention may take them
		p.next, p.leader = s.Next, s.LeaderEpoch
		p.begun()
	}
	return nil
}

// reading reports whether p goes on with what it has been given.
func (p *partition) reading() bool { return p.owned && !p.seek }

// write writes records from at on, as far as one on which a function of the
// caller's panics. It returns where to go on.
func (p *partition) write(records []*kgo.Record, at int) (next int, err error) {
	defer func() {
		if v := recover(); v != nil {
			next, err = at+1, p.panicked(records[at], &kafkaio.PanicError{Value: v, Stack: debug.Stack()})
		}
	}()
	for ; at < len(records) && p.reading(); at++ {
		if err := p.add(records[at]); err != nil {
			return at, p.failed(err)
		}
	}
	return at, nil
}

// claim becomes the owner and finds out what has landed.
func (p *partition) claim(s *kafkaio.Stretch) error {
	if err := p.ledger.claim(s.First, s.TopicID); err != nil {
		return p.fenced(err)
	}
	p.owned, p.known = true, nowhere
	p.settle()
	p.next, p.leader = p.settled.Offset, p.settled.Epoch
	return nil
}

// add takes one record.
func (p *partition) add(rec *kgo.Record) error {
	var err error
	if why, ok := p.spoilers[rec.Offset]; ok {
		err = &rejection{why}
	} else {
		err = p.place(rec)
	}
	if r, ok := errors.AsType[*rejection](err); ok {
		err = p.judge(rec, r.err)
	}
	if err != nil || !p.owned {
		return err
	}
	return p.pass(rec)
}

// begun notes since when there is something to land.
func (p *partition) begun() {
	if p.since.IsZero() {
		p.since = time.Now()
	}
}

// pass goes on after rec, and lands what is open if it is enough.
func (p *partition) pass(rec *kgo.Record) error {
	p.begun()
	p.next, p.leader = rec.Offset+1, rec.LeaderEpoch
	limits := &p.run.Roll
	switch {
	case p.last != nil && p.last.out.size >= limits.Bytes:
		return p.roll(BySize)
	case limits.Records > 0 && p.taken >= limits.Records:
		return p.roll(ByCount)
	}
	return nil
}

// place writes rec to the file of its folder.
func (p *partition) place(rec *kgo.Record) (err error) {
	folder, err := p.run.Folder(p.folder[:0], rec)
	if err != nil {
		return &rejection{err}
	}
	p.folder = folder
	if p.last == nil || p.last.folder != string(folder) {
		if p.last, err = p.file(rec); err != nil || !p.owned {
			return err
		}
	}
	err = p.last.write(rec)
	if errors.Is(err, ErrNewFile) {
		if err := p.roll(ByFormat); err != nil || !p.owned {
			return err
		}
		if p.last, err = p.file(rec); err != nil {
			return err
		}
		if err = p.last.write(rec); errors.Is(err, ErrNewFile) {
			return &rejection{err} // it has one
		}
	}
	if err == nil {
		p.taken++
	}
	return err
}

// file returns the file of p.folder, with rec to come.
func (p *partition) file(rec *kgo.Record) (*openFile, error) {
	if f := p.files[string(p.folder)]; f != nil {
		return f, nil
	}
	if p.run.open.Add(1) > int64(p.run.MaxFiles) && len(p.files) > 0 {
		if err := p.roll(ByFiles); err != nil || !p.owned {
			p.run.open.Add(-1)
			return nil, err
		}
	}
	f, err := p.openFile(string(p.folder), rec)
	if err != nil {
		p.run.open.Add(-1)
		return nil, err
	}
	p.files[f.folder] = f
	return f, nil
}
