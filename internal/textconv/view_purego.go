//go:build purego

package textconv

// view returns b as a string. That allocates if b is longer than 32 bytes.
func view(b []byte) string { return string(b) }
