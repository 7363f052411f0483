//go:build amd64 || arm64

package main

import (
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkDisk converts a log from the disk to the disk (that of TMPDIR), beside a copy of
// the file by the kernel: none of it is in memory before, and all of it is on the disk at
// the end.
func BenchmarkDisk(b *testing.B) {
	log := newBigLog(b)
	out := filepath.Join(b.TempDir(), "out")
	cold := func(b *testing.B) {
		_ = os.Remove(out) // there is none at first
		forget(b, log.name)
	}
	log.bench(b, "copy", cold, func(b *testing.B) {
		from, err := os.Open(log.name)
		require.NoError(b, err)
		to, err := os.Create(out)
		require.NoError(b, err)
		_, err = io.Copy(to, from)
		require.NoError(b, err)
		require.NoError(b, from.Close())
		require.NoError(b, to.Sync())
		require.NoError(b, to.Close())
	})
	for _, job := range benchmarked {
		log.bench(b, job.name, cold, func(b *testing.B) { log.convert(b, job.args, out) })
	}
}

const fadviseDontNeed = 4 // POSIX_FADV_DONTNEED; systems of 32 bits pass the range otherwise

// forget has the system keep nothing of a file in memory.
func forget(b *testing.B, name string) {
	f, err := os.Open(name)
	require.NoError(b, err)
	defer f.Close() // it was read only
	require.NoError(b, f.Sync())
	_, _, errno := syscall.Syscall6(syscall.SYS_FADVISE64, f.Fd(), 0, 0, fadviseDontNeed, 0, 0)
	require.Zero(b, errno)
}
