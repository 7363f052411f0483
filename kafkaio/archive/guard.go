package archive

import (
	"io"
	"runtime/debug"
	"sync/atomic"

	"github.com/ltsvpipe/ltsvpipe/kafkaio"
)

// protect returns what call, a function of the caller's, returns, or that it
// panicked: the process, and what other partitions land, are not its to end.
func protect(call func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &kafkaio.PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return call()
}

// A guard is an FS whose errors say what failed, a panic among them, and which
// can be closed: then nothing reaches the store any more.
type guard struct {
	fs     FS
	closed atomic.Pointer[error] // why
}

func (g *guard) close(why error) { g.closed.Store(&why) }

// do calls the store, unless g is closed.
func (g *guard) do(op, path string, call func() error) error {
	if why := g.closed.Load(); why != nil {
		return *why
	}
	if err := protect(call); err != nil {
		return &FSError{Op: op, Path: path, Err: err}
	}
	return nil
}

func (g *guard) Create(name string) (f File, err error) {
	err = g.do("create", name, func() error { f, err = g.fs.Create(name); return err })
	if err != nil {
		return nil, err
	}
	return &guardedFile{f, g, name}, nil
}

func (g *guard) Open(name string) (r io.ReadCloser, err error) {
	err = g.do("open", name, func() error { r, err = g.fs.Open(name); return err })
	if err != nil {
		return nil, err
	}
	return &guardedReader{r, g, name}, nil
}

func (g *guard) Rename(oldname, newname string) error {
	return g.do("rename", newname, func() error { return g.fs.Rename(oldname, newname) })
}

func (g *guard) Remove(name string) error {
	return g.do("remove", name, func() error { return g.fs.Remove(name) })
}

func (g *guard) List(dir string) (names []string, err error) {
	err = g.do("list", dir, func() error { names, err = g.fs.List(dir); return err })
	return names, err
}

func (g *guard) MkdirAll(dir string) error {
	return g.do("mkdir", dir, func() error { return g.fs.MkdirAll(dir) })
}

func (g *guard) SyncDir(dir string) error {
	return g.do("sync folder", dir, func() error { return g.fs.SyncDir(dir) })
}

type guardedReader struct {
	r    io.ReadCloser
	g    *guard
	name string
}

func (r *guardedReader) Read(p []byte) (n int, err error) {
	end := false
	err = r.g.do("read", r.name, func() error {
		n, err = r.r.Read(p)
		if end = err == io.EOF; end {
			return nil
		}
		return err
	})
	if err == nil && end {
		err = io.EOF
	}
	return n, err
}

func (r *guardedReader) Close() error {
	return r.g.do("close", r.name, r.r.Close)
}

type guardedFile struct {
	f    File
	g    *guard
	name string
}

func (f *guardedFile) Write(p []byte) (n int, err error) {
	err = f.g.do("write", f.name, func() error { n, err = f.f.Write(p); return err })
	return n, err
}

func (f *guardedFile) Sync() error { return f.g.do("sync", f.name, f.f.Sync) }

// Close works on a closed guard too, which keeps nothing open.
func (f *guardedFile) Close() error {
	if err := protect(f.f.Close); err != nil {
		return &FSError{Op: "close", Path: f.name, Err: err}
	}
	return nil
}
