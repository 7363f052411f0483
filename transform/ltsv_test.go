package transform

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

// TestLineEnd: one is no part of a line, as for ltsv.Reader.
func TestLineEnd(t *testing.T) {
	for _, strict := range []bool{false, true} {
		w := mustChain(t, Int("status")).NewWorker(LTSV{Strict: strict})
		for _, end := range []string{"", "\n", "\r\n"} {
			assert.Equal(t, []string{"host=a", "status=200"}, process(t, w, "host:a\tstatus:200"+end))
			assert.Equal(t, []string{"a="}, process(t, w, "a:"+end))
		}
		_, plain := w.Process(nil)
		for _, end := range []string{"\n", "\r\n"} {
			_, err := w.Process([]byte(end))
			assert.Equal(t, plain, err, "nothing but a line end is an empty line")
		}
	}
}

// TestOneLineEnd: any other is a byte of a value, which the grammar has no place for.
func TestOneLineEnd(t *testing.T) {
	w := mustChain(t).NewWorker(LTSV{})
	strict := mustChain(t).NewWorker(LTSV{Strict: true})
	for line, want := range map[string]string{
		"a:1\n\n": "a=1\n", "a:1\r\n\r\n": "a=1\r\n", "a:1\r\r\n": "a=1\r", "a:1\n\r": "a=1\n\r", "a:1\r": "a=1\r",
		"host:a\nstatus:200": "host=a\nstatus:200",
	} {
		assert.Equal(t, []string{want}, process(t, w, line))
		_, err := strict.Process([]byte(line))
		require.ErrorIs(t, err, ltsv.ErrInvalidByte, "%q", line)
	}
}

// TestLineEndIsNotCounted in what a limit is for.
func TestLineEndIsNotCounted(t *testing.T) {
	w := mustChain(t).NewWorker(LTSV{MaxLineBytes: 8})
	_, err := w.Process([]byte("a:" + strings.Repeat("x", 6) + "\r\n"))
	require.NoError(t, err)
	_, err = w.Process([]byte("a:" + strings.Repeat("x", 7) + "\n"))
	require.ErrorIs(t, err, ltsv.ErrLineTooLong)
}
