//go:build !amd64 || purego

package ltsv

// indexFields is indexGeneric where there is no assembly, or where the build tag
// purego asks for none.
func indexFields(line []byte, spans []span, limit int) ([]span, bool) {
	return indexGeneric(line, spans, limit)
}
