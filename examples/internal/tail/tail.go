// Package tail follows a log file line by line, as tail -F does: through rotation by
// rename, through truncation, before the file is there, and over restarts from a
// [Mark].
//
// A line counts once its line end is there, so that none is read half. What stands
// behind the last line end of a file that is rotated away or truncated is no line; it
// is counted as torn.
package tail

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"
)

// Options say how a file is followed. The zero value is ready for use.
type Options struct {
	// MaxLine is the longest line in bytes, its end not counted. A longer one is
	// left out and counted. Default 900,000, which fits into a Kafka record.
	MaxLine int
	// Poll is how long the file is left alone when it has nothing new. Default 200 ms.
	Poll time.Duration
	// Grace is how long a file that was rotated away must have been silent before
	// the next one is read: the server goes on writing to it until it is told.
	// Default 3 s.
	Grace time.Duration
}

func (o *Options) setDefaults() {
	if o.MaxLine <= 0 {
		o.MaxLine = 900_000
	}
	if o.Poll <= 0 {
		o.Poll = 200 * time.Millisecond
	}
	if o.Grace <= 0 {
		o.Grace = 3 * time.Second
	}
}

// A Follower reads the lines of one log. It is for one goroutine.
type Follower struct {
	path  string
	opts  Options
	queue []string // rotated files to read before the one at path

	file    *os.File // nil while there is none
	offset  int64    // in file, behind what was handed out or left out
	buf     []byte   // what was read; from start on it is what stands at offset
	start   int
	scanned int  // in buf: up to there is no line end
	skip    bool // the rest of a line that is too long comes first
	silent  time.Time
	before  Mark // the end of the file read before

	tooLong, torn int64
}

// Open follows the log at path from mark on; the zero Mark is its beginning. If the file
// that mark is of was rotated away meanwhile, it is looked for beside path, as a file
// whose name begins like path's, and those that came after it are read first. If it is
// gone, or compressed, found is false, and the log is read from the beginning of the
// file at path.
func Open(path string, mark Mark, opts Options) (f *Follower, found bool, err error) {
	opts.setDefaults()
	f = &Follower{path: path, opts: opts}
	if mark.Offset == 0 {
		return f, true, nil
	}
	at, err := mark.find(path)
	if err != nil || len(at) == 0 {
		return f, false, err
	}
	f.queue = at[1:]
	if err := f.open(at[0], mark.Offset); err != nil {
		return nil, false, err
	}
	return f, true, nil
}

// Close closes the file that is read.
func (f *Follower) Close() error {
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	f.file = nil
	return err
}

// TooLong returns how many lines were left out.
func (f *Follower) TooLong() int64 { return f.tooLong }

// Torn returns how many files ended in the middle of a line when they were left.
func (f *Follower) Torn() int64 { return f.torn }

// Next returns the next line without its end, which may be \r\n. It waits for it until
// ctx is done. The line is valid until the next call. An error is that of ctx or of the
// file system; after the latter, Next may be tried again.
func (f *Follower) Next(ctx context.Context) ([]byte, error) {
	for {
		if line, ok := f.line(); ok {
			return line, nil
		}
		more, err := f.read()
		if err != nil {
			return nil, err
		}
		if more {
			f.silent = time.Time{}
			continue
		}
		moved, err := f.move()
		if err != nil {
			return nil, err
		}
		if moved {
			continue
		}
		select {
		case <-time.After(f.opts.Poll):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Buffered reports whether Next would return a line without reading the file.
func (f *Follower) Buffered() bool {
	return bytes.IndexByte(f.buf[f.start:], '\n') >= 0
}

// pass goes on to buf[to].
func (f *Follower) pass(to int) {
	f.offset += int64(to - f.start)
	f.start, f.scanned = to, to
}

// line takes the next line out of the buffer, if it is whole.
func (f *Follower) line() ([]byte, bool) {
	for {
		i := bytes.IndexByte(f.buf[f.scanned:], '\n')
		if i < 0 {
			f.scanned = len(f.buf)
			if !f.skip && len(f.buf)-f.start > f.opts.MaxLine+1 { // one more for a \r
				f.skip = true
				f.tooLong++
			}
			if f.skip {
				f.pass(len(f.buf))
			}
			return nil, false
		}
		end := f.scanned + i
		line := bytes.TrimSuffix(f.buf[f.start:end:end], []byte("\r"))
		f.pass(end + 1)
		switch {
		case f.skip:
			f.skip = false
		case len(line) > f.opts.MaxLine:
			f.tooLong++
		case len(line) > 0:
			return line, true
		}
	}
}

const chunk = 64 << 10

// read reads what the file has more, and reports whether there was anything.
func (f *Follower) read() (bool, error) {
	if f.file == nil {
		return false, nil
	}
	at := copy(f.buf, f.buf[f.start:]) // the beginning of a line
	f.buf, f.start, f.scanned = f.buf[:at], 0, f.scanned-f.start
	f.buf = append(f.buf, make([]byte, chunk)...)
	n, err := f.file.ReadAt(f.buf[at:], f.offset+int64(at))
	f.buf = f.buf[:at+n]
	if err == io.EOF {
		err = nil
	}
	return n > 0, err
}

// move looks whether the file at its end was truncated or rotated away, and goes on to
// what is to be read instead. It reports whether there is something to read at once.
func (f *Follower) move() (bool, error) {
	if f.file == nil {
		return f.openPath()
	}
	info, err := f.file.Stat()
	if err != nil {
		return false, err
	}
	if info.Size() < f.offset+int64(len(f.buf)-f.start) {
		f.tear()
		f.offset = 0
		return true, nil
	}
	if len(f.queue) == 0 {
		current, err := os.Stat(f.path)
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil // between two steps of a rotation
		}
		if err != nil || os.SameFile(info, current) {
			f.silent = time.Time{}
			return false, err
		}
		if f.silent.IsZero() {
			f.silent = time.Now()
		}
		if time.Since(f.silent) < f.opts.Grace {
			return false, nil
		}
		if f.queue, err = writtenAfter(f.path, info); err != nil {
			return false, err
		}
	}
	if f.before, err = f.Mark(); err != nil {
		return false, err
	}
	f.tear()
	if err := f.Close(); err != nil {
		return false, err
	}
	return f.openPath()
}

// tear gives up what is left of a file behind its last line.
func (f *Follower) tear() {
	if len(f.buf) > f.start || f.skip {
		f.torn++
	}
	f.buf, f.start, f.scanned, f.skip = f.buf[:0], 0, 0, false
}

// openPath opens the next file from its beginning, if there is one.
func (f *Follower) openPath() (bool, error) {
	path := f.path
	if len(f.queue) > 0 {
		path, f.queue = f.queue[0], f.queue[1:]
	}
	err := f.open(path, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return len(f.queue) > 0, nil
	}
	return err == nil, err
}

func (f *Follower) open(path string, offset int64) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	f.file, f.offset, f.silent = file, offset, time.Time{}
	return nil
}
