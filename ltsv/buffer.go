package ltsv

import (
	"bytes"
	"iter"
)

// Scan returns the records of buf, a whole input in memory, or a nil record and a
// [*SyntaxError] for each line that is not one. It reads as [Reader] does with
// the default limits, and copies nothing: a Record is valid until the next step,
// while labels and values taken from it are sub-slices of buf.
//
// The line numbers and offsets in errors count from the start of buf.
func Scan(buf []byte) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		var rec Record
		var number int64
		for pos := 0; pos < len(buf); {
			line, next := buf[pos:], len(buf)
			if i := bytes.IndexByte(line, '\n'); i >= 0 {
				line, next = dropCR(line[:i]), pos+i+1
			}
			line, start := trimMark(line, int64(pos))
			number, pos = number+1, next
			if len(line) == 0 {
				continue
			}
			if err := rec.Parse(line); err != nil {
				syntax := err.(*SyntaxError)
				syntax.Line, syntax.Offset = number, start
				if !yield(nil, syntax) {
					return
				}
				continue
			}
			if !yield(&rec, nil) {
				return
			}
		}
	}
}

// Split cuts buf behind line ends into at most n pieces of about the same size,
// for [Scan] to read each in a goroutine of its own. The pieces are sub-slices of
// buf, with capacity clipped, in order, none empty, and leave out no byte.
func Split(buf []byte, n int) [][]byte {
	var pieces [][]byte
	for ; n > 1 && len(buf) > 0; n-- {
		cut := lineStart(buf, len(buf)/n)
		pieces = append(pieces, buf[:cut:cut])
		buf = buf[cut:]
	}
	if len(buf) > 0 {
		pieces = append(pieces, buf[:len(buf):len(buf)])
	}
	return pieces
}

// lineStart returns the first position behind near where a piece may begin: behind
// a line end, and not at bytes that at the start of a piece would be taken for a
// byte order mark.
func lineStart(buf []byte, near int) int {
	for near < len(buf) {
		i := bytes.IndexByte(buf[near:], '\n')
		if i < 0 {
			break
		}
		near += i + 1
		if !bytes.HasPrefix(buf[near:], []byte(byteOrderMark)) {
			return near
		}
	}
	return len(buf)
}
