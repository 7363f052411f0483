package ltsv

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/ltsvpipe/ltsvpipe/internal/logtest"
)

// TestScanReadsAsReader: the same input gives the same records and errors.
func TestScanReadsAsReader(t *testing.T) {
	for _, tt := range readerTests {
		if tt.set != nil {
			continue // Scan has the default limits and options
		}
		var got []string
		for rec, err := range Scan([]byte(tt.input)) {
			if err != nil {
				got = append(got, err.Error())
			} else {
				got = append(got, strings.Join(pairs(rec.All()), " "))
			}
		}
		var want []string
		for _, w := range tt.want {
			_, text, _ := strings.Cut(w, ": ")
			want = append(want, text)
		}
		assert.Equal(t, want, got, tt.name)
	}
	for range Scan([]byte("a:1\nbad\nb:2\n")) {
		break
	}
	for _, err := range Scan([]byte("bad\na:1\n")) {
		require.Error(t, err)
		break
	}
}

func TestScanHandsOutTheBuffer(t *testing.T) {
	buf := []byte("a:1\nb:2\n")
	var values [][]byte
	for rec, err := range Scan(buf) {
		require.NoError(t, err)
		values = append(values, rec.Value(0))
	}
	assert.Equal(t, [][]byte{[]byte("1"), []byte("2")}, values, "values outlive the step")
	buf[2] = 'x'
	assert.Equal(t, "x", string(values[0]))
}

func TestSplit(t *testing.T) {
	log := logtest.Log(logtest.Apache)
	for _, buf := range [][]byte{nil, []byte("a:1"), []byte("a:1\n"), []byte("\n\n\n\n"), []byte("a:1\nb:2\nc:3"), log,
		bytes.Repeat([]byte("\xEF\xBB\xBFa:1\n"), 9)} {
		for n := -1; n < 12; n++ {
			pieces := Split(buf, n)
			assert.LessOrEqual(t, len(pieces), max(n, 1))
			assert.Equal(t, string(buf), string(bytes.Join(pieces, nil)), "no byte is lost")
			var whole, parts []string
			for rec, err := range Scan(buf) {
				require.NoError(t, err)
				whole = append(whole, string(rec.Line()))
			}
			for i, piece := range pieces {
				assert.NotEmpty(t, piece)
				assert.Equal(t, len(piece), cap(piece))
				if i < len(pieces)-1 {
					assert.True(t, bytes.HasSuffix(piece, []byte("\n")))
				}
				for rec, err := range Scan(piece) {
					require.NoError(t, err)
					parts = append(parts, string(rec.Line()))
				}
			}
			assert.Equal(t, whole, parts)
		}
	}
	for i, piece := range Split(log, 8) {
		assert.InDelta(t, len(log)/8, len(piece), 2000, fmt.Sprint("piece ", i))
	}
}
