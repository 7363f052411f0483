package jsonscan

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMarks: every byte, at every size and place around a block and a window, is found
// where it is, and a window never tells of what is not there.
func TestMarks(t *testing.T) {
	for c := range 256 {
		for at := range 40 {
			src := bytes.Repeat([]byte("x"), 40)
			src[at] = byte(c)
			checkMarks(t, src)
		}
	}
	for size := range 200 {
		checkMarks(t, bytes.Repeat([]byte(`"`), size))
		checkMarks(t, bytes.Repeat([]byte(`x`), size))
	}
	for size := markWindow - 20; size < 2*markWindow+20; size++ {
		src := bytes.Repeat([]byte("x"), size)
		src[size-1], src[size/2] = '"', 0x80
		var m Marks
		for i := 0; i < size; i += 57 {
			checkNext(t, &m, src, i)
		}
	}
}

func checkMarks(t *testing.T, src []byte) {
	t.Helper()
	var m Marks
	for i := range len(src) + 1 {
		checkNext(t, &m, src, i)
	}
	for i := len(src); i >= 0; i-- { // and back
		m.Reset()
		checkNext(t, &m, src, i)
	}
}

func checkNext(t *testing.T, m *Marks, src []byte, i int) {
	t.Helper()
	got, want := m.Next(src, i), plainEnd(src, i)
	switch {
	case got < 0: // it need not know
		require.True(t, want == len(src) || len(src) < markBlock || want >= m.to, "%d bytes from %d", len(src), i)
	case got != want:
		t.Fatalf("%d bytes from %d: %d, want %d", len(src), i, got, want)
	}
}

func FuzzMarks(f *testing.F) {
	f.Add([]byte(`{"name":"value","other":"\né"}`), uint16(3))
	f.Fuzz(func(t *testing.T, src []byte, step uint16) {
		var m Marks
		for i := 0; i < len(src); i += 1 + int(step) {
			if got := m.Next(src, i); got >= 0 {
				require.Equal(t, plainEnd(src, i), got)
			}
		}
		if len(src) < markBlock {
			return
		}
		src = src[:min(len(src), markWindow)]
		var a, b [markWindow/8 + 8]byte
		for i := range a {
			a[i], b[i] = 0xff, 0xff // what was there before
		}
		mark(&a, src)
		markGeneric(&b, src)
		size := (len(src)+7)/8 + 8
		require.Equal(t, a[:min(size, len(a))], b[:min(size, len(b))])
	})
}
