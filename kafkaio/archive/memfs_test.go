package archive

import (
	"bytes"
	"io"
	"io/fs"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
)

// A memFS is a file system in memory whose machine can crash: then each file is
// as it was at some moment since it was last made lasting, whatever the others
// are. It is as unreliable as FS allows, and not safe for concurrent use.
type memFS struct {
	files []*memFile
	dirs  map[string]bool // true: lasting
	moved bool            // a file got its final name
	// strict has files fail that are removed while they are written, as HDFS
	// has it, and a local disk not.
	strict bool
}

// A memFile is a file, with what has happened to its name and content since
// they were made lasting. A name is empty before the file was created and after
// it was removed.
type memFile struct {
	fs     *memFS
	names  []string // the first is lasting
	data   []byte
	synced int // bytes of data that last
}

func newMemFS() *memFS { return &memFS{dirs: map[string]bool{".": true}} }

func (f *memFile) name() string { return f.names[len(f.names)-1] }

func pathError(op, name string, err error) error { return &fs.PathError{Op: op, Path: name, Err: err} }

func (m *memFS) find(name string) *memFile {
	for _, f := range m.files {
		if f.name() == name {
			return f
		}
	}
	return nil
}

func (m *memFS) hasDir(name string) bool { _, ok := m.dirs[name]; return ok }

func (m *memFS) Create(name string) (File, error) {
	if m.find(name) != nil {
		return nil, pathError("create", name, fs.ErrExist)
	}
	if !m.hasDir(path.Dir(name)) {
		return nil, pathError("create", name, fs.ErrNotExist)
	}
	f := &memFile{fs: m, names: []string{"", name}}
	m.files = append(m.files, f)
	return f, nil
}

func (m *memFS) Open(name string) (io.ReadCloser, error) {
	f := m.find(name)
	if f == nil {
		return nil, pathError("open", name, fs.ErrNotExist)
	}
	return io.NopCloser(bytes.NewReader(bytes.Clone(f.data))), nil
}

func (m *memFS) Rename(oldname, newname string) error {
	f := m.find(oldname)
	if f == nil || !m.hasDir(path.Dir(newname)) {
		return pathError("rename", oldname, fs.ErrNotExist)
	}
	if m.find(newname) != nil {
		panic("two files for one name: " + newname)
	}
	f.names = append(f.names, newname)
	m.moved = m.moved || !strings.HasPrefix(newname, stateDir)
	return nil
}

func (m *memFS) Remove(name string) error {
	f := m.find(name)
	if f == nil {
		return pathError("remove", name, fs.ErrNotExist)
	}
	f.names = append(f.names, "")
	return nil
}

func (m *memFS) List(dir string) (names []string, err error) {
	if !m.hasDir(dir) {
		return nil, pathError("list", dir, fs.ErrNotExist)
	}
	for _, f := range m.files {
		if f.name() != "" && path.Dir(f.name()) == dir {
			names = append(names, path.Base(f.name()))
		}
	}
	return names, nil
}

func (m *memFS) MkdirAll(dir string) error {
	for ; dir != "."; dir = path.Dir(dir) {
		if !m.hasDir(dir) {
			m.dirs[dir] = false
		}
	}
	return nil
}

func (m *memFS) SyncDir(dir string) error {
	if !m.hasDir(dir) {
		return pathError("sync", dir, fs.ErrNotExist)
	}
	for d := range m.dirs {
		if path.Dir(d) == dir {
			m.dirs[d] = true
		}
	}
	for _, f := range m.files {
		for i := len(f.names) - 1; i > 0; i-- {
			now, before := f.names[i], f.names[i-1]
			at := now // of a file renamed, its new folder says so
			if now == "" {
				at = before
			}
			if path.Dir(at) == dir {
				f.names = f.names[i:] // and all that led to it
				break
			}
		}
	}
	return nil
}

func (f *memFile) Write(p []byte) (int, error) {
	if f.gone() {
		return 0, pathError("write", "", fs.ErrNotExist)
	}
	f.data = append(f.data, p...)
	return len(p), nil
}

func (f *memFile) Sync() error {
	if f.gone() {
		return pathError("sync", "", fs.ErrNotExist)
	}
	f.synced = len(f.data)
	return nil
}

func (f *memFile) Close() error {
	if f.gone() {
		return pathError("close", "", fs.ErrNotExist)
	}
	return nil
}

func (f *memFile) gone() bool { return f.fs.strict && f.name() == "" }

// crash is what a crash of the machine leaves: of each file, one of the names
// that it had since it was made lasting, and a part of what was not synced,
// perhaps as noise.
func (m *memFS) crash(rnd *rand.Rand) *memFS {
	after := newMemFS()
	after.strict = m.strict
	for d, lasting := range m.dirs {
		after.dirs[d] = lasting || rnd.IntN(2) == 0
	}
	for d := range m.dirs { // what is below a lost folder is lost
		for up := d; up != "."; up = path.Dir(up) {
			if !after.dirs[up] {
				delete(after.dirs, d)
			}
		}
	}
	for _, f := range m.files {
		name := f.names[rnd.IntN(len(f.names))]
		if name == "" || !after.hasDir(path.Dir(name)) {
			continue
		}
		n := f.synced + rnd.IntN(len(f.data)-f.synced+1)
		data := bytes.Clone(f.data[:n])
		for i := f.synced; i < n; i++ {
			if rnd.IntN(4) == 0 {
				data[i] = 0
			}
		}
		after.files = append(after.files, &memFile{fs: after, names: []string{name}, data: data, synced: n})
	}
	return after
}

// landed returns the names of all files outside of the archive's own folder.
func (m *memFS) landed() (names []string) {
	for _, f := range m.files {
		if name := f.name(); name != "" && !strings.HasPrefix(name, stateDir) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
