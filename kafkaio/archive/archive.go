package archive

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

const (
	defaultBytes        = 128 << 20
	defaultAge          = 10 * time.Minute
	defaultMaxFiles     = 64
	defaultDrainTimeout = 20 * time.Second
)

// Limits say when the open files of a partition land: all together, as soon as
// one of the limits is reached.
type Limits struct {
	// Bytes of one file, as written: what an encoder still holds does not
	// count yet. 0 means 128 MiB.
	Bytes int64
	// Records in all open files of the partition. 0 means any number.
	Records int64
	// Age is the time since the first record that has not landed was taken,
	// whatever its event time. It should be well below the time between
	// rebalances, each of which throws away what is open of the partitions
	// that move. 0 means 10 minutes.
	Age time.Duration
}

// An Archive lands topics as files. Its zero value needs FS only. It is
// configuration: Run does not change it, and several Runs, each with its own
// client, may share it.
type Archive struct {
	// FS is where files land.
	FS FS

	// Format makes files of records. Nil means NDJSON, with gzip.
	Format Format

	// Folder says where a record lands. Nil means Hourly(nil).
	Folder Folder

	// Roll says when.
	Roll Limits

	// MaxFiles is how many files are open at once: with more to be open, a
	// partition lands what it has early. Each partition has one in any case.
	// 0 means 64.
	MaxFiles int

	// Workers is how many goroutines write. A partition's records are written
	// by one at a time. 0 means runtime.GOMAXPROCS(0).
	Workers int

	// OnError says what becomes of a record that the Folder, the Format or an
	// Encoder rejected, or panicked on
	// (*kafkaio.PanicError): kafkaio.Stop, Skip or DeadLetter. Workers call it,
	// several at once. The record is valid during the call. Nil means
	// DeadLetter, if there is one, and Stop otherwise.
	OnError func(*kgo.Record, error) kafkaio.Action

	// DeadLetter is the topic that action DeadLetter produces to, with the
	// headers of kafkaio.HeaderException and so on. It must exist and take what
	// the input topics take, and headers of up to 1.5 KiB. A dead letter is
	// there before what came after its record lands: at least once, since what
	// had not landed is read again. The client must be one that kafkaio.NewSink
	// accepts, as with kafkaio.GroupOpts.
	DeadLetter string

	// OnFolder is told of each folder in which files have landed: for each at
	// least once in a Run, and again after a crash, so that nothing lands
	// in a folder that it was not told of. It may tell Hive
	//
	//	ALTER TABLE … ADD IF NOT EXISTS PARTITION (…)
	//
	// A Run calls it one at a time; several Runs of one Archive call it at once.
	// An error ends Run, and the next is told of the folder again. ctx is done
	// when the drain timeout has passed.
	OnFolder func(ctx context.Context, folder string) error

	// MaxRecords is how many records are polled at once. 0 means 10,000.
	MaxRecords int

	// DrainTimeout is how long Run goes on after its context is done, to land
	// what is open. 0 means 20 s.
	DrainTimeout time.Duration

	// OnDataLoss is what to do when records were lost before they had landed,
	// by a broker or to retention: kafkaio.Stop, or Skip to go on with what is
	// left. If a log lost its end, Skip throws away what is open, and lands
	// what the log has now; but if what has landed is part of what was lost,
	// Run ends with ErrBehind, since its offsets cannot land again.
	OnDataLoss kafkaio.Action

	// Observer is told of every roll. Nil means nobody is.
	Observer Observer
}

// Run lands records until ctx is done or something fails: each offset exactly
// once, whatever dies when, however often Run is called.
//
// When ctx is done, Run lands what is open and returns nil, or
// kafkaio.ErrDrainTimeout if that takes longer than DrainTimeout. Otherwise it
// returns why it cannot go on:
//
//   - a *kafkaio.ClientError, before anything is read, if cl is not safe (see
//     kafkaio.GroupOpts; what producing needs is asked for with a DeadLetter
//     only); or an error about a;
//   - an *FSError: then nothing more is written, and what is open is thrown
//     away;
//   - a *kafkaio.RecordError under action Stop, or when OnError panicked
//     (*kafkaio.PanicError); what came before the record has landed;
//   - a *kafkaio.PanicError, wrapped, if a function of the caller's panicked when
//     there was no record to blame: the Observer, OnFolder, the end of a file;
//   - a *PartitionError: ErrBehind, ErrRecreated, ErrCorrupt, or ErrFenced time
//     and again;
//   - the error of OnFolder, wrapped; a *kafkaio.ProduceError of a dead letter;
//   - what kafkaio.Source returns: a *kgo.ErrDataLoss under OnDataLoss Stop, a
//     *kafkaio.FetchError, a commit's error that another try would meet again.
//
// Nothing is lost then: Run sets the client back to what has landed, and
// another Run, with this client or another of the group, goes on there. What
// passes is survived and told to the Observer.
//
// The client is the caller's, who closes it with CloseAllowingRebalance; until
// then it stays in the group and keeps its partitions from other members. While
// Run runs nobody else may poll it, commit with it or call AllowRebalance.
// Run's goroutines have ended when it returns, except after an
// ErrDrainTimeout for a call of the FS that does not return: its goroutine
// ends when it does, and touches neither FS nor client any more.
//
// Memory is bounded by the client's read-ahead (see kafkaio.GroupOpts), plus
// MaxRecords records read, plus what each open file takes: 64 KiB and what its
// encoder keeps (see NDJSON). While the FS stalls, nothing more is polled.
func (a *Archive) Run(ctx context.Context, cl *kgo.Client) error {
	if err := a.check(); err != nil {
		return err
	}
	r, err := newRun(ctx, a, cl)
	if err != nil {
		return err
	}
	return r.run()
}

// check looks for mistakes that need no client to be seen.
func (a *Archive) check() error {
	if a.FS == nil {
		return errors.New("archive: Archive.FS is nil")
	}
	for _, field := range []struct {
		name  string
		value int64
	}{
		{"Roll.Bytes", a.Roll.Bytes}, {"Roll.Records", a.Roll.Records}, {"Roll.Age", int64(a.Roll.Age)},
		{"MaxFiles", int64(a.MaxFiles)}, {"Workers", int64(a.Workers)}, {"MaxRecords", int64(a.MaxRecords)},
		{"DrainTimeout", int64(a.DrainTimeout)},
	} {
		if field.value < 0 {
			return fmt.Errorf("archive: Archive.%s is negative", field.name)
		}
	}
	if a.OnDataLoss != kafkaio.Stop && a.OnDataLoss != kafkaio.Skip {
		return fmt.Errorf("archive: Archive.OnDataLoss: %v is neither Stop nor Skip", a.OnDataLoss)
	}
	return nil
}

// defaults returns a with all its fields set that Run needs.
func (a *Archive) defaults() Archive {
	d := *a
	if d.Format == nil {
		d.Format = NDJSON{}
	}
	if d.Folder == nil {
		d.Folder = Hourly(nil)
	}
	if d.Roll.Bytes == 0 {
		d.Roll.Bytes = defaultBytes
	}
	if d.Roll.Age == 0 {
		d.Roll.Age = defaultAge
	}
	if d.MaxFiles == 0 {
		d.MaxFiles = defaultMaxFiles
	}
	if d.Workers == 0 {
		d.Workers = runtime.GOMAXPROCS(0)
	}
	if d.DrainTimeout == 0 {
		d.DrainTimeout = defaultDrainTimeout
	}
	return d
}
