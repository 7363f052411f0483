package cookie

// Options say how a header is read. The zero Options is the default: no
// special case of one server or framework, and nothing lost.
type Options struct {
	// Duplicates says which of several cookies of one name is meant. It is for
	// those that look for a name (Get, Selector, Extract); a Cursor and All
	// show every cookie whatever it says. Default First.
	Duplicates Duplicates

	// Bare says what a part without '=' is. Default BareValue.
	Bare Bare

	// KeepQuotes leaves the double quotes around a quoted value in place.
	// Default: taken off, as net/http does. What stands between them is given
	// as it is in either case; Unquote undoes escapes.
	KeepQuotes bool

	// Comma makes a comma that a space follows end a cookie as ';' does,
	// quoted or not: Apache joins several Cookie headers by ", ". A comma
	// alone never does: it is common inside values. Default: commas are text.
	Comma bool

	// FoldCase compares names without regard to ASCII case. Cookie names are
	// case-sensitive (RFC 6265 section 5.3 step 11), so the default is not to.
	FoldCase bool

	// MaxHeader is how many bytes of a header are read. The cookie that the
	// limit cuts is not given. Default (0) MaxHeader; negative: no limit.
	MaxHeader int

	// MaxCookies is how many cookies of a header are given. Default (0)
	// MaxCookies; negative: no limit.
	MaxCookies int
}

// Duplicates says which of several cookies with one name counts.
type Duplicates uint8

const (
	// First is what a browser means: it sends the most specific path first
	// (RFC 6265 section 5.4). jshttp/cookie, Rack and PHP do this.
	First Duplicates = iota
	// Last is what Django and Tornado do.
	Last
	// AllOf gives every one, to those that have a place for it: Extract gives
	// one result each. Get and Selector, with one place a name, give the first.
	AllOf
)

// Bare says what a part without '=' is, such as foo in "a=1; foo".
type Bare uint8

const (
	// BareValue: the value of a cookie without a name. That is how browsers
	// write such a cookie (RFC 6265bis section 5.6).
	BareValue Bare = iota
	// BareName: the name of a cookie with an empty value.
	BareName
	// BareSkip: nothing; it is left out.
	BareSkip
)

// limit returns what the setting n means.
func limit(n, byDefault int) int {
	switch {
	case n == 0:
		return byDefault
	case n < 0:
		return int(^uint(0) >> 1)
	}
	return n
}
