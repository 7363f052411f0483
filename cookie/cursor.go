package cookie

import (
	"bytes"
	"encoding/binary"
	"iter"
	"math/bits"
)

// A Cursor reads the cookies of a Cookie header, one a call of Next, in the
// order they are written:
//
//	var c cookie.Cursor
//	c.Reset(header)
//	for c.Next() {
//		use(c.Name, c.Value)
//	}
//
// It refuses nothing. Every ';' ends a cookie, also between quotes, as for
// browsers (RFC 6265 section 5.2) and servers; the first '=' ends the name;
// spaces and tabs around name and value are taken off; empty parts are no
// cookies. Bytes are bytes: no character set is assumed, control characters
// and NUL stay.
//
// Name and Value are sub-slices of the header, clipped, and live as long as
// it. Nothing is copied or allocated, and the header is not written into.
// The zero Cursor is ready for Reset. A Cursor belongs to one goroutine.
type Cursor struct {
	Name     []byte // empty for a cookie without a name
	Value    []byte // without its quotes, unless Options.KeepQuotes
	Quoted   bool   // the value is written between double quotes
	HasEqual bool   // a '=' is written: "a=" and "=a" have one, "a" has not

	// Options are set before Reset, and kept by it.
	Options Options

	header []byte
	pos    int
	left   int  // cookies that may still come
	comma  int  // where the next comma that separates is, with Options.Comma; behind pos, or stale
	cut    bool // header ends where the limit is, not where the cookies do
	err    error
}

// Reset starts on header, which is the value of a Cookie header field, without
// "Cookie:". The bytes must not change while they are read.
func (c *Cursor) Reset(header []byte) {
	most := limit(c.Options.MaxHeader, MaxHeader)
	c.Name, c.Value, c.Quoted, c.HasEqual = nil, nil, false, false
	c.header, c.pos, c.comma, c.err = header, 0, -1, nil
	c.left = limit(c.Options.MaxCookies, MaxCookies)
	c.cut = len(header) > most
	if !c.cut {
		return
	}
	if header[most] == ';' {
		most++ // the cookie in front of the limit is whole
	}
	c.header = header[:most]
}

// Next reads the next cookie. It returns false when there is none, or when a
// limit was reached: see Err.
func (c *Cursor) Next() bool {
	h, i := c.header, c.pos
	for {
		if i >= len(h) {
			return c.stop(nil)
		}
		// The end first: the next one can then be looked for while the
		// processor is still at this name.
		part := h[i:]
		if c.Options.Comma {
			part = h[i:c.commaFrom(i)]
		}
		end := i + len(part)
		if n := bytes.IndexByte(part, ';'); n >= 0 {
			end = i + n
		}
		start := i
		i = end + 1
		c.pos = i
		for start < end && isSpace(h[start]) {
			start++
		}
		if start == end {
			continue
		}
		if end == len(h) && c.cut {
			return c.stop(errHeader)
		}
		if c.left == 0 {
			return c.stop(errCookies)
		}
		c.left--
		// Names are short: most end within eight bytes, looked at once, so that no
		// branch depends on how long they are. A call of IndexByte takes longer.
		name := start
		if start+8 <= len(h) {
			x := binary.LittleEndian.Uint64(h[start:]) ^ ones*'='
			name = min(start+bits.TrailingZeros64((x-ones)&^x&highs)>>3, end)
		}
		for name < end && h[name] != '=' {
			name++
		}
		c.HasEqual = name < end
		if name == end {
			if c.Options.Bare == BareSkip {
				continue
			}
			c.bare(start, end)
			return true
		}
		value := name + 1
		for name > start && isSpace(h[name-1]) {
			name--
		}
		c.Name = h[start:name:name]
		// Nearly every value starts and ends with a byte above the quote.
		if value < end && (h[value] <= '"' || h[end-1] <= '"') {
			c.edges(value, end)
			return true
		}
		c.Value, c.Quoted = h[value:end:end], false
		return true
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

// edges sets the value h[i:j] without white space and quotes around it.
func (c *Cursor) edges(i, j int) {
	h := c.header
	for i < j && isSpace(h[i]) {
		i++
	}
	for i < j && isSpace(h[j-1]) {
		j--
	}
	c.Quoted = j-i >= 2 && h[i] == '"' && h[j-1] == '"'
	if c.Quoted && !c.Options.KeepQuotes {
		i, j = i+1, j-1
	}
	c.Value = h[i:j:j]
}

// bare sets the cookie h[i:j], which has no '='.
func (c *Cursor) bare(i, j int) {
	if c.Options.Bare == BareValue {
		c.Name = c.header[i:i:i]
		c.edges(i, j)
		return
	}
	for isSpace(c.header[j-1]) {
		j-- // h[i] is none, so this ends
	}
	c.Name, c.Value, c.Quoted = c.header[i:j:j], c.header[j:j:j], false
}

// stop ends the cookies.
func (c *Cursor) stop(err error) bool {
	if err == nil && c.cut {
		err = errHeader
	}
	if c.err == nil {
		c.err = err
	}
	c.Name, c.Value, c.Quoted, c.HasEqual = nil, nil, false, false
	c.pos, c.cut = len(c.header), false
	return false
}

// Err returns nil, or the *LimitError that ended the cookies before the header
// did. What Next gave before it stands.
func (c *Cursor) Err() error { return c.err }

// commaFrom returns where the next comma that separates is, len(header) if
// there is none. It looks only once for each.
func (c *Cursor) commaFrom(i int) int {
	if c.comma < i {
		c.comma = commaEnd(c.header, i)
	}
	return c.comma
}

// commaEnd returns where the first comma with a space or tab behind it stands,
// from i on; len(h) if there is none.
func commaEnd(h []byte, i int) int {
	for {
		n := bytes.IndexByte(h[i:], ',')
		if n < 0 {
			return len(h)
		}
		i += n
		if i+1 < len(h) && (h[i+1] == ' ' || h[i+1] == '\t') {
			return i
		}
		i++
	}
}

// All gives name and value of every cookie of header, as a Cursor does with
// the zero Options. A limit just ends it; use a Cursor to know.
func All(header []byte) iter.Seq2[[]byte, []byte] { return Options{}.All(header) }

// All gives name and value of every cookie of header, as a Cursor with these
// Options does.
func (o Options) All(header []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		c := Cursor{Options: o}
		c.Reset(header)
		for c.Next() {
			if !yield(c.Name, c.Value) {
				return
			}
		}
	}
}
