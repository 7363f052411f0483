package archive

import (
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// maxFences is how often in a row a partition that the group says is ours may
// be claimed by another owner. Once or twice happens when a member has not
// heard yet that it has lost it.
const maxFences = 3

// nowhere is a generation that no group has.
const nowhere = -2

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
	folder  []byte // scratch
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
		p.settled.Offset = s.Records[0].Offset
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
		if err := p.claim(s.Records[0].Offset); err != nil || !p.owned {
			return err
		}
	}
	records, err := p.fit(s)
	if err != nil {
		return err
	}
	for at := 0; at < len(records) && p.owned; {
		if at, err = p.write(records, at); err != nil {
			return err
		}
	}
	if len(records) > 0 && p.owned {
		p.next = s.Next // after markers, too: retention may take them
	}
	return nil
}

// write writes records from at on, as far as one on which a function of the
// caller's panics. It returns where to go on.
func (p *partition) write(records []*kgo.Record, at int) (next int, err error) {
	defer func() {
		if v := recover(); v != nil {
			next, err = at+1, p.panicked(records[at], &kafkaio.PanicError{Value: v, Stack: debug.Stack()})
		}
	}()
	for ; at < len(records) && p.owned; at++ {
		if err := p.add(records[at]); err != nil {
			return at, p.failed(err)
		}
	}
	return at, nil
}

// panicked is what follows a panic: the record is rejected, unless its file is
// spoiled, for which nothing can be done.
func (p *partition) panicked(rec *kgo.Record, why error) error {
	if p.last != nil && p.last.broken {
		p.discard()
		return p.blame(rec, why)
	}
	if err := p.judge(rec, why); err != nil {
		return err
	}
	return p.pass(rec)
}

// claim becomes the owner and finds out what has landed.
func (p *partition) claim(first int64) error {
	if err := p.ledger.claim(first); err != nil {
		return p.fenced(err)
	}
	p.owned, p.known = true, nowhere
	p.settle()
	p.next, p.leader = p.settled.Offset, p.settled.Epoch
	return nil
}

func (p *partition) settle() {
	p.settled = kgo.EpochOffset{Epoch: p.ledger.head.LeaderEpoch, Offset: p.ledger.head.Next}
}

// fit returns the records from next on. What has landed, and not what the group
// or the client believe, says where to read: with a stretch from elsewhere the
// client is set back, and nothing taken.
func (p *partition) fit(s *kafkaio.Stretch) ([]*kgo.Record, error) {
	if err := p.checkLoss(s); err != nil {
		return nil, err
	}
	records := s.Records
	if records[len(records)-1].Offset < p.next {
		if s.HighWatermark < p.next {
			return nil, &PartitionError{p.topic, p.number, ErrBehind}
		}
		p.seek = true
		return nil, nil
	}
	for records[0].Offset < p.next {
		records = records[1:]
	}
	// A gap is what compaction and transactions leave, when the client is
	// known to read on from next; if not, it may have been set elsewhere.
	if records[0].Offset > p.next && p.known != p.run.generation {
		p.known, p.seek = p.run.generation, true
		return nil, nil
	}
	p.known = p.run.generation
	return records, nil
}

// checkLoss looks for records that retention took before they were read. What
// the group has committed says nothing about that.
func (p *partition) checkLoss(s *kafkaio.Stretch) error {
	if s.LogStart <= p.next || s.Records[0].Offset <= p.next {
		return nil
	}
	err := &kgo.ErrDataLoss{
		Topic: p.topic, Partition: p.number,
		ConsumedTo: p.next, ConsumedToEpoch: p.leader,
		ResetTo: s.LogStart, ResetToEpoch: s.Records[0].LeaderEpoch,
	}
	if p.run.OnDataLoss != kafkaio.Skip {
		return fmt.Errorf("archive: %w", err)
	}
	p.run.survive(err)
	p.next = s.LogStart
	return nil
}

// add takes one record.
func (p *partition) add(rec *kgo.Record) error {
	err := p.place(rec)
	if r, ok := errors.AsType[*rejection](err); ok {
		err = p.judge(rec, r.err)
	}
	if err != nil || !p.owned {
		return err
	}
	return p.pass(rec)
}

