package ltsv

import (
	"bytes"
	"errors"
	"io"
	"iter"
)

// A Reader reads records from a stream, a line each.
//
// Lines end in LF, or CR LF; the last one may have no end. Empty lines are
// skipped, and a byte order mark at the start of the stream is taken off. The
// exported fields are set before the first Read.
//
// A Reader reads ahead, 64 KiB at first; its buffer grows with the lines it meets,
// to at most twice MaxLineBytes. It is for one goroutine at a time.
type Reader struct {
	// Strict asks for [Record.ParseStrict] instead of [Record.Parse].
	Strict bool
	// MaxLineBytes bounds a line without its end, in bytes. Default
	// [DefaultMaxLineBytes], at most 1 GiB. A longer line is passed over, without
	// being kept, and costs an [ErrLineTooLong].
	MaxLineBytes int
	// MaxFields bounds the fields of a line. Default [DefaultMaxFields].
	MaxFields int
	// Comment, if not empty, is the prefix of lines to skip.
	Comment string

	src   io.Reader
	err   error // of src, for when the buffer is used up
	ended bool  // err has been returned

	buf      []byte
	pos, end int   // the bytes of buf not handed out yet
	offset   int64 // in the stream, of buf[pos]
	line     int64
	rec      Record
}

// NewReader returns a Reader of r.
func NewReader(r io.Reader) *Reader { return &Reader{src: r} }

const (
	readerBufSize = 64 << 10
	maxEmptyReads = 100
	byteOrderMark = "\xEF\xBB\xBF"
)

// Read returns the next record, which is valid until the next Read: its line is
// in the Reader's buffer.
//
// A [*SyntaxError] is survivable: the next Read goes on at the next line. At the
// end of the stream the error is [io.EOF]. Any other error is that of the
// stream; the line it cut is not returned, and [Reader.InputOffset] is where it
// starts.
func (r *Reader) Read() (*Record, error) {
	maxBytes := r.MaxLineBytes
	if maxBytes <= 0 {
		maxBytes = DefaultMaxLineBytes
	}
	maxBytes = min(maxBytes, maxLineBytesCap)
	r.rec.SetLimits(maxBytes, r.MaxFields)
	for {
		line, start, err := r.next(maxBytes)
		switch {
		case r.ended:
			r.rec.Reset()
			return nil, err
		case err != nil:
		case len(line) == 0 || len(line) <= maxBytes && r.isComment(line):
			continue
		case r.Strict:
			err = r.rec.ParseStrict(line)
		default:
			err = r.rec.Parse(line)
		}
		if err == nil {
			return &r.rec, nil
		}
		r.rec.Reset()
		syntax := err.(*SyntaxError)
		syntax.Line, syntax.Offset = r.line, start
		return nil, syntax
	}
}

func (r *Reader) isComment(line []byte) bool {
	return r.Comment != "" && bytes.HasPrefix(line, []byte(r.Comment))
}

// All returns the records, or a nil record and the error, up to the end of the
// stream. It goes on after a [*SyntaxError] and ends after any other error. A
// record is valid until the next step.
func (r *Reader) All() iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		for {
			rec, err := r.Read()
			if err == io.EOF || !yield(rec, err) {
				return
			}
			if r.ended {
				return
			}
		}
	}
}

// Line returns the number, from 1, of the line that Read returned last, in a
// record or in an error.
func (r *Reader) Line() int64 { return r.line }

// InputOffset returns the position in the stream behind the line that Read
// returned last, its end included: where to go on after a restart.
func (r *Reader) InputOffset() int64 { return r.offset }

// next returns the next line without its end, and where in the stream it starts. An
// error is a *SyntaxError or, once ended is set, that of the stream.
func (r *Reader) next(maxBytes int) (line []byte, start int64, err error) {
	start = r.offset
	for seen, tooLong := 0, false; ; {
		unread := r.buf[r.pos:r.end]
		if i := bytes.IndexByte(unread[seen:], '\n'); i >= 0 {
			line = unread[:seen+i]
			r.take(len(line) + 1)
			if tooLong {
				return nil, start, &SyntaxError{Err: ErrLineTooLong}
			}
			line, start = trimMark(dropCR(line), start)
			return line, start, nil
		}
		if r.err != nil {
			switch {
			case r.err != io.EOF:
				r.ended = true
				r.offset = start
				return nil, start, r.err
			case tooLong:
				r.take(len(unread))
				return nil, start, &SyntaxError{Err: ErrLineTooLong}
			case len(unread) == 0:
				r.ended = true
				return nil, start, io.EOF
			}
			r.take(len(unread))
			line, start = trimMark(unread, start)
			return line, start, nil
		}
		seen = len(unread)
		if seen > maxBytes+len(byteOrderMark+"\r") || tooLong {
			// The start of the line is given up, so that it needs no memory.
			tooLong, seen = true, 0
			r.offset += int64(len(unread))
			r.pos = r.end
		}
		r.fill()
	}
}

// take hands out n bytes and the line they are.
func (r *Reader) take(n int) {
	r.pos += n
	r.offset += int64(n)
	r.line++
}

// fill reads more bytes behind those not handed out yet.
func (r *Reader) fill() {
	r.end = copy(r.buf, r.buf[r.pos:r.end])
	r.pos = 0
	if r.end == len(r.buf) {
		r.buf = append(make([]byte, 0, max(2*len(r.buf), readerBufSize)), r.buf...)
		r.buf = r.buf[:cap(r.buf)]
	}
	for range maxEmptyReads {
		n, err := r.src.Read(r.buf[r.end:])
		if n < 0 || n > len(r.buf)-r.end {
			r.err = errors.New("ltsv: reader returned an impossible count")
			return
		}
		r.end += n
		r.err = err
		if n > 0 || err != nil {
			return
		}
	}
	r.err = io.ErrNoProgress
}

// dropCR takes off the CR of a CR LF.
func dropCR(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		return line[:n-1]
	}
	return line
}

// trimMark takes the byte order mark off the first line of a stream.
func trimMark(line []byte, start int64) ([]byte, int64) {
	if start == 0 && bytes.HasPrefix(line, []byte(byteOrderMark)) {
		return line[len(byteOrderMark):], int64(len(byteOrderMark))
	}
	return line, start
}
