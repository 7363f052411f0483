//go:build amd64 && !purego

package ltsv

// The state that one call of indexBlocks hands to the next.
const (
	stateStart uint64 = 1 << iota // a field starts at the first byte
	stateOpen                     // a field without colon so far goes on at the first byte
	_
	stateLast // the bytes given are the last of the line
)

// indexBlocks stores the ends of the fields that end in the n bytes at p and
// their first colons, each plus base, with stateLast also for the line's last
// field. It stops early, between blocks of 64 bytes, when spans has not room for
// 130 more, and without stateLast at the last whole block. It returns how many
// bytes it did and how many colons and ends it stored; in the room behind them
// it may store rubbish. A field that is empty, begins with a colon or has none
// counts as an end but not as a colon.
//
// base is the position of p in its line. A line of fewer than 64 bytes must lie
// in a buffer of 64.
//
//go:noescape
func indexBlocks(p *byte, n, base int, spans *span, room int, state uint64) (done, colons, ends int, out uint64)

func cpuid(leaf, sub uint32) (eax, ebx, ecx, edx uint32)
func xgetbv() (eax uint32)

var hasAVX2 = detectAVX2()

// detectAVX2 reports whether the processor has AVX2, BMI1 and POPCNT, and
// whether the operating system saves the YMM registers (Intel SDM vol. 1, 14.3).
func detectAVX2() bool {
	const (
		popcnt, osxsave, avx = 1 << 23, 1 << 27, 1 << 28 // leaf 1, ECX
		bmi1, avx2           = 1 << 3, 1 << 5            // leaf 7, EBX
		xmm, ymm             = 1 << 1, 1 << 2            // XCR0
	)
	if maxLeaf, _, _, _ := cpuid(0, 0); maxLeaf < 7 {
		return false
	}
	_, _, c, _ := cpuid(1, 0)
	if c&(popcnt|osxsave|avx) != popcnt|osxsave|avx {
		return false
	}
	if xgetbv()&(xmm|ymm) != xmm|ymm {
		return false
	}
	_, b, _, _ := cpuid(7, 0)
	return b&(bmi1|avx2) == bmi1|avx2
}

const (
	blockSize = 64
	// minRoom is the room without which indexBlocks does not begin.
	minRoom = 130 + 1
	// chunkSize bounds the time in assembly, which the scheduler cannot
	// interrupt, to a few microseconds. A multiple of blockSize.
	chunkSize = 32 << 10
)

// indexFields is indexGeneric, in assembly where the processor has what it needs.
func indexFields(line []byte, spans []span, limit int) ([]span, bool) {
	if !hasAVX2 {
		return indexGeneric(line, spans, limit)
	}
	return indexAVX2(line, spans, limit)
}

func indexAVX2(line []byte, spans []span, limit int) ([]span, bool) {
	if cap(spans) < minRoom {
		spans = make([]span, 2*minRoom)
	}
	if len(line) < blockSize {
		if len(line) == 0 {
			return spans[:0], true
		}
		var buf [blockSize]byte
		copy(buf[:], line)
		spans = spans[:cap(spans)]
		_, colons, ends, _ := indexBlocks(&buf[0], len(line), 0, &spans[0], len(spans), stateStart|stateLast)
		return spans[:ends], colons == ends && ends <= limit
	}
	total, state := 0, stateStart
	for pos := 0; ; {
		spans = spans[:cap(spans)]
		if len(spans)-total < minRoom {
			spans = append(spans, make([]span, len(spans))...)
		}
		n := len(line) - pos
		if n > chunkSize {
			n = chunkSize
		} else {
			state |= stateLast
		}
		done, colons, ends, out := indexBlocks(&line[pos:][0], n, pos, &spans[total], len(spans)-total, state)
		total += ends
		pos += done
		last := done == n && state&stateLast != 0
		if !last && out&(stateStart|stateOpen) == 0 {
			colons-- // of a field whose end is still to come
		}
		if colons != ends || total > limit {
			return spans[:0], false
		}
		if last {
			return spans[:total], true
		}
		state = out
	}
}
