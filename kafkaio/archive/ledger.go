package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// stateDir is hidden from who reads the tables.
const stateDir = "_archive"

// claimsKept is how many claims stay: a fenced owner who looks for newer ones
// finds one unless so many came while it was looking once.
const claimsKept = 32

// A ledger says what has landed of one partition, and who may land more. One
// goroutine uses a ledger. The order of its steps is what keeps offsets from
// being lost or landed twice. A roll
//
//  1. closes and syncs the files, and syncs the names they have, in
//     _archive/topic+partition;
//  2. writes the entry under another name, syncs it, renames it, and syncs the
//     folder: this is the moment in which the roll counts;
//  3. looks whether somebody else has claimed the partition;
//  4. renames the files, and syncs their folders;
//  5. tells OnFolder; removes the entry before, and commits to the group.
//
// Who finds an entry, after a crash, does the renames that are not done: a file
// that is not there any more under its first name has its final one.
//
// An owner that another has followed may wake between any two steps, and no
// clock or lock would stop it there. All that is asked of the store is that
// creation is exclusive, renames happen in one step, and lists have what was
// there before. Each owner has an epoch, higher than any before: it creates the
// file claim-EPOCH, exclusively, so that no two have the same. Entries are named
// for the epoch of their writer and counted within it, and the highest is the
// head. A new owner
//
//  1. creates its claim,
//  2. then lists the entries, takes the highest,
//  3. and writes it again as the first of its own epoch, by the steps 2 and 3
//     of a roll: from here on entries of the old owner that it did not see do
//     not count, since the head is higher;
//  4. does the renames that are not done, and removes whatever else is left of
//     epochs before its own.
//
// An owner that finds a higher epoch after it wrote an entry does nothing more:
// no rename, no removal. So either the old owner does not see the new claim
// after it has written its entry: then it wrote before the claim was there, and
// the new owner, who lists after that, sees the entry and carries it on. Or the
// old owner sees the claim and leaves everything as it is: then whether its
// entry counts is for the new owner to say, who does the renames if it does, and
// reads the records again if it does not. What a late owner may still do is to
// rename files of an entry that did count, which is what the new one does too.
//
// Claims are removed only when 32 newer ones are there, so that a late owner
// could miss them only if so many came while it listed the folder once. TestModel
// tries all this, with owners who take turns, die, and whose machine crashes and
// forgets what was not synced.
type ledger struct {
	fs        FS
	topic     string
	partition int32
	dir       string

	mine version // of the last entry written; epoch 0: not the owner
	data int64   // files of this epoch
	head entry

	// landed is told of each folder that files were renamed into.
	landed func(folder string) error
}

func newLedger(fs FS, topic string, partition int32, landed func(string) error) *ledger {
	dir := fmt.Sprintf("%s/%s+%d", stateDir, topic, partition)
	return &ledger{fs: fs, topic: topic, partition: partition, dir: dir, landed: landed}
}

func (l *ledger) path(name string) string { return l.dir + "/" + name }

// claim makes l the owner, who fences all before it, and settles what they
// left. A partition of which nothing has landed begins at first, and is of the
// topic id. It returns ErrFenced if somebody claims it at the same time.
func (l *ledger) claim(first int64, id uuid) error {
	l.mine = version{}
	if err := l.makeDir(l.dir); err != nil {
		return err
	}
	epoch, err := l.claimEpoch()
	if err != nil {
		return err
	}
	// From here on whoever was the owner finds the claim after its next entry
	// at the latest, and leaves it to us whether that entry counts.
	names, err := l.fs.List(l.dir)
	if err != nil {
		return err
	}
	l.head, err = l.read(names, first)
	if err != nil {
		return err
	}
	if l.head.TopicID == noID {
		l.head.TopicID = id
	}
	// Taken over, with files that have perhaps not been renamed: from now on
	// this is the head, and entries of the owners before do not count.
	v := version{epoch, 0}
	if err := l.write(v, l.head); err != nil {
		return err
	}
	l.mine, l.data = v, 0
	if err := l.rename(); err != nil {
		return err
	}
	return l.sweep(names)
}

// claimEpoch takes the next epoch for its own.
func (l *ledger) claimEpoch() (int64, error) {
	for {
		names, err := l.fs.List(l.dir)
		if err != nil {
			return 0, err
		}
		epoch := int64(1)
		for _, name := range names {
			epoch = max(epoch, epochOf(name)+1)
		}
		name := l.path(claimName(epoch))
		f, err := l.fs.Create(name)
		if errors.Is(err, fs.ErrExist) {
			continue // somebody was faster
		}
		if err != nil {
			return 0, err
		}
		if err := f.Close(); err != nil {
			return 0, err
		}
		if err := l.fs.SyncDir(l.dir); err != nil {
			return 0, err
		}
		// Here and not in the end: who cannot go further tries again and again.
		return epoch, l.sweepClaims(names, epoch)
	}
}

