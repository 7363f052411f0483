package ltsv

import "iter"

// Fields returns the labels and values of line in order. It never fails: the
// whole of a field without colon is its label, with a nil value (a value that is
// empty is not nil), and a label may be empty or hold any byte. Empty fields are
// skipped.
//
// What it yields aliases line, with capacity clipped. It needs no memory and has
// no limit.
func Fields(line []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(label, value []byte) bool) {
		for start := 0; start < len(line); {
			end := fieldEnd(line, start)
			if start < end {
				label, value := cutField(line, start, end)
				if !yield(label, value) {
					return
				}
			}
			start = end + 1
		}
	}
}

func cutField(line []byte, start, end int) (label, value []byte) {
	colon := colonIndex(line, start, end)
	if colon < 0 {
		return line[start:end:end], nil
	}
	return line[start:colon:colon], line[colon+1 : end : end]
}
