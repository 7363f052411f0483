package archive

import (
	"io"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A Format makes files of records: NDJSON, or the caller's. Several goroutines
// use it at once.
type Format interface {
	// Ext is how names of files end, without the leading dot: "avro". It is
	// always the same.
	Ext() string
	// NewEncoder returns the encoder of a new file, which writes to w, in
	// which first, valid during the call, will be the first record. An error
	// rejects that record, unless it comes from w.
	NewEncoder(w io.Writer, first *kgo.Record) (Encoder, error)
}

// An Encoder writes one file. One goroutine at a time uses it.
type Encoder interface {
	// WriteEncoded adds the value of a record, which it must not keep. After
	// an error the file is as it was before the call, and good for more:
	// ErrNewFile sends the record to another file, any other rejects it,
	// unless it comes from the writer.
	WriteEncoded(value []byte) error
	// Close writes what is left, and the end of the file. It does not close
	// the writer.
	Close() error
}
