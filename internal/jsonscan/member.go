package jsonscan

// A Member is a member of an object.
type Member struct {
	Name  *Name
	Value []byte // a string that is not escaped yet; or JSON, null if it is empty
	JSON  bool   // which of the two
}

// maxMember bounds a string that appendMembers takes, of which it is given a few: the
// scheduler cannot interrupt assembly.
const maxMember = 4 << 10

// AppendMembers appends members to dst, each with a comma before it. Strings are
// written as [AppendString] does.
func AppendMembers(dst []byte, members []Member) []byte {
	for len(members) > 0 {
		size, done := appendMembers(dst[len(dst):cap(dst)], members)
		dst = dst[:len(dst)+size]
		if members = members[done:]; len(members) > 0 {
			dst = members[0].append(dst)
			members = members[1:]
		}
	}
	return dst
}

// append appends m, whatever it is and whatever room dst has.
func (m *Member) append(dst []byte) []byte {
	dst = m.Name.Append(dst)
	switch {
	case !m.JSON:
		return AppendString(dst, m.Value)
	case len(m.Value) == 0:
		return append(dst, "null"...)
	}
	return append(dst, m.Value...)
}
