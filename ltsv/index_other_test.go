//go:build !amd64 || purego

package ltsv

import "testing"

// eachIndexer runs f with the only way to index a line that there is.
func eachIndexer(t *testing.T, f func(t *testing.T)) { t.Helper(); t.Run("generic", f) }

// eachIndexerBench runs f with the only way to index a line that there is.
func eachIndexerBench(f func(suffix string)) { f("/purego") }
