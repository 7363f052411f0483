package archive

import "io"

// An FS is where files land: Dir, or a store of the caller's. Names are as
// package io/fs has them: relative, with slashes, "." for the root. Several
// goroutines use it at once, and so do several processes, on one machine or
// many. The comments of its methods are all that the archive relies on to keep
// its promise.
//
// Errors that mean that a file is there, or is not, wrap fs.ErrExist and
// fs.ErrNotExist.
type FS interface {
	// Create makes a file and opens it for writing. It fails with
	// fs.ErrExist if there is one; of several who call it at once for one
	// name, one succeeds.
	Create(name string) (File, error)

	// Open opens a file for reading.
	Open(name string) (io.ReadCloser, error)

	// Rename moves a closed file to another name in one step, into another
	// folder too: who looks sees it under one of the names. A crash leaves it
	// under one of them, or both. The archive never has two files for one
	// name, so what becomes of a file that has the new name does not matter:
	// it is replaced, or Rename fails with fs.ErrExist.
	Rename(oldname, newname string) error

	// Remove removes a file.
	Remove(name string) error

	// List returns the names of what is in a folder, in any order. What
	// Create and Rename brought there before List was called, whoever called
	// them, is among them unless it was removed or renamed since.
	List(dir string) ([]string, error)

	// MkdirAll makes a folder and those above it. That it is there already is
	// no error.
	MkdirAll(dir string) error

	// SyncDir makes the names in a folder lasting: after a crash of the
	// machine they are as they were when it was called, or newer. A store
	// whose names always last does nothing.
	SyncDir(dir string) error
}

// A File is one being written. One goroutine at a time uses it.
type File interface {
	io.Writer
	// Sync makes what was written lasting.
	Sync() error
	Close() error
}
