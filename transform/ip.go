package transform

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

var (
	errBits     = errors.New("an IPv4 prefix has 0 to 32 bits, an IPv6 prefix 0 to 128")
	errPrefix   = errors.New("prefix is not valid")
	errNoPrefix = errors.New("no prefix is given")
)

// TruncateIP cuts the IP addresses under labels to their first v4bits or v6bits bits and
// writes what is left as an address: with 24 and 48, 203.0.113.77 becomes
// 203.0.113.0 and 2001:db8:1:2::77 becomes 2001:db8:1::. It is written as [netip.Addr]
// writes it, so that one network is always one text.
//
// An IPv4 address that is written as an IPv6 one (::ffff:203.0.113.77) is cut and
// written as IPv4: the first 48 bits of all of these are the same. A zone (%eth0) is
// cut off. Null stays null.
//
// Anything else, also an address with a port, in brackets, or in a list, is not an
// address: [FirstForwarded] takes one out of these. It is not let through: the field is
// removed, unless [OnError] says otherwise.
func TruncateIP(v4bits, v6bits int, labels ...string) Stage {
	return truncateIP{v4bits, v6bits, labels}
}

type truncateIP struct {
	v4bits, v6bits int
	labels         []string
}

func (s truncateIP) String() string {
	return fmt.Sprintf("TruncateIP(%d, %d%s)", s.v4bits, s.v6bits, quoted(s.labels))
}

func (s truncateIP) Bind(b *Binder) (func() Func, error) {
	if s.v4bits < 0 || s.v4bits > 32 || s.v6bits < 0 || s.v6bits > 128 {
		return nil, errBits
	}
	slots, err := labelSlots(b, s.labels)
	if err != nil {
		return nil, err
	}
	policy := b.Policy(OnErrorDropField)
	f := func(r *Record) error {
		for _, slot := range slots {
			f := r.at(r.slots[slot])
			if f == nil || f.value.Kind == KindNull {
				continue
			}
			// A number is no address either, and must not pass as it is.
			if text, ok := s.cut(r, f.value.Bytes); ok {
				r.put(f, String(text))
			} else if err := r.Fail(policy, slot, errNotAddr); err != nil {
				return err
			}
		}
		return nil
	}
	return func() Func { return f }, nil
}

func (s truncateIP) cut(r *Record, text []byte) ([]byte, bool) {
	if _, starts, ok := parseAddr4(text); ok && s.v4bits%8 == 0 {
		return cutAddr4(r, text, starts, s.v4bits/8), true
	}
	ip, ok := parseAddr(text)
	if !ok {
		return nil, false
	}
	bits := s.v6bits
	if ip.Is4() {
		bits = s.v4bits
	}
	prefix, err := ip.Prefix(bits)
	if err != nil {
		return nil, false
	}
	const longest = 39 // eight groups of four digits; the longer IPv4-mapped form is not written
	room := r.arena.alloc(longest)
	out := prefix.Addr().AppendTo(room[:0])
	r.arena.giveBack(longest - len(out))
	return out[:len(out):len(out)], true
}

// cutAddr4 returns text, an IPv4 address whose numbers begin at starts, with all of them but
// the first few zero. Those stay as they are: there is one way only to write a number.
func cutAddr4(r *Record, text []byte, starts uint32, keep int) []byte {
	if keep == 4 {
		return text
	}
	end := int(starts >> (24 - 8*keep) & 0xff)
	zeros := "0.0.0.0"[2*keep:]
	out := r.arena.alloc(end + len(zeros))
	copy(out, text[:end])
	copy(out[end:], zeros)
	return out
}

// FirstForwarded takes the first address out of the list labelled from, an
// X-Forwarded-For header, and puts it under the label to, which may be from itself. A
// port and brackets are taken off (203.0.113.7:4711, [2001:db8::1]:4711); otherwise the
// address stays as it was sent, zone included. [TruncateIP] behind this stage makes the
// spelling uniform.
//
// If the first item is not an address (unknown, a name, nothing), to becomes null,
// unless [OnError] says otherwise; later items do not count. If from is null, to
// becomes null; if it is not there, to is left alone. The first item is what the client
// or the first proxy claims: whoever sends the header can make it up.
func FirstForwarded(from, to string) Stage {
	return derived{text: call("FirstForwarded", from, to), from: from, to: to, convert: firstForwarded}
}

func firstForwarded(_ *Record, list []byte) (Value, error) {
	if i := bytes.IndexByte(list, ','); i >= 0 {
		list = list[:i]
	}
	host, ok := withoutPort(trimBlanks(list))
	if !ok {
		return Value{}, errNotAddr
	}
	return String(host[:len(host):len(host)]), nil
}

// trimBlanks takes blanks off both ends.
func trimBlanks(s []byte) []byte {
	for len(s) > 0 && isBlank(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && isBlank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// withoutPort takes brackets and a port off an address and reports whether it is one.
func withoutPort(text []byte) ([]byte, bool) {
	if _, _, ok := parseAddr4(text); ok {
		return text, true // as nearly all are
	}
	if _, ok := parseAddr(text); ok {
		return text, true
	}
	colon := bytes.LastIndexByte(text, ':')
	if len(text) > 0 && text[0] == '[' {
		end := bytes.IndexByte(text, ']')
		if end < 0 || end+1 < len(text) && (colon != end+1 || !isPort(text[colon+1:])) {
			return nil, false
		}
		text = text[1:end]
		_, ok := parseAddr(text)
		return text, ok && bytes.IndexByte(text, ':') >= 0 // brackets are for IPv6
	}
	if colon < 0 || !isPort(text[colon+1:]) {
		return nil, false
	}
	_, _, ok := parseAddr4(text[:colon])
	return text[:colon], ok
}

func isPort(s []byte) bool {
	port := 0
	for _, c := range s {
		if port = 10*port + int(c-'0'); !isDigit(c) || port > 65535 {
			return false
		}
	}
	return len(s) > 0
}

// CIDR is true if the value is an IP address inside of one of prefixes. As in
// [TruncateIP] an IPv4 address may be written as an IPv6 one, in the value and in a
// prefix, and a zone does not count. IPv4 addresses are in no IPv6 prefix, ::/0
// included. A value with a port or a list is not an address.
func CIDR(label string, prefixes ...netip.Prefix) Predicate {
	var text strings.Builder
	text.WriteString("CIDR(" + strconv.Quote(label))
	unmapped := make([]netip.Prefix, len(prefixes))
	var err error
	if len(prefixes) == 0 {
		err = errNoPrefix
	}
	for i, p := range prefixes {
		fmt.Fprintf(&text, ", netip.MustParsePrefix(%q)", p)
		if !p.IsValid() {
			err = errPrefix
		} else if p.Addr().Is4In6() && p.Bits() >= 96 {
			p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
		}
		unmapped[i] = p
	}
	return valuePredicate{text: text.String() + ")", label: label, err: err, ask: func(value []byte) bool {
		ip, ok := parseAddr(value)
		if !ok {
			return false
		}
		for _, p := range unmapped {
			if p.Contains(ip) {
				return true
			}
		}
		return false
	}}
}
