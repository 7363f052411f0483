package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// An output is a file that is whole when Close has returned nil. One whose name ends in
// .gz or .zst is compressed.
type output struct {
	io.Writer
	closers []io.Closer
}

// create makes the file called name.
func create(name string) (*output, error) {
	f, err := os.Create(name)
	if err != nil {
		return nil, err
	}
	o := &output{Writer: f, closers: []io.Closer{f}}
	switch filepath.Ext(name) {
	case ".gz":
		z := gzip.NewWriter(f)
		o.Writer, o.closers = z, []io.Closer{z, f}
	case ".zst":
		z, err := zstd.NewWriter(f)
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		o.Writer, o.closers = z, []io.Closer{z, f}
	}
	return o, nil
}

func (o *output) Close() error {
	var err error
	for _, c := range o.closers {
		err = errors.Join(err, c.Close())
	}
	return err
}
