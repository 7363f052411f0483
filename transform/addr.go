package transform

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
)

var errNotAddr = errors.New("not an IP address")

// parseAddr reads an IP address as netip.ParseAddr does, which takes a string and
// allocates for it and for its errors. The zone is cut off, and an IPv4 address that is
// written as an IPv6 one (::ffff:1.2.3.4) is an IPv4 address.
func parseAddr(text []byte) (netip.Addr, bool) {
	if ip, _, ok := parseAddr4(text); ok {
		return netip.AddrFrom4([4]byte{byte(ip >> 24), byte(ip >> 16), byte(ip >> 8), byte(ip)}), true
	}
	if i := bytes.IndexByte(text, '%'); i >= 0 {
		if i == len(text)-1 {
			return netip.Addr{}, false // a zone without a name
		}
		text = text[:i]
	}
	ip, ok := parseAddr6(text)
	return netip.AddrFrom16(ip).Unmap(), ok
}

// parseAddr4 reads an IPv4 address: 1.2.3.4 is 0x01020304. starts is where in text its four
// numbers begin, a byte each, in the same order.
func parseAddr4(text []byte) (ip, starts uint32, ok bool) {
	i := 0
	for part := range 4 {
		if part > 0 {
			if i >= len(text) || text[i] != '.' {
				return 0, 0, false
			}
			i++
		}
		if i >= len(text) || !isDigit(text[i]) {
			return 0, 0, false
		}
		starts = starts<<8 | uint32(i)
		value := uint32(text[i] - '0')
		i++
		// Behind a zero comes none: 010 is 8 to some and 10 to others.
		for value > 0 && i < len(text) && isDigit(text[i]) {
			if value = 10*value + uint32(text[i]-'0'); value > 255 {
				return 0, 0, false
			}
			i++
		}
		ip = ip<<8 | value
	}
	return ip, starts, i == len(text)
}

func parseAddr6(s []byte) (ip [16]byte, ok bool) {
	gap, n := -1, 0 // where :: stands, and how many bytes are known
	if bytes.HasPrefix(s, []byte("::")) {
		gap = 0
		if s = s[2:]; len(s) == 0 {
			return ip, true
		}
	}
	for n < len(ip) {
		value, digits := hexGroup(s)
		if digits == 0 {
			return ip, false
		}
		if digits < len(s) && s[digits] == '.' { // the last four bytes, written as IPv4
			v4, _, ok := parseAddr4(s)
			if !ok || n > 12 || gap < 0 && n != 12 {
				return ip, false
			}
			binary.BigEndian.PutUint32(ip[n:], v4)
			n += 4
			s = nil
			break
		}
		ip[n], ip[n+1] = byte(value>>8), byte(value)
		n += 2
		if s = s[digits:]; len(s) == 0 {
			break
		}
		if s[0] != ':' || len(s) == 1 {
			return ip, false
		}
		if s = s[1:]; s[0] == ':' {
			if gap >= 0 {
				return ip, false
			}
			gap = n
			if s = s[1:]; len(s) == 0 {
				break
			}
		}
	}
	if len(s) > 0 || (gap < 0) != (n == len(ip)) {
		return ip, false
	}
	if gap >= 0 {
		copy(ip[len(ip)-(n-gap):], ip[gap:n])
		clear(ip[gap : len(ip)-(n-gap)])
	}
	return ip, true
}

// hexGroup reads the hex digits that s begins with; more than four are none.
func hexGroup(s []byte) (value, digits int) {
	for _, c := range s {
		switch {
		case isDigit(c):
			value = value<<4 | int(c-'0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			value = value<<4 | int(c|0x20-'a'+10)
		default:
			return value, digits
		}
		if digits++; digits > 4 {
			return 0, 0
		}
	}
	return value, digits
}
