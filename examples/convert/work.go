package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// A sink takes the records of jobs. It is for one goroutine.
type sink interface {
	// add takes a record of j: nil, transform.ErrSkip, or why it is rejected.
	add(j *job, rec *transform.Record) error
	// end is called behind the last record of j. Its error ends the run.
	end(j *job) error
}

// A worker converts chunks. It is for one goroutine.
type worker struct {
	*transform.Worker
	sink              sink
	pack, packRejects packer // nil for none
	packed            []byte
}

// counts are what became of records.
type counts struct{ read, written, skipped, rejected int64 }

func (c *counts) add(d counts) {
	c.read += d.read
	c.written += d.written
	c.skipped += d.skipped
	c.rejected += d.rejected
}

// report is the last line of standard error. written is what it calls those that were.
func (c counts) report(written string) string {
	return fmt.Sprintf("read=%d %s=%d skipped=%d rejected=%d", c.read, written, c.written, c.skipped, c.rejected)
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
	w.lines(j)
	j.err = errors.Join(w.sink.end(j), w.compress(w.pack, &j.out), w.compress(w.packRejects, &j.rejects))
}

// compress replaces text by its compressed form, if there is one.
func (w *worker) compress(pack packer, text *[]byte) (err error) {
	if pack == nil || len(*text) == 0 {
		return nil
	}
	if w.packed, err = pack(w.packed[:0], *text); err != nil {
		return err
	}
	*text, w.packed = w.packed, *text
	return nil
}

// lines converts the lines of j's chunk.
func (w *worker) lines(j *job) {
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
		var err error
		if j.chunk.cut {
			err = &ltsv.SyntaxError{Err: ltsv.ErrLineTooLong}
		} else {
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
	return w.sink.add(j, rec)
}

func (j *job) reject(r reject, err error) {
	if !j.wantRejects {
		return
	}
	r.File = j.chunk.file
	r.Error = err.Error()
	if syntax, ok := errors.AsType[*ltsv.SyntaxError](err); ok {
		// The place is said by line and offset; the column is added to both.
		syntax.Line, syntax.Offset = r.Line, r.Offset
		r.Error = err.Error()
	}
	b, _ := json.Marshal(r) // of strings, numbers and bytes: it cannot fail
	j.rejects = append(append(j.rejects, b...), '\n')
}
