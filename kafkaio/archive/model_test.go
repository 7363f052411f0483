package archive

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

var modelRuns = flag.Int("model", 0, "how many random schedules TestModelRandom tries, and TestModelOwners tries all; 0 is a short one")

// A world is a topic of one partition, a file system, and owners of the
// partition who take turns, one operation of the file system at a time. Who may
// be the owner is nobody's knowledge: all believe it of themselves.
type world struct {
	fs     *memFS
	owners []*owner
	folder map[string]bool // told to OnFolder
	fault  func(op, name string) bool
}

const modelOffsets = 7

// An owner takes all records and lands them, as the real one does, and claims
// the partition again when it is fenced, for some times.
type owner struct {
	name   string
	w      *world
	step   func() (op string, more bool)
	end    func()
	done   bool
	landed bool // all of it, as far as it knows
	err    error
}

// modelFolder has late records: two folders take turns.
func modelFolder(dst []byte, r *kgo.Record) ([]byte, error) {
	return fmt.Appendf(dst, "h=%d", r.Offset%3/2), nil
}

func (w *world) hire(name string, tries int) *owner {
	o := &owner{name: name, w: w}
	next, stop := iter.Pull(func(yield func(string) bool) {
		defer func() {
			if v := recover(); v != nil && v != errKilled {
				panic(v)
			}
		}()
		killed := false // then errors are of its death
		o.err = o.live(tries, func(op string) {
			if killed = killed || !yield(op); killed {
				panic(errKilled)
			}
		})
		if killed {
			o.err = nil
		}
	})
	o.step, o.end = next, stop
	w.owners = append(w.owners, o)
	return o
}

var errKilled = errors.New("killed")

// live is what an owner does. turn waits for its turn.
func (o *owner) live(tries int, turn func(string)) error {
	a := Archive{Format: NDJSON{Plain}, Folder: modelFolder, Roll: Limits{Records: 3}, Workers: 1}
	r := &run{Archive: a.defaults(), ext: a.Format.Ext(), fs: &guard{fs: &turns{w: o.w, turn: turn}}, folders: make(map[string]bool)}
	p := newPartition(r, "t", 0)
	p.ledger.landed = func(folder string) error { o.w.folder[folder] = true; return nil }
	for range tries {
		// Whatever the client begins with: what has landed says where it reads.
		p.fences, p.doubt = 0, false // the group says so to each of them
		for p.next = 0; ; {
			s := stretch(p.next, min(p.next+2, modelOffsets))
			p.begin(&s)
			p.seek = false // the client has done as it was told
			if err := p.take(&s); err != nil {
				return err
			}
			if p.owned && p.next == modelOffsets {
				if err := p.roll(ByStop); err != nil {
					return err
				}
				o.landed = p.owned
			}
			if !p.owned || o.landed {
				break
			}
		}
		if o.landed {
			return nil
		}
	}
	return nil
}

func stretch(from, to int64) kafkaio.Stretch {
	s := kafkaio.Stretch{Topic: "t", First: min(from, modelOffsets-1), HighWatermark: modelOffsets}
	for at := min(from, modelOffsets-1); at < max(to, from+1) && at < modelOffsets; at++ {
		s.Records = append(s.Records, &kgo.Record{Topic: "t", Offset: at, Value: strconv.AppendInt(nil, at, 10)})
	}
	s.LeaderEpoch = -1
	s.Next = s.Records[len(s.Records)-1].Offset + 1
	return s
}

// run gives turns in the order that choose says, which returns the owner whose
// turn it is, or nil to end; and looks after each turn.
func (w *world) run(t require.TestingT, choose func(alive []*owner) *owner) {
	for {
		var alive []*owner
		for _, o := range w.owners {
			if !o.done {
				alive = append(alive, o)
			}
		}
		if len(alive) == 0 {
			return
		}
		o := choose(alive)
		if o == nil {
			return
		}
		if _, more := o.step(); !more {
			o.done = true
			require.NoError(t, o.err, o.name)
		}
		if w.fs.moved {
			w.fs.moved = false
			w.look(t, false)
		}
	}
}

