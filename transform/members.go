package transform

import (
	"encoding/binary"
	"math/bits"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
)

// AppendMembers appends members of a JSON object to the record, for decoders: as many as
// have the labels that followed each other in the records before, and values that are
// neither objects nor arrays. src is the whole text, the same from Reset to Reset. i is
// behind the brace that opens the object, or behind the value of its last member, which
// is the record's last field. At most limit members are taken. It returns where it
// stopped, which is behind a value, or i: what stands there is for the decoder to read,
// or to refuse. Of what was taken all has been checked.
func (r *Record) AppendMembers(src []byte, i, limit int) int {
	n := r.learn()
	if n == nil || r.repeated > 0 {
		return i
	}
	start := len(r.fields)
	for taken := 0; n != nil && taken < limit; taken++ {
		p := i
		if taken > 0 || start > 0 {
			if p >= len(src) || src[p] != ',' {
				break
			}
			p++
		}
		if p < len(src) && src[p] == ' ' {
			p++
		}
		if n = r.names.nextMember(n, src, p); n == nil {
			break
		}
		if p += len(n.member); src[p] == ' ' {
			if p++; p == len(src) {
				break
			}
		}
		kind, text, end := KindNumber, []byte(nil), p
		switch src[p] {
		case '"':
			kind = KindString
			if quote := r.marks.Next(src, p+1); quote >= 0 && src[quote] == '"' {
				text, end = src[p+1:quote:quote], quote+1
			} else {
				text, end = r.string(src, p+1)
			}
		case 't', 'f':
			kind = KindBool
			if end = jsonscan.Literal(src, p, "true"); end == p {
				end = jsonscan.Literal(src, p, "false")
			}
			text = src[p:end:end]
		case 'n':
			kind, end = KindNull, jsonscan.Literal(src, p, "null")
		default:
			end = number(src, p)
			text = src[p:end:end]
		}
		if end <= p {
			break
		}
		r.push(n, kind, text)
		i, n = end, n.next
	}
	return i
}

// learn returns the name that most likely comes next, after it made the last field the
// successor of the one before: those that AppendMembers takes are already.
func (r *Record) learn() *name {
	next := &r.names.first
	switch count := len(r.fields); {
	case count > 1:
		next = &r.fields[count-2].name.next
		fallthrough
	case count > 0:
		last := r.fields[count-1].name
		if *next != last {
			*next = last
		}
		return last.next
	}
	return *next
}

// maxMissing is how many members in a row may be missing that the records before had.
const maxMissing = 3

// nextMember returns n, or one of those after it, if src has its member at p and the
// record has it not yet, else nil.
func (t *names) nextMember(n *name, src []byte, p int) *name {
	for range 1 + maxMissing {
		if n.isMember(src, p) && n.generation != t.generation {
			return n
		}
		if n = n.next; n == nil {
			break
		}
	}
	return nil
}

// isMember reports whether src has the member of n at p, and something behind it.
func (n *name) isMember(src []byte, p int) bool {
	m := n.member
	if len(m) == 0 || len(src)-p <= len(m) {
		return false
	}
	s := src[p : p+len(m)]
	if len(m) < 8 || len(m) > 24 {
		return string(s) == m
	}
	differ := word(s, m, 0) | word(s, m, len(m)-8)
	if len(m) > 16 {
		differ |= word(s, m, 8)
	}
	return differ == 0
}

// word returns 0 if eight bytes of s and m are the same.
func word(s []byte, m string, i int) uint64 {
	x := uint64(m[i]) | uint64(m[i+1])<<8 | uint64(m[i+2])<<16 | uint64(m[i+3])<<24 |
		uint64(m[i+4])<<32 | uint64(m[i+5])<<40 | uint64(m[i+6])<<48 | uint64(m[i+7])<<56
	return x ^ binary.LittleEndian.Uint64(s[i:])
}

// string returns what the string means whose text starts at i, and where it ends, behind
// its quote; or 0 if it is none.
func (r *Record) string(src []byte, i int) (text []byte, end int) {
	quote, escaped, ok := jsonscan.ScanString(src, i)
	if !ok {
		return nil, 0
	}
	text = src[i:quote:quote]
	if escaped {
		text = jsonscan.AppendUnescape(r.Alloc(len(text))[:0], text)
		text = text[:len(text):len(text)]
	}
	return text, quote + 1
}

// number returns where the number of JSON ends that starts at i, or i if there is none.
func number(src []byte, i int) int {
	// Most are of less than eight digits, the first no zero, and have a comma behind them.
	if len(src)-i >= 8 && src[i]-'1' <= 8 {
		x := binary.LittleEndian.Uint64(src[i:])
		x ^= 0x3030303030303030
		x = (x&0x7f7f7f7f7f7f7f7f + 0x7676767676767676 | x) & 0x8080808080808080
		if x != 0 {
			if end := i + bits.TrailingZeros64(x)>>3; src[end] == ',' {
				return end
			}
		}
	}
	return i + jsonscan.NumberPrefix(src[i:])
}
