package ltsv

import (
	"bytes"
	"io"
)

// AppendField appends a field to dst, behind a TAB unless dst is empty or ends in
// LF. It refuses what would break the line or the grammar of ltsv.org: a label
// that is empty or holds other than 0-9 A-Z a-z _ . - (ErrEmptyLabel,
// ErrInvalidLabel), a value with a NUL, TAB, LF or CR (ErrInvalidByte). Then dst
// comes back as it was.
//
// To write any bytes as a value, use [AppendEscapedField].
func AppendField(dst []byte, label string, value []byte) ([]byte, error) {
	return appendField(dst, label, value, EscapeNone)
}

// AppendEscapedField is [AppendField] with the value escaped as [AppendEscape]
// does, so that any bytes can be written.
func AppendEscapedField(dst []byte, label string, value []byte, e Escaping) ([]byte, error) {
	return appendField(dst, label, value, e)
}

func appendField[T []byte | string](dst []byte, label T, value []byte, e Escaping) ([]byte, error) {
	if len(label) == 0 {
		return dst, &SyntaxError{Err: ErrEmptyLabel}
	}
	if labelEnd(label) < len(label) {
		return dst, &SyntaxError{Err: ErrInvalidLabel}
	}
	n := len(dst)
	if n > 0 && dst[n-1] != '\n' {
		dst = append(dst, '\t')
	}
	dst = append(dst, label...)
	dst = append(dst, ':')
	from := len(dst)
	dst = AppendEscape(dst, value, e)
	if written := dst[from:]; valueEnd(written) < len(written) || bytes.IndexByte(written, '\t') >= 0 {
		return dst[:n], &SyntaxError{Err: ErrInvalidByte}
	}
	return dst, nil
}

// A Writer writes records, a line each, through a buffer of 64 KiB that grows with
// the longest record. It is for one goroutine at a time. Call [Writer.Flush] at
// the end.
type Writer struct {
	// Escaping is applied to every value, so that any bytes can be written.
	// Default [EscapeNone]: a value that would break the line is refused.
	Escaping Escaping

	dst  io.Writer
	buf  []byte
	done int // how much of buf are whole lines
	err  error
}

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{dst: w} }

// Field adds a field to the record that is being written. What [AppendField]
// would refuse is refused with the same errors, and leaves the record without
// that field. Any other error is that of the stream, and final.
func (w *Writer) Field(label string, value []byte) error {
	return writeField(w, label, value)
}

func writeField[T []byte | string](w *Writer, label T, value []byte) error {
	if w.err != nil {
		return w.err
	}
	var err error
	w.buf, err = appendField(w.buf, label, value, w.Escaping)
	return err
}

// End ends the record that is being written. A record without fields writes
// nothing.
func (w *Writer) End() error {
	if w.err != nil || len(w.buf) == w.done {
		return w.err
	}
	w.buf = append(w.buf, '\n')
	w.done = len(w.buf)
	if w.done >= readerBufSize {
		return w.Flush()
	}
	return nil
}

// Discard gives up the fields since the last End.
func (w *Writer) Discard() { w.buf = w.buf[:w.done] }

// Write writes the fields of r as one record, after ending the one that is being
// written. If a field is refused, nothing of r is written.
func (w *Writer) Write(r *Record) error {
	if err := w.End(); err != nil {
		return err
	}
	for label, value := range r.All() {
		if err := writeField(w, label, value); err != nil {
			w.Discard()
			return err
		}
	}
	return w.End()
}

// Flush writes out the records that have ended.
func (w *Writer) Flush() error {
	if w.err != nil {
		return w.err
	}
	if w.done > 0 {
		var n int
		n, w.err = w.dst.Write(w.buf[:w.done])
		if n < w.done && w.err == nil {
			w.err = io.ErrShortWrite
		}
	}
	w.buf = append(w.buf[:0], w.buf[w.done:]...)
	w.done = 0
	return w.err
}