// sweepClaims removes claims that are not needed any more since that of epoch.
func (l *ledger) sweepClaims(names []string, epoch int64) error {
	for _, name := range names {
		if old, ok := parseClaim(name); ok && old <= epoch-claimsKept {
			if err := l.remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// read returns the head among names.
func (l *ledger) read(names []string, first int64) (entry, error) {
	var head version
	for _, name := range names {
		if v, ok := parseRoll(name); ok && head.less(v) {
			head = v
		}
	}
	if head == (version{}) {
		return entry{Topic: l.topic, Partition: l.partition, Next: first, LeaderEpoch: -1}, nil
	}
	f, err := l.fs.Open(l.path(rollName(head)))
	if errors.Is(err, fs.ErrNotExist) {
		return entry{}, ErrFenced // only an owner after us removes it
	}
	if err != nil {
		return entry{}, err
	}
	e, err := decodeEntry(f, l.topic, l.partition)
	return e, errors.Join(err, f.Close())
}

// newFile creates a file to be landed. Its name counts files of this epoch.
func (l *ledger) newFile() (name string, f File, err error) {
	l.data++
	name = dataName(version{l.mine.epoch, l.data})
	f, err = l.fs.Create(l.path(name))
	return name, f, err
}

// commit lands files, which are closed and synced, and all before next with
// them. After ErrFenced or another error nobody but the next owner knows
// whether they have landed, and the files must be left to it.
func (l *ledger) commit(next int64, leader int32, files []move) error {
	if len(files) > 0 {
		// An entry must not outlast the names of its files.
		if err := l.fs.SyncDir(l.dir); err != nil {
			return err
		}
	}
	before := l.mine
	v := version{before.epoch, before.seq + 1}
	e := entry{Topic: l.topic, Partition: l.partition, Next: next, LeaderEpoch: leader, TopicID: l.head.TopicID, Files: files}
	if err := l.write(v, e); err != nil {
		return err
	}
	l.mine, l.head = v, e
	if err := l.rename(); err != nil {
		return err
	}
	return l.remove(rollName(before))
}

// write makes e the head, unless there is an owner after us: then it returns
// ErrFenced, and e counts if that owner saw it.
func (l *ledger) write(v version, e entry) error {
	if err := l.put(rollName(v), e); err != nil {
		return l.blame(v.epoch, err)
	}
	return l.check(v.epoch)
}

// put writes a file that is whole when it can be seen, and lasts.
func (l *ledger) put(name string, e entry) (err error) {
	text, err := e.encode()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = l.remove(name + tmp) // if not, the next owner does
		}
	}()
	f, err := l.fs.Create(l.path(name + tmp))
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := l.fs.Rename(l.path(name+tmp), l.path(name)); err != nil {
		return err
	}
	return l.fs.SyncDir(l.dir)
}

// blame returns err, unless an owner after that of epoch has swept away what
// was being written, for which stores have errors of their own: ErrFenced.
func (l *ledger) blame(epoch int64, err error) error {
	if errors.Is(l.check(epoch), ErrFenced) {
		return ErrFenced
	}
	return err
}

// check returns ErrFenced if there is an owner after that of epoch.
func (l *ledger) check(epoch int64) error {
	names, err := l.fs.List(l.dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if epochOf(name) > epoch {
			return ErrFenced
		}
	}
	return nil
}

// rename gives the head's files their final names. A file that is not there has
// its final name already: from an owner before us who was cut short, or from
// one after us who does the same.
func (l *ledger) rename() error {
	folders := make(map[string]bool)
	for _, m := range l.head.Files {
		folder := path.Dir(m.Final)
		if !folders[folder] {
			folders[folder] = true
			if err := l.makeDir(folder); err != nil {
				return err
			}
		}
		if err := l.move(m); err != nil {
			return err
		}
	}
	for folder := range folders {
		if err := l.fs.SyncDir(folder); err != nil {
			return err
		}
		if err := l.landed(folder); err != nil {
			return err
		}
	}
	return nil
}

// move gives a file its final name, unless it has it.
func (l *ledger) move(m move) error {
	err := l.fs.Rename(l.path(m.Temp), m.Final)
	switch {
	case errors.Is(err, fs.ErrExist): // it has both
		return l.remove(m.Temp)
	case errors.Is(err, fs.ErrNotExist):
		// The file, or the folder that it was to get to? What is not moved now
		// is swept away as nobody's later.
		f, missing := l.fs.Open(l.path(m.Temp))
		switch {
		case errors.Is(missing, fs.ErrNotExist):
			return nil
		case missing != nil:
			return missing
		}
		return errors.Join(err, f.Close())
	}
	return err
}

// makeDir makes a folder that lasts, and so do those above it, whoever made
// them.
func (l *ledger) makeDir(dir string) error {
	if err := l.fs.MkdirAll(dir); err != nil {
		return err
	}
	for dir != "." {
		dir = path.Dir(dir)
		if err := l.fs.SyncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

// sweep removes what the owners before us left, of which nothing counts any
// more. An owner after us has names of its own.
func (l *ledger) sweep(names []string) error {
	for _, name := range names {
		epoch := epochOf(name)
		if _, claim := parseClaim(name); claim || epoch == 0 || epoch >= l.mine.epoch {
			continue
		}
		if err := l.remove(name); err != nil {
			return err
		}
	}
	return nil
}

func (l *ledger) remove(name string) error {
	if err := l.fs.Remove(l.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
