package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync/atomic"
)

// chunks give text, chunk by chunk. They are for one goroutine.
type chunks interface {
	// next puts the next chunk into c, whose memory it may use again, or returns io.EOF.
	next(c *chunk) error
}

// A source gives the text of all inputs.
type source struct {
	inputs []input // that are not read yet; of the first, text is open
	least  int     // bytes of a chunk, as far as there is text
	text   io.ReadCloser
	cut    chunker
	kept   []chunk // come before what is read

	done atomic.Int64 // bytes of the inputs, as they are stored
}

func (s *source) next(c *chunk) error {
	if len(s.kept) > 0 {
		*c, s.kept = s.kept[0], s.kept[1:]
		return nil
	}
	for len(s.inputs) > 0 {
		in := s.inputs[0]
		err := s.read(c)
		if err == nil {
			c.file = in.name
			return nil
		}
		if err != io.EOF {
			return fmt.Errorf("read %s: %w", in, cause(err))
		}
		_ = s.text.Close() // it was read only
		s.inputs, s.text = s.inputs[1:], nil
	}
	return io.EOF
}

// read reads a chunk of the first input.
func (s *source) read(c *chunk) (err error) {
	if s.text == nil {
		s.openAhead()
		if s.text, err = s.inputs[0].open(&s.done); err != nil {
			return err
		}
		s.cut = chunker{src: s.text, least: s.least}
	}
	return s.cut.next(c)
}

// openAhead begins to decompress the inputs that come next, as many as there are cores: one
// of them alone keeps one core busy.
func (s *source) openAhead() {
	for i := range min(len(s.inputs), runtime.GOMAXPROCS(0)) {
		if in := &s.inputs[i]; in.compressed() && in.ahead == nil {
			open := *in
			in.ahead = readAhead(func() (io.ReadCloser, error) { return open.open(&s.done) })
		}
	}
}

// A sample is the first chunks of a source, which it keeps.
type sample struct {
	from *source
	left int // bytes
	kept []chunk
}

func (s *sample) next(c *chunk) error {
	if s.left <= 0 {
		return io.EOF
	}
	*c = chunk{} // the memory of the last one is kept
	if err := s.from.next(c); err != nil {
		return err
	}
	s.left -= len(c.data)
	s.kept = append(s.kept, *c)
	return nil
}

// giveBack makes the source give the sample again.
func (s *sample) giveBack() { s.from.kept = s.kept }

// cause takes the operation and the path off an error of package os, which the
// message names itself.
func cause(err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err
	}
	return err
}
