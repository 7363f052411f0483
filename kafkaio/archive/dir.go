package archive

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Dir returns the FS of a folder on a local disk, which must exist. All of it
// must be on one file system, and one that has what POSIX has: rename in one
// step, exclusive creation, and fsync of files and folders.
//
// On Windows folders cannot be synced: what was renamed just before the
// machine lost its power may be under its old name, or gone.
func Dir(root string) FS { return dir(root) }

type dir string

func (d dir) path(name string) (string, error) {
	local, err := filepath.Localize(name)
	if err != nil {
		return "", &fs.PathError{Op: "localize", Path: name, Err: err}
	}
	return filepath.Join(string(d), local), nil
}

func (d dir) Create(name string) (File, error) {
	path, err := d.path(name)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err // not f, which would be a File that is not nil
	}
	return f, nil
}

func (d dir) Open(name string) (io.ReadCloser, error) {
	path, err := d.path(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (d dir) Rename(oldname, newname string) error {
	from, err := d.path(oldname)
	if err != nil {
		return err
	}
	to, err := d.path(newname)
	if err != nil {
		return err
	}
	return os.Rename(from, to)
}

func (d dir) Remove(name string) error {
	path, err := d.path(name)
	if err != nil {
		return err
	}
	return os.Remove(path)
}

func (d dir) List(name string) ([]string, error) {
	path, err := d.path(name)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	names, err := f.Readdirnames(-1)
	return names, errors.Join(err, f.Close())
}

func (d dir) MkdirAll(name string) error {
	path, err := d.path(name)
	if err != nil {
		return err
	}
	if _, err := os.Stat(string(d)); err != nil {
		return err // perhaps a disk that is not mounted
	}
	return os.MkdirAll(path, 0o755)
}

func (d dir) SyncDir(name string) error {
	path, err := d.path(name)
	if err != nil {
		return err
	}
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
