//go:build !amd64 || purego

package jsonscan

// appendMembers leaves all members to [AppendMembers].
func appendMembers(dst []byte, members []Member) (size, done int) { return 0, 0 }
