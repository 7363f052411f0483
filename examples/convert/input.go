package main

import (
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// An input is a file, or standard input if it has no name. One whose name ends in .gz
// or .zst is decompressed.
type input struct {
	name  string
	stdin io.Reader
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

func (in input) open() (io.ReadCloser, error) {
	if in.name == "" {
		return io.NopCloser(in.stdin), nil
	}
	f, err := os.Open(in.name)
	if err != nil {
		return nil, err
	}
	var text io.Reader
	switch filepath.Ext(in.name) {
	case ".gz":
		text, err = gzip.NewReader(f)
	case ".zst":
		text, err = zstd.NewReader(f, zstd.WithDecoderMaxWindow(maxWindow), zstd.WithDecoderConcurrency(1))
	default:
		return f, nil
	}
	if err != nil {
		_ = f.Close() // it was read only
		return nil, err
	}
	return decompressed{text, f}, nil
}

// decompressed is the text of a compressed file.
type decompressed struct {
	io.Reader
	file *os.File
}

func (d decompressed) Close() error {
	if z, ok := d.Reader.(*zstd.Decoder); ok {
		z.Close()
	}
	return d.file.Close()
}
