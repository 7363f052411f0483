package ltsv

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestColonIndex(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		line := make([]byte, rnd.IntN(40))
		for i := range line {
			line[i] = ":;9\x3a\xba\x00\x01a"[rnd.IntN(8)]
		}
		start := rnd.IntN(len(line) + 1)
		end := start + rnd.IntN(len(line)-start+1)
		want := -1
		for i := start; i < end && want < 0; i++ {
			if line[i] == ':' {
				want = i
			}
		}
		if got := colonIndex(line, start, end); got != want {
			assert.Equal(t, want, got, "%q[%d:%d]", line, start, end)
		}
	}
}

// randomLine makes lines of which about half are regular.
func randomLine(rnd *rand.Rand, n int) []byte {
	line := make([]byte, n)
	sparse := rnd.IntN(30)
	broken := rnd.IntN(2) == 0
	atStart, hasColon := true, false
	for i := range line {
		c := "ab:\xff"[rnd.IntN(4)]
		if sparse > 0 && rnd.IntN(sparse+1) > 0 {
			c = 'x'
		}
		if rnd.IntN(sparse+6) == 0 {
			c = '\t'
		}
		if !broken {
			switch {
			case c == '\t' && (atStart || !hasColon) || c == ':' && atStart:
				c = 'l'
			case c == 'b' && !atStart && !hasColon:
				c = ':'
			}
		}
		line[i] = c
		switch c {
		case '\t':
			atStart, hasColon = true, false
		default:
			hasColon = hasColon || c == ':'
			atStart = false
		}
	}
	return line
}
