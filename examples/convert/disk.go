package main

import "os"

// writeback is how many bytes a diskWriter writes before it has them go to the disk.
const writeback = 8 << 20

// A diskWriter writes a regular file, and has it go to the disk meanwhile. A system may
// keep gigabytes back until somebody waits for them: the disk would be idle during the
// conversion, and all that is to be waited for at its end.
type diskWriter struct {
	file       *os.File
	size, sent int64
}

func (w *diskWriter) Write(b []byte) (int, error) {
	n, err := w.file.Write(b)
	w.size += int64(n)
	if w.size-w.sent >= writeback {
		_ = startWriteback(w.file, w.sent, w.size-w.sent) // Sync has the error
		w.sent = w.size
	}
	return n, err
}
