//go:build amd64 && !purego

package jsonscan

// mark sets the bits of dst to which bytes of src are not plain, and eight bytes behind
// them to zero. src is at least markBlock bytes long and at most markWindow. It uses
// SSE2, which every amd64 processor has.
//
//go:noescape
func mark(dst *[markWindow/8 + 8]byte, src []byte)
