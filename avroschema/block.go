package avroschema

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/ltsvpipe/ltsvpipe/transform"
)

// ErrBlock says that data given to [FileWriter.WriteBlocks] is not whole blocks made by
// Blocks of that file.
var ErrBlock = errors.New("avroschema: not blocks of this file")

// A Block collects records of a container file. [FileWriter.NewBlock] makes one that is
// filled and compressed apart from the file, so that several goroutines share the work:
//
//	block := file.NewBlock()       // one a worker
//	err := block.Write(rec)        // until there are no more records or it is Full
//	out, err = block.AppendTo(out) // compresses
//
//	err = file.WriteBlocks(out) // by one goroutine, in the order it wants
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

// WriteEncoded adds one record that is encoded by the file's schema, without any header,
// and does not check it. data is copied.
func (b *Block) WriteEncoded(data []byte) {
	b.data = append(b.data, data...)
	b.count++
}

// Full reports whether b has reached the size of a block. More can be added, but a reader
// holds a whole block in memory.
func (b *Block) Full() bool { return len(b.data) >= b.limit || b.count >= maxBlockRecords }

// Records returns how many records are in b.
func (b *Block) Records() int64 { return b.count }

// Encoder returns the encoder that Write uses, for its Stats. It is nil if [Compile]
// refuses the schema.
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

// WriteBlocks writes any number of blocks made by [Block.AppendTo] of Blocks of f, behind
// what was added before. If data is anything else the error is [ErrBlock] and nothing is
// written.
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
