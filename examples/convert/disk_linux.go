package main

import (
	"os"
	"syscall"
)

const syncFileRangeWrite = 2 // SYNC_FILE_RANGE_WRITE of linux/fs.h

// startWriteback has the system begin to write the range to the disk. It waits only while
// the queue of the disk is full.
func startWriteback(f *os.File, offset, n int64) error {
	return syscall.SyncFileRange(int(f.Fd()), offset, n, syncFileRangeWrite)
}
