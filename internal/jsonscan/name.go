package jsonscan

// A Name is the name of a member, ready to be appended.
type Name struct {
	text string   // as JSON, with a comma before, a colon and a quote behind
	head [32]byte // of text
}

// NewName returns the Name of a member.
func NewName(name string) Name {
	n := Name{text: string(append(AppendString([]byte{','}, []byte(name)), ':', '"'))}
	copy(n.head[:], n.text)
	return n
}

// Append appends a comma, n and a colon to dst.
func (n *Name) Append(dst []byte) []byte {
	at := len(dst)
	if len(n.text) > len(n.head) || cap(dst)-at < len(n.head) {
		return append(dst, n.text[:len(n.text)-1]...)
	}
	// Most names are short, and 32 bytes at once are faster than as many as there are.
	*(*[len(n.head)]byte)(dst[at : at+len(n.head)]) = n.head
	return dst[:at+len(n.text)-1]
}
