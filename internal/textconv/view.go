//go:build !purego

package textconv

import "unsafe"

// view returns b as a string that is good as long as b does not change, for strconv,
// which keeps none.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
