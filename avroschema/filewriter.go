package avroschema

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/ltsvpipe/ltsvpipe/transform"
)

// Errors of a [FileWriter], besides those of the writer below it.
var (
	ErrFileOption = errors.New("avroschema: file option") // an option that cannot be; the text names it
	ErrNotEmpty   = errors.New("avroschema: the file is not empty")
	ErrClosed     = errors.New("avroschema: the file is closed")
)

// FileOptions are the options of [NewFileWriter]. The zero value means defaults.
type FileOptions struct {
	// Codec compresses the blocks. Default CodecDeflate.
	Codec Codec

	// Level of compression: 1, fast, to 9, small, for deflate, default 6; 1 to 22 by the
	// scale of zstd, default 3. The other codecs have none.
	Level int

	// BlockBytes is how many bytes of encoded records make a block: what a reader holds
	// at once, where it can start, and what is lost if a byte of the file is damaged.
	// 1 KiB to 64 MiB. Default 256 KiB: 64 KiB make files some percent larger and
	// slower to write, 1 MiB gains less than one.
	BlockBytes int

	// Metadata goes into the header. Keys that begin with "avro." are Avro's own and
	// refused. Default: writer.time.zone=UTC and writer.proleptic=true alone, without
	// which Hive takes timestamps for times of the server's zone; they can be overridden.
	Metadata map[string]string

	// Encoder encodes what is given to Write. Nobody else may use it until the file is
	// closed. Default: one of the file's own.
	Encoder *Encoder
}

// DefaultBlockBytes is the default of [FileOptions.BlockBytes].
const DefaultBlockBytes = 256 << 10

const (
	minBlockBytes = 1 << 10
	maxBlockBytes = 64 << 20
	// maxBlockRecords ends a block of records that have no bytes.
	maxBlockRecords = 1 << 20
)

// A FileWriter writes an Avro object container file: a header with the schema in full
// and blocks of records, each followed by a marker that is random for the file. Unlike
// hamba/avro's writer it keeps docs, defaults and properties of the schema, makes
// blocks by size, compresses all of them with one compressor, and takes records.
//
// It holds one block and its compressed form in memory: about BlockBytes and the largest
// record, twice, and what the codec needs (deflate about 1 MiB, zstandard a few times
// BlockBytes). An error of the writer below is sticky: the file is torn, and must be
// written anew from the start. A FileWriter is for one goroutine; a [Block] lets others
// encode and compress for it.
type FileWriter struct {
	w       io.Writer
	schema  *Schema
	options FileOptions
	plan    *Plan
	failed  error // of the plan: there is none
	sync    [16]byte

	header []byte // until it is written
	block  *Block
	out    []byte

	records, written int64
	err              error
}

// NewFileWriter returns a writer of a new container file with records of schema s. If w
// is a regular file it must be empty: what would be appended to another container has
// another schema and marker, and readers take it for damage. It writes nothing yet.
//
// Any schema can be written with WriteEncoded; Write needs one that [Compile] takes.
func NewFileWriter(w io.Writer, s *Schema, o FileOptions) (*FileWriter, error) {
	switch {
	case w == nil:
		return nil, errors.New("avroschema: the io.Writer is nil")
	case s == nil || s.root == nil:
		return nil, errNoSchema
	}
	if o.BlockBytes == 0 {
		o.BlockBytes = DefaultBlockBytes
	}
	if o.BlockBytes < minBlockBytes || o.BlockBytes > maxBlockBytes {
		return nil, fmt.Errorf("%w: BlockBytes is out of range", ErrFileOption)
	}
	f := &FileWriter{w: w, schema: s, options: o}
	if o.Encoder != nil {
		f.plan = o.Encoder.plan
		if f.plan.schema.json != s.json {
			return nil, fmt.Errorf("%w: Encoder has another schema", ErrFileOption)
		}
	} else {
		f.plan, f.failed = Compile(s)
	}
	if err := empty(w); err != nil {
		return nil, err
	}
	rand.Read(f.sync[:])
	var err error
	if f.block, err = f.newBlock(o.Encoder); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFileOption, err)
	}
	f.header, err = f.makeHeader(o)
	return f, err
}

// empty returns an error if w is a regular file that holds something.
func empty(w io.Writer) error {
	file, ok := w.(interface{ Stat() (fs.FileInfo, error) })
	if !ok {
		return nil
	}
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("avroschema: %w", err)
	}
	if info.Mode().IsRegular() && info.Size() > 0 {
		return ErrNotEmpty
	}
	return nil
}

func (f *FileWriter) makeHeader(o FileOptions) ([]byte, error) {
	meta := map[string]string{"writer.time.zone": "UTC", "writer.proleptic": "true"}
	for key, value := range o.Metadata {
		if strings.HasPrefix(key, "avro.") {
			return nil, fmt.Errorf("%w: Metadata has a key of Avro's own", ErrFileOption)
		}
		meta[key] = value
	}
	meta["avro.schema"], meta["avro.codec"] = f.schema.json, o.Codec.String()
	header := appendLong([]byte("Obj\x01"), int64(len(meta)))
	for _, key := range slices.Sorted(maps.Keys(meta)) {
		header = appendText(appendText(header, strings.ToValidUTF8(key, "\uFFFD")), meta[key])
	}
	return append(append(header, 0), f.sync[:]...), nil
}

// Write adds a record. A [*FieldError] costs that record only; any other error is final.
// rec is not kept.
func (f *FileWriter) Write(rec *transform.Record) error {
	if f.err != nil {
		return f.err
	}
	if err := f.block.Write(rec); err != nil {
		return err
	}
	return f.added()
}

// WriteEncoded adds one record that is encoded by the file's schema, without any header,
// and does not check it. data is copied.
func (f *FileWriter) WriteEncoded(data []byte) error {
	if f.err != nil {
		return f.err
	}
	f.block.WriteEncoded(data)
	return f.added()
}

// added counts a record, and ends the block if it is full.
func (f *FileWriter) added() error {
	f.records++
	if f.block.Full() {
		return f.Flush()
	}
	return nil
}

// Flush ends the block and writes it to w, behind the header if that is not written yet.
// Full blocks are written without it; small ones cost space.
func (f *FileWriter) Flush() error {
	if f.err != nil {
		return f.err
	}
	out, err := f.block.AppendTo(append(f.out[:0], f.header...))
	if err != nil {
		f.err = err
		return err
	}
	f.header = nil
	f.write(out)
	if f.out = out; cap(out) > 4*f.options.BlockBytes {
		f.out = nil
	}
	return f.err
}

// write writes data, and keeps the error.
func (f *FileWriter) write(data []byte) {
	if len(data) == 0 || f.err != nil {
		return
	}
	n, err := f.w.Write(data)
	f.written += int64(n)
	if err == nil && n < len(data) {
		err = io.ErrShortWrite
	}
	f.err = err
}

// Close ends the last block and writes it, and the header of a file without records.
// It does not close the writer below. After it every call but Close gives [ErrClosed].
func (f *FileWriter) Close() error {
	if f.err == ErrClosed {
		return nil
	}
	err := f.Flush()
	if f.err == nil {
		f.err = ErrClosed
	}
	return err
}

// Records returns how many records were added, those of the block that is not written
// yet among them.
func (f *FileWriter) Records() int64 { return f.records }

// Written returns how many bytes were written to the writer below.
func (f *FileWriter) Written() int64 { return f.written }

// Buffered returns how many bytes of records are in the block that is not written yet,
// before they are compressed.
func (f *FileWriter) Buffered() int { return len(f.block.data) }