// pass goes on after rec, and lands what is open if it is enough.
func (p *partition) pass(rec *kgo.Record) error {
	if p.since.IsZero() {
		p.since = time.Now()
	}
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

// judge does with a rejected record what OnError says.
func (p *partition) judge(rec *kgo.Record, err error) error {
	action := kafkaio.Stop
	if p.run.OnError != nil {
		if err := protect(func() error { action = p.run.OnError(rec, err); return nil }); err != nil {
			return p.blame(rec, err)
		}
	}
	if action == kafkaio.Skip {
		p.skipped++
		return nil
	}
	return p.blame(rec, err)
}

func (p *partition) blame(rec *kgo.Record, err error) error {
	return &kafkaio.RecordError{Topic: p.topic, Partition: p.number, Offset: rec.Offset, Err: err}
}

// due returns when what is open is to land; zero if nothing is.
func (p *partition) due() time.Time {
	if p.since.IsZero() {
		return time.Time{}
	}
	return p.since.Add(p.run.Roll.Age)
}

// roll lands what is open.
func (p *partition) roll(why Reason) error {
	if p.since.IsZero() && len(p.files) == 0 {
		return nil
	}
	start := time.Now()
	roll := Roll{
		Topic: p.topic, Partition: p.number, Reason: why,
		Records: p.taken, Skipped: p.skipped, Next: p.next, HighWatermark: p.high,
	}
	moves, err := p.finish(&roll)
	if err != nil {
		p.discard()
		return p.failed(err)
	}
	err = p.ledger.commit(p.next, p.leader, moves)
	p.forget()
	if err != nil {
		return p.fenced(err)
	}
	p.fences = 0
	p.settle()
	roll.Took = time.Since(start)
	p.run.rolled(&roll)
	return nil
}

// finish closes all files and returns where they go.
func (p *partition) finish(roll *Roll) (moves []move, err error) {
	for _, folder := range slices.Sorted(maps.Keys(p.files)) {
		f := p.files[folder]
		if f.records == 0 { // its only record was rejected
			f.discard()
			if err := p.ledger.remove(f.temp); err != nil {
				return nil, err
			}
			continue
		}
		if err := f.finish(); err != nil {
			return nil, fmt.Errorf("archive: finish a file: %w", err)
		}
		landed := Landed{
			Folder:  folder,
			Name:    Name{p.topic, p.number, f.first, f.last, p.run.Format.Ext()},
			Records: f.records,
			Bytes:   f.out.size,
		}
		moves = append(moves, move{f.temp, landed.Path()})
		roll.Files = append(roll.Files, landed)
		roll.BytesIn += f.bytesIn
		roll.Bytes += f.out.size
	}
	return moves, nil
}

// discard throws away what is open: it has not landed and will be read again.
func (p *partition) discard() {
	for _, f := range p.files {
		f.discard()
		_ = p.ledger.remove(f.temp) // if not, the next owner does
	}
	p.forget()
	p.back()
}

// back has the partition read again what is not settled.
func (p *partition) back() {
	p.next, p.leader = p.settled.Offset, p.settled.Epoch
	p.seek = p.next >= 0
}

// forget has nothing open any more. Files that may be an entry's stay.
func (p *partition) forget() {
	p.run.open.Add(-int64(len(p.files)))
	clear(p.files)
	p.last, p.since = nil, time.Time{}
	p.taken, p.skipped = 0, 0
}

// failed is what follows an error while files were written.
func (p *partition) failed(err error) error {
	if _, ok := errors.AsType[*FSError](err); !ok || !p.owned {
		return err
	}
	if err := p.ledger.blame(p.ledger.mine.epoch, err); !errors.Is(err, ErrFenced) {
		return err
	}
	p.discard()
	return p.fenced(ErrFenced)
}

// fenced is what follows an error of the ledger: p is not the owner any more,
// and if the group says that the partition is still ours, it is claimed again.
func (p *partition) fenced(err error) error {
	p.owned = false
	p.back()
	if !errors.Is(err, ErrFenced) {
		if errors.Is(err, ErrCorrupt) {
			return &PartitionError{p.topic, p.number, err}
		}
		return err
	}
	p.doubt = true
	err = &PartitionError{p.topic, p.number, ErrFenced}
	if p.fences++; p.fences > maxFences {
		return err
	}
	p.run.survive(err)
	return nil
}
