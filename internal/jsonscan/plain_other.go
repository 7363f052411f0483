//go:build !amd64 || purego

package jsonscan

func copyPlain(dst, s []byte) int { return copyPlainGeneric(dst, s) }
