package archive

import "time"

// A Reason is why what was open of a partition landed.
type Reason uint8

const (
	BySize   Reason = iota // Limits.Bytes
	ByCount                // Limits.Records
	ByAge                  // Limits.Age
	ByFormat               // the encoder's ErrNewFile
	ByFiles                // Archive.MaxFiles
	ByStop                 // the end of Run
)

// String returns the reason's name.
func (r Reason) String() string {
	names := [...]string{"BySize", "ByCount", "ByAge", "ByFormat", "ByFiles", "ByStop"}
	if int(r) >= len(names) {
		return "Reason?"
	}
	return names[r]
}

// An Observer is told what Run does. A Run calls its methods one at a time, from
// the goroutines that do the work: they hold it up and must not block. Several
// Runs of one Archive call them at once. If one panics, Run ends with a
// *kafkaio.PanicError, wrapped.
type Observer interface {
	// Rolled is told of each roll that has landed. r and what it points to
	// are valid during the call only.
	Rolled(r *Roll)
	// Survived is told of each error that Run goes on after: a
	// *PartitionError with ErrFenced or ErrRevoked, whose records are thrown
	// away and read again, here or elsewhere, a commit of the group that was
	// refused, a broker that did not say whether the log is still the one that
	// was read, and what kafkaio.SourceOptions says.
	Survived(err error)
}

// A Roll is what landed at once of a partition. What another owner had left to
// be landed is told by Archive.OnFolder only.
type Roll struct {
	Topic     string
	Partition int32
	Reason    Reason
	Records   int64 // landed
	Skipped   int64 // that kafkaio.Skip dropped
	// DeadLettered are the records that were sent to Archive.DeadLetter.
	DeadLettered int64
	BytesIn      int64 // values of the records landed
	Bytes        int64 // of the files
	Next         int64 // offset to read next
	// HighWatermark is the offset after the partition's last record, when
	// records were last fetched: HighWatermark - Next offsets are left.
	HighWatermark int64
	// Files are none if all records were rejected, or there were only markers
	// of transactions to land.
	Files []Landed
	Took  time.Duration // from the first file closed to the last folder synced
}

// A Landed is a file.
type Landed struct {
	Folder  string
	Name    Name
	Records int64
	Bytes   int64
}

// Path returns the file's name below the root.
func (l Landed) Path() string { return l.Folder + "/" + l.Name.String() }
