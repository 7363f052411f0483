package cookie

// names finds the index of a name among a few that are known beforehand.
// It is immutable once made.
//
// Cookie names differ in length or at their ends, so a hash of these finds the
// one candidate, or none, in a few instructions; next leads on to those that
// share its place.
type names struct {
	opts  Options // for FoldCase
	list  []string
	first [64]int32 // 1 + index, 0 for none
	next  []int32
}

func newNames(opts Options, list []string) *names {
	n := &names{opts: opts, list: append([]string(nil), list...), next: make([]int32, len(list))}
	for i := len(list) - 1; i >= 0; i-- { // so that the first of equals is found first
		h := hashName([]byte(list[i]))
		n.next[i], n.first[h] = n.first[h], int32(i+1)
	}
	return n
}

// hashName takes upper and lower case for one, for the sake of FoldCase.
func hashName(name []byte) uint {
	if len(name) == 0 {
		return 0
	}
	h := uint(len(name)) + 5*uint(name[0]|0x20) + 11*uint(name[len(name)-1]|0x20)
	return h & 63
}

// find returns the index of name, -1 if it is not in the list.
func (n *names) find(name []byte) int {
	for i := n.first[hashName(name)]; i != 0; i = n.next[i-1] {
		if n.opts.same(name, n.list[i-1]) {
			return int(i - 1)
		}
	}
	return -1
}
