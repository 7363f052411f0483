package ltsv

import (
	"bytes"
	"math/bits"
)

// A span says where in its line a field's first colon is and where the field
// ends: at the TAB behind it or, for the last, at the line's end. Its start is
// one after the end of the field before it.
type span struct{ colon, end uint32 }

// indexGeneric stores the spans of the fields of line in spans, from its start
// and with its memory. It reports whether the line is regular: no field is empty,
// each has a colon behind a label, and there are at most limit of them. A line
// that is not regular has to be looked at again by a slower function, which can
// tell what is wrong with it.
//
// It is the pure-Go twin of indexAVX2.
func indexGeneric(line []byte, spans []span, limit int) ([]span, bool) {
	if cap(spans) == 0 {
		spans = make([]span, 0, 32)
	}
	spans = spans[:0]
	for start := 0; start < len(line); {
		// fieldEnd and the start of colonIndex stand here once more because
		// neither is inlined, and calls are a third of the time. Masks of TABs
		// made from eight bytes at a time, as the assembly does it, were no faster
		// than bytes.IndexByte, and looking at short values before calling it was
		// slower. Storing spans by number, without append, gained nothing.
		end := len(line)
		if i := bytes.IndexByte(line[start:], '\t'); i >= 0 {
			end = start + i
		}
		colon := end
		if start+8 <= len(line) {
			if m := zeroBytes(load(line, start) ^ colons); m != 0 {
				colon = start + bits.TrailingZeros64(m)>>3
			}
		}
		if colon >= end {
			colon = colonIndex(line, start, end)
		}
		if colon <= start || len(spans) >= limit {
			return spans[:0], false
		}
		spans = append(spans, span{uint32(colon), uint32(end)})
		start = end + 1
	}
	// A TAB at the very end stands before an empty field.
	return spans, len(line) == 0 || line[len(line)-1] != '\t'
}

// fieldEnd returns the position of the first TAB in line[start:], or len(line).
func fieldEnd(line []byte, start int) int {
	if i := bytes.IndexByte(line[start:], '\t'); i >= 0 {
		return start + i
	}
	return len(line)
}

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
	colons   = lowBits * ':'
)

// zeroBytes returns a number that is 0 if no byte of x is, and of which the
// lowest bit that is set is in the lowest byte of x that is 0. Higher bits may be
// set wrongly.
func zeroBytes(x uint64) uint64 { return (x - lowBits) &^ x & highBits }

// colonIndex returns the position of the first colon in line[start:end], or -1.
//
// Labels are short, so it takes eight bytes at a time from the start instead of
// calling bytes.IndexByte. Bytes behind end may be looked at, never acted on.
func colonIndex(line []byte, start, end int) int {
	for start+8 <= len(line) {
		if m := zeroBytes(load(line, start) ^ colons); m != 0 {
			if i := start + bits.TrailingZeros64(m)>>3; i < end {
				return i
			}
			return -1
		}
		if start += 8; start >= end {
			return -1
		}
	}
	for ; start < end; start++ {
		if line[start] == ':' {
			return start
		}
	}
	return -1
}

// load returns line[i:i+8] as a little-endian number. Written like this it is one
// instruction, and faster than binary.LittleEndian.Uint64(line[i:]), which cuts a
// slice first.
func load(line []byte, i int) uint64 {
	_ = line[i+7]
	return uint64(line[i]) | uint64(line[i+1])<<8 | uint64(line[i+2])<<16 | uint64(line[i+3])<<24 |
		uint64(line[i+4])<<32 | uint64(line[i+5])<<40 | uint64(line[i+6])<<48 | uint64(line[i+7])<<56
}
