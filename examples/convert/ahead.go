package main

import (
	"errors"
	"io"
)

const (
	aheadBlocks = 4 // of a stream that are held
	aheadBlock  = 256 << 10
)

// An ahead is a stream that is opened and read by a goroutine of its own, a few blocks
// ahead: so several inputs are decompressed at once.
type ahead struct {
	full   chan aheadRead // closed at the end
	empty  chan []byte
	closed chan struct{}
	now    aheadRead
	rest   []byte // of now
}

type aheadRead struct {
	data []byte
	err  error // behind data
}

var errClosed = errors.New("closed")

func readAhead(open func() (io.ReadCloser, error)) *ahead {
	a := &ahead{full: make(chan aheadRead, aheadBlocks), empty: make(chan []byte, aheadBlocks), closed: make(chan struct{})}
	for range aheadBlocks {
		a.empty <- nil // made when it is needed
	}
	go func() {
		defer close(a.full)
		r, err := open()
		if err != nil {
			a.full <- aheadRead{err: err}
			return
		}
		defer r.Close() // it was read only
		for err == nil {
			err = a.fill(r)
		}
	}()
	return a
}

// fill reads a block, and returns the error that comes behind it.
func (a *ahead) fill(r io.Reader) error {
	var data []byte
	select {
	case data = <-a.empty:
	case <-a.closed:
		return errClosed
	}
	if data == nil {
		data = make([]byte, aheadBlock)
	}
	n, err := r.Read(data[:cap(data)])
	a.full <- aheadRead{data[:n], err} // there is room: no more blocks than full holds
	return err
}

// Read implements io.Reader.
func (a *ahead) Read(b []byte) (int, error) {
	for len(a.rest) == 0 {
		if a.now.err != nil {
			return 0, a.now.err
		}
		if a.now.data != nil {
			a.empty <- a.now.data
		}
		var more bool
		if a.now, more = <-a.full; !more {
			a.now.err = io.EOF
		}
		a.rest = a.now.data
	}
	n := copy(b, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// Close has the goroutine end, which closes the stream.
func (a *ahead) Close() error {
	close(a.closed)
	return nil
}
