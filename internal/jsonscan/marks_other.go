//go:build !amd64 || purego

package jsonscan

func mark(dst *[markWindow/8 + 8]byte, src []byte) { markGeneric(dst, src) }
