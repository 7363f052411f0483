package main

import (
	"bytes"
	"io"

	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

// A chunk is some whole lines of an input and where they stand in it.
type chunk struct {
	data   []byte
	file   string // "" for standard input
	line   int64  // lines before it
	offset int64  // bytes before it
	cut    bool   // the only line is too long, and its rest left out
}

// A chunker cuts a stream into chunks behind line ends.
type chunker struct {
	src    io.Reader
	least  int    // bytes of a chunk, as far as there is text
	rest   []byte // read already, behind the last chunk
	line   int64
	offset int64
	eof    bool
}

const (
	chunkSize     = 256 << 10
	byteOrderMark = "\xEF\xBB\xBF"
)

// next puts the next chunk into c, whose memory is used again, or returns io.EOF.
// It waits for no more than the end of one line, and for as many bytes as there must be,
// so that a slow stream is not held up.
func (k *chunker) next(c *chunk) error {
	c.data = append(c.data[:0], k.rest...)
	k.rest = k.rest[:0]
	c.line, c.offset, c.cut = k.line, k.offset, false
	for !k.eof {
		// Whole lines may be there already, behind one that was too long.
		if len(c.data) < k.least || bytes.IndexByte(c.data, '\n') < 0 {
			if err := k.read(c); err != nil {
				return err
			}
		}
		if end := bytes.LastIndexByte(c.data, '\n') + 1; end > 0 && len(c.data) >= k.least && !k.eof {
			k.rest = append(k.rest, c.data[end:]...)
			c.data = c.data[:end]
			break
		}
		if len(c.data) > ltsv.DefaultMaxLineBytes+len(byteOrderMark+"\r") && bytes.IndexByte(c.data, '\n') < 0 {
			return k.skipLine(c)
		}
	}
	if len(c.data) == 0 {
		return io.EOF
	}
	k.line += int64(bytes.Count(c.data, []byte("\n")))
	k.offset += int64(len(c.data))
	return nil
}

// read adds what one Read gives to c.
func (k *chunker) read(c *chunk) error {
	n := len(c.data)
	if cap(c.data)-n < chunkSize {
		c.data = append(make([]byte, 0, 2*cap(c.data)+chunkSize), c.data...)
	}
	got, err := k.src.Read(c.data[n : n+chunkSize])
	c.data = c.data[:n+got]
	if err == io.EOF {
		k.eof = true
		return nil
	}
	return err
}

// skipLine passes over the rest of a line that is too long.
func (k *chunker) skipLine(c *chunk) error {
	c.cut = true
	k.offset += int64(len(c.data))
	k.line++
	var tail chunk
	for {
		if err := k.read(&tail); err != nil {
			return err
		}
		if end := bytes.IndexByte(tail.data, '\n') + 1; end > 0 {
			k.offset += int64(end)
			k.rest = append(k.rest, tail.data[end:]...)
			return nil
		}
		k.offset += int64(len(tail.data))
		if k.eof {
			return nil
		}
		tail.data = tail.data[:0]
	}
}
