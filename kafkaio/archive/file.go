package archive

import (
	"bufio"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

const fileBuffer = 64 << 10

// An openFile is one file of a partition until it lands.
type openFile struct {
	folder  string
	temp    string
	first   int64 // offsets
	last    int64
	records int64
	bytesIn int64
	out     output
	enc     Encoder
	closed  bool
	broken  bool // by an encoder that panicked
}

// output writes to the file through a buffer, counts, and remembers what the
// file failed with: an encoder may return something else then.
type output struct {
	file  File
	buf   *bufio.Writer
	size  int64
	err   error
	waste bool // nobody wants the file any more
}

func (o *output) Write(p []byte) (int, error) {
	if o.waste {
		return len(p), nil
	}
	n, err := o.buf.Write(p)
	o.size += int64(n)
	if err != nil && o.err == nil {
		o.err = err
	}
	return n, err
}

// openFile opens a file for rec and what follows it in its folder.
func (p *partition) openFile(folder string, rec *kgo.Record) (*openFile, error) {
	if !validFolder(folder) {
		return nil, &rejection{ErrFolder}
	}
	temp, file, err := p.ledger.newFile()
	if err != nil {
		return nil, err
	}
	f := &openFile{folder: folder, temp: temp, out: output{file: file, buf: bufio.NewWriterSize(file, fileBuffer)}}
	err = protect(func() (err error) {
		f.enc, err = p.run.Format.NewEncoder(&f.out, rec)
		return err
	})
	if err == nil {
		return f, nil
	}
	closing := errors.Join(f.out.err, file.Close(), p.ledger.remove(temp))
	if closing != nil {
		return nil, closing
	}
	return nil, &rejection{err}
}

// write adds rec.
func (f *openFile) write(rec *kgo.Record) error {
	f.broken = true
	err := f.enc.WriteEncoded(rec.Value)
	f.broken = false
	if f.out.err != nil {
		return f.out.err
	}
	if errors.Is(err, ErrNewFile) {
		return err
	}
	if err != nil {
		return &rejection{err}
	}
	if f.records == 0 {
		f.first = rec.Offset
	}
	f.last = rec.Offset
	f.records++
	f.bytesIn += int64(len(rec.Value))
	return nil
}

// finish writes the end of the file and closes it: what it holds lasts.
func (f *openFile) finish() error {
	f.closed = true
	err := protect(f.enc.Close)
	switch {
	case f.out.err != nil:
		err = f.out.err
	case err != nil:
		err = fmt.Errorf("archive: end of a file: %w", err)
	}
	if err == nil {
		err = f.out.buf.Flush()
	}
	if err == nil {
		err = f.out.file.Sync()
	}
	return errors.Join(err, f.out.file.Close())
}

// discard closes the file, whose encoder may have something to give back.
func (f *openFile) discard() {
	if f.closed {
		return
	}
	f.closed, f.out.waste = true, true
	_ = protect(f.enc.Close)
	_ = f.out.file.Close()
}
