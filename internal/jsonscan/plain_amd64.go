//go:build amd64 && !purego

package jsonscan

// copyPlain copies the plain bytes at the start of s to dst and returns how many
// there are. It may write on behind them, up to slack bytes behind the length of s,
// for which dst must have room; dst and s must not overlap. It uses SSE2, which every
// amd64 processor has.
//
//go:noescape
func copyPlain(dst, s []byte) int
