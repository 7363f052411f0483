// Package hdfs lets an archive land in HDFS, by github.com/colinmarc/hdfs/v2.
// It is an example of an archive.FS: copy it.
package hdfs

import (
	"io"
	"path"
	"time"

	"github.com/colinmarc/hdfs/v2"

	"github.com/ltsvpipe/ltsvpipe/kafkaio/archive"
)

// An FS is a folder of HDFS, which must exist. The namenode does one thing after
// another and journals it before it answers: creation is exclusive, renames
// happen in one step, and names last, which is all that archive.FS asks for.
//
// Sync has the data in the memory of all datanodes of the pipeline (hflush): it
// survives the death of processes, not the loss of power of all of them at
// once. Where it must, set dfs.datanode.synconclose.
type FS struct {
	Client *hdfs.Client
	Root   string
}

var _ archive.FS = (*FS)(nil)

func (h *FS) path(name string) string { return path.Join(h.Root, name) }

// Create has no lease left of a dead owner to wait for: names are new.
func (h *FS) Create(name string) (archive.File, error) {
	w, err := h.Client.Create(h.path(name))
	if err != nil {
		return nil, err
	}
	return file{w}, nil
}

func (h *FS) Open(name string) (io.ReadCloser, error) {
	r, err := h.Client.Open(h.path(name))
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (h *FS) Rename(oldname, newname string) error {
	return h.Client.Rename(h.path(oldname), h.path(newname))
}

func (h *FS) Remove(name string) error { return h.Client.Remove(h.path(name)) }

func (h *FS) List(dir string) (names []string, err error) {
	infos, err := h.Client.ReadDir(h.path(dir))
	for _, info := range infos {
		names = append(names, info.Name())
	}
	return names, err
}

func (h *FS) MkdirAll(dir string) error { return h.Client.MkdirAll(h.path(dir), 0o755) }

func (h *FS) SyncDir(string) error { return nil }

type file struct{ w *hdfs.FileWriter }

// patience is how long datanodes may take to report a file's last block.
const patience = 30 * time.Second

func (f file) Write(p []byte) (int, error) { return f.w.Write(p) }
func (f file) Sync() error                 { return f.w.Flush() }

// Close waits until the namenode has the file whole, as the Java client does.
func (f file) Close() error {
	end := time.Now().Add(patience)
	for wait := 5 * time.Millisecond; ; wait *= 2 {
		err := f.w.Close()
		if !hdfs.IsErrReplicating(err) || time.Now().After(end) {
			return err
		}
		time.Sleep(wait)
	}
}
