package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// unfinished is behind the name of a file that is not whole.
const unfinished = ".part"

// An output is standard output, or a file that is whole when finish has returned nil.
// Until then a regular file has another name, and one that was there before is as it was.
type output struct {
	io.Writer
	packer func() packer // nil if it is not compressed

	file *os.File // nil for standard output
	name string
	part string // "" if it has its name from the start: a device or pipe
}

// create makes the file called name.
func create(name string) (*output, error) {
	o := &output{name: name, packer: packers[filepath.Ext(name)]}
	if err := o.open(); err != nil {
		return nil, fmt.Errorf("create %s: %w", name, cause(err))
	}
	o.Writer = o.file
	if o.part != "" {
		o.Writer = &diskWriter{file: o.file}
	}
	return o, nil
}

func (o *output) open() error {
	info, err := os.Stat(o.name)
	if err == nil && !info.Mode().IsRegular() {
		o.file, err = os.OpenFile(o.name, os.O_WRONLY, 0)
		return err
	}
	mode := fs.FileMode(0o666)
	if err == nil {
		mode = info.Mode().Perm()
		if o.name, err = filepath.EvalSymlinks(o.name); err != nil {
			return err
		}
	}
	o.part = o.name + unfinished
	if o.file, err = os.OpenFile(o.part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode); err != nil || info == nil {
		return err
	}
	return o.file.Chmod(mode) // who may read it stays, whatever the umask
}

// newPacker returns what compresses for o, for one goroutine, or nil.
func (o *output) newPacker() packer {
	if o == nil || o.packer == nil {
		return nil
	}
	return o.packer()
}

// put writes b, which is compressed if o is.
func (o *output) put(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	_, err := o.Write(b)
	return o.failed(err)
}

// putText compresses b if o is compressed, and writes it.
func (o *output) putText(b []byte) error {
	if pack := o.newPacker(); pack != nil {
		var err error
		if b, err = pack(nil, b); err != nil {
			return o.failed(err)
		}
	}
	return o.put(b)
}

// failed says of an error where it was.
func (o *output) failed(err error) error {
	if err == nil {
		return nil
	}
	name := o.name
	if o.file == nil {
		name = "output"
	}
	return fmt.Errorf("write %s: %w", name, cause(err))
}

// empty reports whether nothing was written into a file of its own.
func (o *output) empty() bool {
	info, err := o.file.Stat()
	return err == nil && info.Size() == 0 && o.part != ""
}

// finish gives a whole file its name.
func (o *output) finish() error {
	if o.file == nil {
		return nil
	}
	if o.packer != nil && o.empty() { // no bytes are no compressed file
		if err := o.putText(nil); err != nil {
			return err
		}
	}
	return o.failed(o.settle())
}

// settle closes the file, and gives it its name once it is on the disk.
func (o *output) settle() error {
	if o.part == "" {
		return o.file.Close()
	}
	if err := errors.Join(o.file.Sync(), o.file.Close()); err != nil {
		return err
	}
	return os.Rename(o.part, o.name)
}

// abandon leaves a file that is not whole, and returns its name, or "" if there is nothing
// in it.
func (o *output) abandon() string {
	if o.file == nil {
		return ""
	}
	empty := o.empty()
	_ = o.file.Close() // it is not whole anyway
	if empty {
		_ = os.Remove(o.part)
		return ""
	}
	return o.part
}
