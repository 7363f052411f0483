package archive

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A Compression is how NDJSON compresses its files.
type Compression uint8

const (
	Gzip  Compression = iota // which every reader knows
	Zstd                     // smaller and several times faster; Hadoop needs its native library for it
	Plain                    // none
)

// NDJSON is the Format of one value a line, as it came from Kafka: JSON, if
// that is what the topic has, which NDJSON does not check. A value that is
// empty or has a line break is rejected with ErrLine. The zero value
// compresses with gzip.
type NDJSON struct {
	Compression Compression
}

// Ext returns "ndjson.gz", "ndjson.zst" or "ndjson".
func (f NDJSON) Ext() string {
	switch f.Compression {
	case Gzip:
		return "ndjson.gz"
	case Zstd:
		return "ndjson.zst"
	default:
		return "ndjson"
	}
}

// NewEncoder returns the encoder of one file. With Zstd it takes about 6 MiB,
// with Gzip about 0.8 MiB.
func (f NDJSON) NewEncoder(w io.Writer, _ *kgo.Record) (Encoder, error) {
	switch f.Compression {
	case Gzip:
		z, err := gzip.NewWriterLevel(w, flate.DefaultCompression)
		return &lines{w: z, close: z.Close}, err
	case Zstd:
		z, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
		if err != nil {
			return nil, err
		}
		return &lines{w: z, close: z.Close}, nil
	case Plain:
		return &lines{w: w, close: func() error { return nil }}, nil
	default:
		return nil, fmt.Errorf("archive: NDJSON.Compression %d is none", f.Compression)
	}
}

// lines gather in buf, because a compressor has a price for each call.
type lines struct {
	w     io.Writer
	close func() error
	buf   []byte
}

const linesAtOnce = 32 << 10

func (l *lines) WriteEncoded(value []byte) error {
	if len(value) == 0 || bytes.IndexByte(value, '\n') >= 0 || bytes.IndexByte(value, '\r') >= 0 {
		return ErrLine
	}
	l.buf = append(append(l.buf, value...), '\n')
	if len(l.buf) < linesAtOnce {
		return nil
	}
	return l.flush()
}

func (l *lines) flush() error {
	_, err := l.w.Write(l.buf)
	l.buf = l.buf[:0]
	return err
}

func (l *lines) Close() error {
	if err := l.flush(); err != nil {
		return err
	}
	return l.close()
}
