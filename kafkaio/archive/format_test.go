package archive_test

import (
	"bytes"
	"fmt"
	"io"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

// bySchema is a Format whose files hold records of one schema: fifty that
// follow each other.
type bySchema struct{}

func (bySchema) Ext() string { return "ndjson" }

func (bySchema) NewEncoder(w io.Writer, first *kgo.Record) (archive.Encoder, error) {
	enc, err := archive.NDJSON{Compression: archive.Plain}.NewEncoder(w, first)
	return schemaFile{enc, schemaOf(first.Value)}, err
}

type schemaFile struct {
	archive.Encoder
	schema int
}

// schemaOf stands for the identifier at the start of an Avro value.
func schemaOf(value []byte) int {
	var p, i int
	if _, err := fmt.Sscanf(string(value), `{"at":"%d/%d"}`, &p, &i); err != nil {
		panic(err)
	}
	return i / 50
}

func (f schemaFile) WriteEncoded(value []byte) error {
	if schemaOf(value) != f.schema {
		return archive.ErrNewFile
	}
	return f.Encoder.WriteEncoded(value)
}

// endless is a Format whose encoders panic when they are closed.
type endless struct{ err error }

func (endless) Ext() string { return "ndjson" }

func (f endless) NewEncoder(w io.Writer, first *kgo.Record) (archive.Encoder, error) {
	enc, err := archive.NDJSON{Compression: archive.Plain}.NewEncoder(w, first)
	return endlessFile{enc, f.err}, err
}

type endlessFile struct {
	archive.Encoder
	err error
}

func (f endlessFile) Close() error { panic(f.err) }

// refusing is a Format that panics when a record's file begins.
type refusing struct{ err error }

func (refusing) Ext() string { return "ndjson" }

func (f refusing) NewEncoder(w io.Writer, first *kgo.Record) (archive.Encoder, error) {
	if isBad(first.Value) {
		panic(f.err)
	}
	enc, err := archive.NDJSON{Compression: archive.Plain}.NewEncoder(w, first)
	return refusingFile{enc}, err
}

type refusingFile struct{ archive.Encoder }

func (f refusingFile) WriteEncoded(value []byte) error {
	if isBad(value) {
		return archive.ErrNewFile
	}
	return f.Encoder.WriteEncoded(value)
}

func isBad(value []byte) bool { return bytes.Equal(value, []byte(`{"at":"0/42"}`)) }

// rejecting is a Format that rejects a record.
type rejecting struct {
	err    error
	panics bool
}

func (rejecting) Ext() string { return "ndjson" }

func (f rejecting) NewEncoder(w io.Writer, first *kgo.Record) (archive.Encoder, error) {
	enc, err := archive.NDJSON{Compression: archive.Plain}.NewEncoder(w, first)
	return rejectingFile{enc, f}, err
}

type rejectingFile struct {
	archive.Encoder
	rejecting
}

func (f rejectingFile) WriteEncoded(value []byte) error {
	if isBad(value) {
		if f.panics {
			panic(f.err)
		}
		return f.err
	}
	return f.Encoder.WriteEncoded(value)
}