// look reads all that has landed: no offset twice, no file torn, in order; and
// if all is to be there, none missing.
func (w *world) look(t require.TestingT, all bool) {
	seen := make(map[int64]string)
	for _, name := range w.fs.landed() {
		n, ok := ParseName(path.Base(name))
		require.True(t, ok, "name %s", name)
		data := w.fs.find(name).data
		require.True(t, bytes.HasSuffix(data, []byte("\n")), "%s is torn", name)
		last := int64(-1)
		for _, line := range strings.Fields(string(data)) {
			at, err := strconv.ParseInt(line, 10, 64)
			require.NoError(t, err, "%s is torn", name)
			require.Greater(t, at, last, "%s is out of order", name)
			before, twice := seen[at]
			require.False(t, twice, "offset %d in %s and in %s", at, name, before)
			seen[at] = name
			if last < 0 {
				require.Equal(t, n.First, at, "the first of %s", name)
			}
			last = at
		}
		require.Equal(t, n.Last, last, "the last of %s", name)
		if all {
			require.True(t, w.folder[path.Dir(name)], "nobody was told of the folder of %s", name)
		}
	}
	if all {
		require.Len(t, seen, modelOffsets, "offsets landed")
	}
}

// settle ends whoever is left, and has one more owner come and land the rest.
func (w *world) settle(t require.TestingT) {
	w.endAll()
	o := w.hire("last", 2)
	w.run(t, func(alive []*owner) *owner { return alive[0] })
	require.True(t, o.landed, "the last owner landed all")
	w.look(t, true)
	names, err := w.fs.List(stateDir + "/t+0")
	require.NoError(t, err)
	rolls, others := 0, 0
	for _, name := range names {
		if _, ok := parseRoll(name); ok {
			rolls++
		} else if _, ok := parseClaim(name); !ok {
			others++
		}
	}
	require.Equal(t, 1, rolls, "entries left: %v", names)
	require.Zero(t, others, "orphans left: %v", names)
}

// endAll kills all owners.
func (w *world) endAll() {
	for _, o := range w.owners {
		o.end()
	}
	w.owners = nil
}

func newWorld() *world {
	return &world{fs: newMemFS(), folder: make(map[string]bool)}
}

// turns is an FS whose calls wait for their turn. Those that the world's fault
// names do not keep what FS promises.
type turns struct {
	w    *world
	turn func(string)
	old  []string // what was listed last
}

// do waits, and does it if there is no fault.
func (f *turns) do(op, name string, call func() error) error {
	f.turn(op + " " + name)
	if f.w.fault != nil && f.w.fault(op, name) {
		return nil
	}
	return call()
}

func (f *turns) Create(name string) (file File, err error) {
	f.turn("create " + name)
	if f.w.fault != nil && f.w.fault("create", name) && f.w.fs.find(name) != nil {
		return f.w.fs.find(name), nil
	}
	file, err = f.w.fs.Create(name)
	if err != nil {
		return nil, err
	}
	return &turnsFile{file, f, name}, nil
}

func (f *turns) List(dir string) (names []string, err error) {
	f.turn("list " + dir)
	names, err = f.w.fs.List(dir)
	if f.w.fault != nil && f.w.fault("list", dir) && f.old != nil {
		names, f.old = f.old, names
		return names, err
	}
	f.old = names
	return names, err
}

func (f *turns) Open(name string) (io.ReadCloser, error) {
	f.turn("open " + name)
	return f.w.fs.Open(name)
}

func (f *turns) Rename(from, to string) error {
	return f.do("rename", to, func() error { return f.w.fs.Rename(from, to) })
}

func (f *turns) Remove(name string) error {
	return f.do("remove", name, func() error { return f.w.fs.Remove(name) })
}

func (f *turns) MkdirAll(dir string) error {
	return f.do("mkdir", dir, func() error { return f.w.fs.MkdirAll(dir) })
}

func (f *turns) SyncDir(dir string) error {
	return f.do("sync", dir, func() error { return f.w.fs.SyncDir(dir) })
}

type turnsFile struct {
	File
	f    *turns
	name string
}

func (f *turnsFile) Write(p []byte) (n int, err error) {
	err = f.f.do("write", f.name, func() error { n, err = f.File.Write(p); return err })
	return n, err
}

func (f *turnsFile) Sync() error { return f.f.do("fsync", f.name, f.File.Sync) }

// solo returns how many turns one owner needs.
func solo(t require.TestingT) (n int) {
	w := newWorld()
	w.hire("a", 1)
	w.run(t, func(alive []*owner) *owner { n++; return alive[0] })
	w.look(t, true)
	return n
}

// TestModelCrash: an owner dies at each of its operations, alone or with its
// machine, and the next lands the rest.
func TestModelCrash(t *testing.T) {
	n := solo(t)
	for at := range n {
		for seed := range uint64(20) {
			w := newWorld()
			w.hire("a", 1)
			turn := 0
			w.run(t, func(alive []*owner) *owner {
				if turn++; turn > at {
					return nil
				}
				return alive[0]
			})
			w.owners[0].end()
			if seed > 0 {
				w.fs = w.fs.crash(rand.New(rand.NewPCG(seed, uint64(at))))
				w.look(t, false)
			}
			w.settle(t)
			if t.Failed() {
				t.Fatalf("died at operation %d, seed %d", at, seed)
			}
		}
	}
	t.Logf("%d operations to die at", n)
}

