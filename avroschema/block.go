package avroschema

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/ltsvpipe/ltsvpipe/transform"
)

// ErrBlock is what WriteBlocks says of data that is not whole blocks of its file.
var ErrBlock = errors.New("avroschema: not blocks of this file")

// A Block holds records of a container file until they are compressed. [FileWriter.NewBlock]
// makes one that stands apart from its file, so that other goroutines can share the work:
//
//	block := file.NewBlock() // a worker's own
//	err := block.Write(rec)  // for some records, and then, or when it is Full,
//	out, err = block.AppendTo(out)
//
//	err = file.WriteBlocks(out) // by the one goroutine that writes, in the order it wants
//
// A Block is for one goroutine.
type Block struct {
	encode *Encoder
	failed error // of the encoder: there is none
	comp   compressor
	limit  int
	sync   [16]byte

	data  []byte
	count int64
}

// newBlock returns an empty block of f. Without an encoder it gets one of its own.
func (f *FileWriter) newBlock(e *Encoder) (*Block, error) {
	b := &Block{encode: e, failed: f.failed, limit: f.options.BlockBytes, sync: f.sync}
	if e == nil && f.plan != nil {
		b.encode = f.plan.NewEncoder()
	}
	var err error
	b.comp, err = newCompressor(f.options.Codec, f.options.Level, b.limit)
	return b, err
}

// NewBlock returns an empty block that is made apart from f. Any goroutine may call it.
func (f *FileWriter) NewBlock() *Block {
	b, _ := f.newBlock(nil) // the file has a block of the same options
	return b
}

// Write adds a record. A [*FieldError] costs that record only. rec is not kept.
func (b *Block) Write(rec *transform.Record) error {
	if b.failed != nil {
		return b.failed
	}
	data, err := b.encode.Append(b.data, rec)
	if err != nil {
		return err
	}
	b.data = data
	b.count++
	return nil
}

// WriteEncoded adds one record that is encoded by the file's schema, without any header.
// What it is, nobody checks. data is copied.
func (b *Block) WriteEncoded(data []byte) {
	b.data = append(b.data, data...)
	b.count++
}

// Full reports whether b has reached the size of a block. What is added still makes it
// larger, and readers hold a block at once.
func (b *Block) Full() bool { return len(b.data) >= b.limit || b.count >= maxBlockRecords }

// Records returns how many records are in b.
func (b *Block) Records() int64 { return b.count }

// Encoder returns the encoder of Write, for its Stats. It is nil if the schema is none
// that [Compile] takes.
func (b *Block) Encoder() *Encoder { return b.encode }

// AppendTo appends the block to dst as it stands in the file, compressed, and empties it.
// It appends nothing if b is empty. On error it returns dst as it came.
func (b *Block) AppendTo(dst []byte) ([]byte, error) {
	if b.count == 0 {
		return dst, nil
	}
	out := appendLong(dst, b.count)
	// Room for the longest size is left before the records, which are then moved to
	// where it ends.
	at := len(out)
	room := len(appendLong(nil, int64(2*len(b.data)+1024)))
	out = append(out, make([]byte, room)...)
	out, err := b.comp.append(out, b.data)
	if err != nil {
		return dst, fmt.Errorf("avroschema: %w", err)
	}
	size := appendLong(out[at:at], int64(len(out)-at-room))
	out = out[:at+len(size)+copy(out[at+len(size):], out[at+room:])]
	b.data, b.count = b.data[:0], 0
	if cap(b.data) > 4*b.limit { // which only a large record needed
		b.data = nil
	}
	return append(out, b.sync[:]...), nil
}

// cutBlock returns the number of records in the first block of data, and what follows it.
func (b *Block) cutBlock(data []byte) (records int64, rest []byte, err error) {
	records, n := binary.Varint(data)
	if n <= 0 || records <= 0 {
		return 0, nil, ErrBlock
	}
	data = data[n:]
	size, n := binary.Varint(data)
	if n <= 0 || size < 0 || size > int64(len(data)-n-len(b.sync)) {
		return 0, nil, ErrBlock
	}
	data = data[n+int(size):]
	if [16]byte(data) != b.sync {
		return 0, nil, ErrBlock
	}
	return records, data[len(b.sync):], nil
}

// WriteBlocks writes blocks that Blocks of f have appended, any number of them, as they
// are, behind what was added before. [ErrBlock] says that they are not, and nothing is
// written then.
func (f *FileWriter) WriteBlocks(data []byte) error {
	if f.err != nil {
		return f.err
	}
	var records int64
	for rest := data; len(rest) > 0; {
		n, next, err := f.block.cutBlock(rest)
		if err != nil {
			return err
		}
		records, rest = records+n, next
	}
	if err := f.Flush(); err != nil {
		return err
	}
	f.records += records
	f.write(data)
	return f.err
}
