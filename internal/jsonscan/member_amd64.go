//go:build amd64 && !purego

package jsonscan

// appendMembers writes members to dst as long as it can, and returns how many bytes
// and members these are. It stops before a member that is out of the ordinary: a name
// of more than 32 bytes, a string with a byte that is not plain or of more than
// maxMember bytes, JSON of more than 16, or less room than it may write on: 32 bytes
// for the name, the value and slack. Values must not overlap dst.
//
//go:noescape
func appendMembers(dst []byte, members []Member) (size, done int)
