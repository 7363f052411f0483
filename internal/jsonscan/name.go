package jsonscan

// A Name is the name of a member, ready to be appended.
type Name struct {
	text string   // as JSON, with a comma before, a colon and a quote behind
	head [16]byte // of text
}

// NewName returns the Name of a member.
func NewName(name string) Name {
	n := Name{text: string(append(AppendString([]byte{','}, []byte(name)), ':', '"'))}
	copy(n.head[:], n.text)
	return n
}

// Append appends a comma, n and a colon to dst.
func (n *Name) Append(dst []byte) []byte { return append(dst, n.text[:len(n.text)-1]...) }

// AppendMember appends a comma, n, a colon and s as a string to dst: see
// [AppendString], which it is in one piece with for the sake of speed.
func (n *Name) AppendMember(dst, s []byte) []byte {
	at, size := len(dst), len(s)
	if len(n.text) > len(n.head) || size > maxCopy || cap(dst)-at < len(n.head)+size+slack {
		return AppendString(n.Append(dst), s)
	}
	// Most names are short, and 16 bytes at once are faster than to copy as many as
	// there are.
	dst = dst[:at+len(n.head)+size+slack]
	*(*[16]byte)(dst[at:]) = n.head
	at += len(n.text)
	if size = copyPlain(dst[at:], s); size < len(s) {
		return appendRest(dst[:at+size], s[size:])
	}
	dst[at+size] = '"'
	return dst[:at+size+1]
}
