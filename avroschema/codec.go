package avroschema

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

// A Codec compresses the blocks of a container file.
type Codec uint8

const (
	// CodecDeflate is what every implementation of Avro reads, Hive's too.
	CodecDeflate   Codec = iota
	CodecNull            // none, as every implementation reads too
	CodecSnappy          // fastest
	CodecZstandard       // smallest for its time; Avro 1.9 and Hive 4, or their libraries, and newer
)

var codecNames = [...]string{"deflate", "null", "snappy", "zstandard"}

// String returns the name of c in Avro's metadata.
func (c Codec) String() string {
	if int(c) < len(codecNames) {
		return codecNames[c]
	}
	return fmt.Sprintf("Codec(%d)", c)
}

// A compressor appends the compressed block to dst.
type compressor interface {
	append(dst, block []byte) ([]byte, error)
}

// newCompressor returns what does the work of c for blocks of about size bytes. A
// compressor's tables are worth more than a block: it is made once a file.
func newCompressor(c Codec, level, size int) (compressor, error) {
	switch c {
	case CodecNull:
		return stored{}, nil
	case CodecSnappy:
		return snappyBlock{}, nil
	case CodecDeflate:
		if level == 0 {
			level = defaultDeflate
		}
		if level < flate.BestSpeed || level > flate.BestCompression {
			return nil, errors.New("deflate has no such Level: not in 1 to 9")
		}
		w, err := flate.NewWriter(nil, level)
		return &deflated{writer: w}, err
	case CodecZstandard:
		if level == 0 {
			level = defaultZstandard
		}
		if level < 1 || level > maxZstandard {
			return nil, errors.New("zstandard has no such Level: not in 1 to 22")
		}
		window := zstd.MinWindowSize
		for window < size && window < maxWindow {
			window *= 2
		}
		w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.EncoderLevelFromZstd(level)),
			zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(window), zstd.WithLowerEncoderMem(true))
		return zstandard{w}, err
	}
	return nil, errors.New("unknown Codec")
}

const (
	defaultDeflate   = 6
	defaultZstandard = 3
	maxZstandard     = 22
	maxWindow        = 8 << 20 // which every decoder takes
)

type stored struct{}

func (stored) append(dst, block []byte) ([]byte, error) { return append(dst, block...), nil }

// deflated is RFC 1951 without the wrapping of zlib.
type deflated struct {
	writer *flate.Writer
	out    bytes.Buffer
}

func (d *deflated) append(dst, block []byte) ([]byte, error) {
	d.out = *bytes.NewBuffer(dst)
	d.writer.Reset(&d.out)
	if _, err := d.writer.Write(block); err != nil {
		return dst, err
	}
	if err := d.writer.Close(); err != nil {
		return dst, err
	}
	return d.out.Bytes(), nil
}

// snappyBlock is snappy's block format with the CRC-32 of what it holds behind it.
type snappyBlock struct{}

func (snappyBlock) append(dst, block []byte) ([]byte, error) {
	n := snappy.MaxEncodedLen(len(block))
	if n < 0 {
		return dst, ErrRecordTooLarge
	}
	at := len(dst)
	dst = append(dst, make([]byte, n)...)
	dst = dst[:at+len(snappy.Encode(dst[at:], block))]
	return binary.BigEndian.AppendUint32(dst, crc32.ChecksumIEEE(block)), nil
}

type zstandard struct{ encoder *zstd.Encoder }

func (z zstandard) append(dst, block []byte) ([]byte, error) {
	return z.encoder.EncodeAll(block, dst), nil
}
