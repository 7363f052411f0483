package jsonscan

import (
	"bytes"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// oneByOne is AppendMembers the simple way.
func oneByOne(dst []byte, members []Member) []byte {
	for i := range members {
		dst = members[i].append(dst)
	}
	return dst
}

// TestAppendMembers compares the two ways at every size up to some blocks and every
// place in a page that matters, with and without a byte that is not plain.
func TestAppendMembers(t *testing.T) {
	const page = 4096
	src := make([]byte, 4*page)
	start := page - int(uintptr(unsafe.Pointer(&src[0]))%page)
	for i := range src {
		src[i] = '"' // what stands around a value must not count
	}
	name, next := NewName("name"), NewName(`é"`)
	got, want := make([]byte, 0, 1<<10), make([]byte, 0, 1<<10)
	for size := range 70 {
		for from := start + page - 40; from < start+page+20; from++ {
			value := src[from : from+size : from+size]
			for _, c := range []byte{'!', '~', '"', '\\', 0x1f, 0x80} {
				for at := range max(size, 1) {
					for i := range value {
						value[i] = 'x'
					}
					if size > 0 {
						value[at] = c
					}
					members := []Member{{&name, value, false}, {&next, value, true}, {&name, nil, true}, {&next, value, false}}
					got, want = AppendMembers(got[:0], members), oneByOne(want[:0], members)
					if !bytes.Equal(got, want) {
						t.Fatalf("%d bytes: %s, want %s", size, got, want)
					}
				}
			}
			for i := range value {
				value[i] = '"'
			}
		}
	}
}

// TestAppendMembersRoom: whatever room there is, nothing behind it is written, and names
// and values of all lengths come out.
func TestAppendMembersRoom(t *testing.T) {
	var members []Member
	for n := range 40 {
		name := NewName(strings.Repeat("n", n))
		members = append(members, Member{&name, []byte(strings.Repeat("v", n)), n%3 == 0})
	}
	long := NewName("long")
	members = append(members, Member{&long, bytes.Repeat([]byte("l"), maxMember+1), false})
	for from := range members {
		part := members[from:min(len(members), from+5)]
		want := oneByOne([]byte("{}"), part)
		for room := range 400 {
			buf := bytes.Repeat([]byte("#"), 2+room+64)
			copy(buf, "{}")
			got := AppendMembers(buf[:2:2+room], part)
			require.Equal(t, string(want), string(got))
			require.Empty(t, bytes.Trim(buf[2+room:], "#"), "behind the room")
		}
	}
	require.Equal(t, "{", string(AppendMembers([]byte("{"), nil)))
}

func FuzzAppendMembers(f *testing.F) {
	f.Add("label", []byte("value"), []byte("é\n\x80"), uint16(100))
	f.Fuzz(func(t *testing.T, label string, a, b []byte, room uint16) {
		name := NewName(label)
		members := []Member{{&name, a, false}, {&name, b, true}, {&name, b, false}, {&name, a, true}}
		got := AppendMembers(make([]byte, 0, room), members)
		require.Equal(t, string(oneByOne(nil, members)), string(got))
	})
}
