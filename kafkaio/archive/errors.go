package archive

import (
	"errors"
	"fmt"
)

var (
	// ErrNewFile is what Encoder.WriteEncoded returns, having written nothing,
	// when a record does not belong into its file: its schema is another. The
	// archive lands what is open of the partition and opens a file anew for
	// the record.
	ErrNewFile = errors.New("archive: record needs a file of its own")

	// ErrFolder is the reason for rejecting a record for which Archive.Folder
	// returned what is no path below the root, or one that readers of tables
	// do not see: it must have neither "..", empty nor hidden parts (those
	// that begin with "." or "_"), backslashes, colons or control characters,
	// and no more than 1,024 bytes.
	ErrFolder = errors.New("archive: not a folder to land in")

	// ErrLine is the reason for rejecting a record that is no line of NDJSON:
	// its value is empty or has a line break.
	ErrLine = errors.New("archive: value is not one line")

	// ErrFenced says that another owner has the partition: what was open of
	// it is thrown away. The Observer is told; Run returns it when it happens
	// time and again while the group says that the partition is ours, because
	// another group lands the same topic in the same place.
	ErrFenced = errors.New("archive: another owner has claimed the partition")

	// ErrRevoked says that the group gave the partition to another member:
	// what was open of it is thrown away, and the other reads it again. The
	// Observer is told.
	ErrRevoked = errors.New("archive: partition went to another member")

	// ErrBehind says that the log has lost its end, and with it some of what
	// has landed: a partition's leader was elected that did not have it. Other
	// records have those offsets now, or will. Land them in another place, or
	// move what has landed, with the partition's folder under "_archive", out of
	// the way.
	ErrBehind = errors.New("archive: the log ends before what has landed")

	// ErrRecreated says that the topic was deleted and made again: it has
	// another id than the one of which things have landed. As with ErrBehind,
	// land it in another place, or move what has landed out of the way. Brokers
	// before Kafka 3.1 have no ids to tell by.
	ErrRecreated = errors.New("archive: the topic was deleted and made again")

	// ErrCorrupt says that a roll's record under "_archive" is not what the
	// archive wrote. Nothing lands until somebody has looked.
	ErrCorrupt = errors.New("archive: damaged record of a roll")
)

// An FSError is an operation of the FS that failed: a disk that is full
// (errors.Is syscall.ENOSPC), a folder that may not be written (fs.ErrPermission).
type FSError struct {
	Op   string // the method: "create", "write", "sync", …
	Path string
	Err  error
}

func (e *FSError) Error() string { return "archive: " + e.Op + " " + e.Path + ": " + e.Err.Error() }

func (e *FSError) Unwrap() error { return e.Err }

// A PartitionError is what befell a partition as a whole: ErrFenced,
// ErrRevoked, ErrBehind, ErrRecreated or ErrCorrupt.
type PartitionError struct {
	Topic     string
	Partition int32
	Err       error
}

func (e *PartitionError) Error() string {
	return fmt.Sprintf("topic %s partition %d: %v", e.Topic, e.Partition, e.Err)
}

func (e *PartitionError) Unwrap() error { return e.Err }
