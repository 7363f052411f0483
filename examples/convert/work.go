package main

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// An encoder appends a record to dst.
type encoder interface {
	Append(dst []byte, rec *transform.Record) ([]byte, error)
}

// A worker converts chunks. It is for one goroutine.
type worker struct {
	*transform.Worker
	enc encoder
}

// counts are what became of records.
type counts struct{ read, written, skipped, rejected int64 }

func (c *counts) add(d counts) {
	c.read += d.read
	c.written += d.written
	c.skipped += d.skipped
	c.rejected += d.rejected
}

// A reject is what -rejects gets for a line that could not be converted.
type reject struct {
	File   string `json:"file,omitempty"`
	Line   int64  `json:"line"`
	Offset int64  `json:"offset"`
	Error  string `json:"error"`
	Cut    bool   `json:"cut,omitempty"` // raw is the start of a line that is too long
	Raw    []byte `json:"raw"`
}

// convert fills j's output from its chunk.
func (w *worker) convert(j *job) {
	j.out, j.rejects, j.counts = j.out[:0], j.rejects[:0], counts{}
	number, offset := j.chunk.line, j.chunk.offset
	for rest := j.chunk.data; len(rest) > 0; {
		line := rest
		if i := bytes.IndexByte(rest, '\n'); i >= 0 {
			line, rest = rest[:i], rest[i+1:]
		} else {
			rest = nil
		}
		number++
		start := offset
		offset = j.chunk.offset + int64(len(j.chunk.data)-len(rest))
		if rest != nil { // there was an LF
			line = bytes.TrimSuffix(line, []byte("\r"))
		}
		if start == 0 {
			if text, marked := bytes.CutPrefix(line, []byte(byteOrderMark)); marked {
				line, start = text, int64(len(line)-len(text))
			}
		}
		if len(line) == 0 {
			continue
		}
		j.counts.read++
		var err error = &ltsv.SyntaxError{Err: ltsv.ErrLineTooLong}
		if !j.chunk.cut {
			err = w.line(j, line)
		}
		switch {
		case err == nil:
			j.counts.written++
		case errors.Is(err, transform.ErrSkip):
			j.counts.skipped++
		default:
			j.counts.rejected++
			j.reject(reject{Line: number, Offset: start, Cut: j.chunk.cut, Raw: line}, err)
		}
	}
}

func (w *worker) line(j *job, line []byte) error {
	rec, err := w.Process(line)
	if err != nil {
		return err
	}
	n := len(j.out)
	if j.out, err = w.enc.Append(j.out, rec); err != nil {
		return err
	}
	if len(j.out) == n {
		return transform.ErrSkip // an LTSV record without fields would be an empty line, which is none
	}
	j.out = append(j.out, '\n')
	return nil
}

func (j *job) reject(r reject, err error) {
	if !j.wantRejects {
		return
	}
	r.File = j.file
	r.Error = err.Error()
	if syntax, ok := errors.AsType[*ltsv.SyntaxError](err); ok {
		// The place is said by line and offset; the column is added to both.
		syntax.Line, syntax.Offset = r.Line, r.Offset
		r.Error = err.Error()
	}
	b, _ := json.Marshal(r) // of strings, numbers and bytes: it cannot fail
	j.rejects = append(append(j.rejects, b...), '\n')
}
