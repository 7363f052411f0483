package main

import (
	"io"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// An input is a file, or standard input if it has no name. One whose name ends in .gz
// or .zst is decompressed.
type input struct {
	name  string
	stdin io.Reader
	ahead *ahead // its text, if it is being read already
}

func (in input) String() string {
	if in.name == "" {
		return "standard input"
	}
	return in.name
}

// maxWindow bounds what a zstd frame may have its reader keep: what zstd -19 --long
// writes.
const maxWindow = 128 << 20

// open returns the text of the input. done counts what is read of it, as it is stored.
func (in input) open(done *atomic.Int64) (io.ReadCloser, error) {
	if in.ahead != nil {
		return in.ahead, nil
	}
	if in.name == "" {
		return io.NopCloser(counted{in.stdin, done}), nil
	}
	f, err := os.Open(in.name)
	if err != nil {
		return nil, err
	}
	stored := counted{f, done}
	var text io.Reader
	switch filepath.Ext(in.name) {
	case ".gz":
		text, err = gzip.NewReader(stored)
	case ".zst":
		text, err = zstd.NewReader(stored, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderConcurrency(1))
	default:
		text = stored
	}
	if err != nil {
		_ = f.Close() // it was read only
		return nil, err
	}
	return opened{text, f}, nil
}

func (in input) compressed() bool { return packers[filepath.Ext(in.name)] != nil }

// opened is the text of a file.
type opened struct {
	io.Reader
	file *os.File
}

func (o opened) Close() error {
	if z, ok := o.Reader.(*zstd.Decoder); ok {
		z.Close()
	}
	return o.file.Close()
}

// counted counts the bytes that are read.
type counted struct {
	io.Reader
	n *atomic.Int64
}

func (c counted) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n.Add(int64(n))
	return n, err
}