// TestModelOwners: two owners, neither knowing of the other. One is interrupted
// at each of its operations for each number of the other's, and goes on then;
// and again with the roles changed. Each fenced owner claims again.
func TestModelOwners(t *testing.T) {
	const tries = 2
	n, schedules := solo(t), 0
	stride := 4
	if *modelRuns > 0 {
		stride = 1
	}
	for first := range n {
		for pause := 1 + first%stride; pause <= n+1; pause += stride {
			for _, back := range []int{1, 5, 1000} { // then the first runs on for so long, and the second ends
				w := newWorld()
				w.fs.strict = pause%2 == 0
				a, b := w.hire("a", tries), w.hire("b", tries)
				turn := 0
				w.run(t, func(alive []*owner) *owner {
					turn++
					who := a
					if turn > first && turn <= first+pause || turn > first+pause+back {
						who = b
					}
					if who.done {
						return alive[0]
					}
					return who
				})
				w.settle(t)
				schedules++
				if t.Failed() {
					t.Fatalf("first %d, pause %d, back %d", first, pause, back)
				}
			}
		}
	}
	t.Logf("%d schedules", schedules)
}

// TestModelRandom: up to five owners, switched, killed, and their machine
// crashing, at random.
func TestModelRandom(t *testing.T) {
	for seed := range max(1000, uint64(*modelRuns)) {
		randomly(t, seed, nil)
		if t.Failed() {
			t.Fatal("seed ", seed)
		}
	}
}

func randomly(t require.TestingT, seed uint64, fault func(op, name string) bool) {
	rnd := rand.New(rand.NewPCG(seed, 7))
	w := newWorld()
	w.fault, w.fs.strict = fault, seed%2 == 0
	defer w.endAll()
	born := 0
	hire := func() {
		if born++; born <= 5 {
			w.hire(fmt.Sprint("owner ", born), 3)
		}
	}
	hire()
	hire()
	var now *owner
	for range 3 {
		w.run(t, func(alive []*owner) *owner {
			switch chance := rnd.IntN(1000); {
			case chance < 4:
				hire()
			case chance < 10:
				now = alive[rnd.IntN(len(alive))]
				now.end()
			case chance < 14:
				return nil
			}
			if now == nil || now.done || rnd.IntN(8) == 0 {
				now = alive[rnd.IntN(len(alive))]
			}
			return now
		})
		if rnd.IntN(2) == 0 {
			w.endAll()
			w.fs = w.fs.crash(rnd)
			w.look(t, false)
			hire()
		}
	}
	w.settle(t)
}

// TestModelFinds: the model finds what is wrong with stores that do not keep
// what FS promises, which stands for protocols that leave a step out.
func TestModelFinds(t *testing.T) {
	for seed := range uint64(50) {
		require.False(t, failing(seed, nil), "what is right")
	}
	state := stateDir + "/t+0"
	for name, fault := range map[string]func(op, name string) bool{
		"files are not synced":     func(op, name string) bool { return op == "fsync" && strings.HasPrefix(name, state+"/data") },
		"entries are not synced":   func(op, name string) bool { return op == "fsync" && strings.HasPrefix(name, state+"/roll") },
		"names are not synced":     func(op, name string) bool { return op == "sync" && name == state },
		"folders are not synced":   func(op, name string) bool { return op == "sync" && strings.HasPrefix(name, "h=") },
		"claims are not exclusive": func(op, name string) bool { return op == "create" && strings.HasPrefix(name, state+"/claim") },
		"lists are old":            func(op, name string) bool { return op == "list" },
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(20_000) {
				if failing(seed, fault) {
					t.Logf("found in schedule %d", seed)
					return
				}
			}
			require.Fail(t, "the model sees nothing wrong")
		})
	}
}

// failing reports whether a random schedule goes wrong.
func failing(seed uint64, fault func(op, name string) bool) (wrong bool) {
	defer func() {
		if v := recover(); v != nil {
			wrong = true // a verdict, or two files for one name
		}
	}()
	randomly(verdict{}, seed, fault)
	return false
}

// verdict is a TestingT that panics.
type verdict struct{}

func (verdict) Errorf(string, ...any) {}
func (verdict) FailNow()              { panic("failed") }
