package transform

import (
	"bytes"
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/ltsvpipe/ltsvpipe/internal/textconv"
)

var (
	errShortWord = errors.New("a word has fewer than three bytes")
	errNotURL    = errors.New("not an absolute http or https URL")
)

// botWords is the default of the stage Bot.
var botWords = []string{
	"bot", "crawl", "spider", "slurp", "facebookexternalhit", "curl/", "wget/", "python-requests",
	"go-http-client", "okhttp", "headlesschrome", "monitor", "pingdom",
}

// BotWords returns the words that [Bot] looks for if it is given none, for those who
// want to add to them.
func BotWords() []string { return slices.Clone(botWords) }

// maxAgent is how many bytes of a user agent Bot looks at.
const maxAgent = 4096

// Bot sets the label to to true if the user agent labelled from contains one of words,
// else to false. Case does not matter in ASCII. Without words it looks for those of
// [BotWords]. A word has at least three bytes.
//
// Every record gets the bool: a user agent that is not there, is null or empty, is not
// a bot. Of a user agent the first 4096 bytes count. The words are compared with what
// the client sent, so [Unescape] comes first. Nothing can fail in this stage.
func Bot(from, to string, words ...string) Stage {
	text := call("Bot", append([]string{from, to}, words...)...)
	if len(words) == 0 {
		words = botWords
	}
	return bot{text, from, to, newWordFinder(words)}
}

type bot struct {
	text     string
	from, to string
	words    *wordFinder // nil if a word is too short
}

func (s bot) String() string { return s.text }

func (s bot) Bind(b *Binder) (func() Func, error) {
	switch {
	case s.from == "" || s.to == "":
		return nil, errNoLabel
	case s.words == nil:
		return nil, errShortWord
	}
	from, to := b.Slot(s.from), output(b, s.to, s.from)
	f := func(r *Record) error {
		found := false
		if v, ok := r.Value(from); ok && v.Kind != KindNull {
			found = s.words.in(v.Bytes[:min(len(v.Bytes), maxAgent)])
		}
		r.SetValue(to, boolValue(found))
		return nil
	}
	return func() Func { return f }, nil
}

// A wordFinder finds out if a text contains one of some words of three bytes or more.
//
// Wherever a word stands in the text, a pair of bytes that begins at an even place is
// its first two or its second and third. So every second pair is looked up in a table,
// and only where that knows a word with the byte behind the pair is the word compared.
// The tables ignore case because they take the low five bits of each byte; that mixes
// letters up with digits and signs, which only costs a comparison.
type wordFinder struct {
	behind [1 << 10]uint32 // the set of bytes that can follow a pair in a word or behind it
	pairs  [1 << 10]uint8  // 0, or 1 + the place in starts
	// starts are lists of words that may stand at a pair. Equal lists are one, and
	// what does not fit into 255 of them shares the last.
	starts [][]wordStart
}

type wordStart struct {
	word string // in lower case
	back int    // how many bytes before the pair the word begins
}

// newWordFinder returns nil if a word is too short.
func newWordFinder(words []string) *wordFinder {
	f := &wordFinder{}
	var byPair [1 << 10][]wordStart
	for _, word := range words {
		if len(word) < 3 {
			return nil
		}
		lower := []byte(word)
		for i, c := range lower {
			lower[i] = lowerASCII(c)
		}
		for back := range 2 {
			pair := pairOf(lower[back], lower[back+1])
			byPair[pair] = append(byPair[pair], wordStart{string(lower), back})
			if back+2 < len(lower) {
				f.behind[pair] |= 1 << (lower[back+2] & 31)
			} else {
				f.behind[pair] = ^uint32(0)
			}
		}
	}
	for pair, starts := range byPair {
		switch {
		case len(starts) == 0:
			continue
		case len(f.starts) < 255:
			f.starts = append(f.starts, starts)
		default:
			f.starts[254] = append(f.starts[254], starts...)
		}
		f.pairs[pair] = uint8(len(f.starts))
	}
	return f
}

func pairOf(a, b byte) int { return int(a&31)<<5 | int(b&31) }

func (f *wordFinder) in(text []byte) bool {
	i := 0
	for ; i+2 < len(text); i += 2 {
		if f.behind[pairOf(text[i], text[i+1])]>>(text[i+2]&31)&1 != 0 && f.at(text, i) {
			return true
		}
	}
	return i+1 < len(text) && f.at(text, i)
}

// at reports whether a word stands at pair i of text.
func (f *wordFinder) at(text []byte, i int) bool {
	known := f.pairs[pairOf(text[i], text[i+1])]
	if known == 0 {
		return false
	}
	for _, s := range f.starts[known-1] {
		if at := i - s.back; at >= 0 && len(text)-at >= len(s.word) && textconv.EqualFold(text[at:at+len(s.word)], s.word) {
			return true
		}
	}
	return false
}

func lowerASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c |= 0x20
	}
	return c
}

// maxHost is the longest host name that DNS knows, and a bit.
const maxHost = 255

// RefererHost puts the host of the URL labelled from under the label to: what stands
// between http:// or https:// and the next slash, question mark or number sign, without
// user name and password, port, and the brackets of an IPv6 address; its ASCII letters
// in lower case. A dot at the end stays.
//
// A host has letters, digits, dots, hyphens, underscores and UTF-8 beyond ASCII, up to
// 255 bytes; in brackets it is an IPv6 address without a zone. If from has no such URL
// (another scheme, a relative one, no host), to becomes null and the case is counted,
// unless [OnError] says otherwise. An empty string or null gives null and is not
// counted. If from is not there, to is left alone.
func RefererHost(from, to string) Stage {
	return derived{text: call("RefererHost", from, to), from: from, to: to, convert: refererHost}
}

func refererHost(r *Record, text []byte) (Value, error) {
	if len(text) == 0 {
		return Null, nil
	}
	host, ok := hostOf(text)
	if !ok {
		return Value{}, errNotURL
	}
	if countPlainHost(host) == len(host) {
		return String(host), nil
	}
	lower := r.Alloc(len(host))
	for i, c := range host {
		lower[i] = lowerASCII(c)
	}
	return String(lower), nil
}

// countPlainHost returns how many bytes at the start of s are of a host as most are
// written: lower case letters, digits, dots and hyphens.
func countPlainHost(s []byte) int {
	n := 0
	for n < len(s) && plainHostBytes[s[n]] {
		n++
	}
	return n
}

var plainHostBytes = func() (is [256]bool) {
	for _, c := range "0123456789abcdefghijklmnopqrstuvwxyz.-" {
		is[c] = true
	}
	return is
}()

// hostOf returns the host of an absolute http or https URL.
func hostOf(url []byte) (host []byte, ok bool) {
	host, ok = cutHTTP(url)
	if !ok {
		return nil, false
	}
	if n := countPlainHost(host); 0 < n && n <= maxHost && (n == len(host) || host[n] == '/') {
		return host[:n:n], true // as nearly all are
	}
	for i, c := range host {
		if c == '/' || c == '?' || c == '#' {
			host = host[:i]
			break
		}
	}
	host = host[bytes.LastIndexByte(host, '@')+1:]
	if len(host) > 0 && host[0] == '[' {
		end := bytes.IndexByte(host, ']')
		if end < 0 || !noOrAnyPort(host[end+1:]) {
			return nil, false
		}
		host = host[1:end:end]
		_, ok = parseAddr6(host)
		return host, ok
	}
	if colon := bytes.IndexByte(host, ':'); colon >= 0 {
		if !noOrAnyPort(host[colon:]) {
			return nil, false
		}
		host = host[:colon]
	}
	return host[:len(host):len(host)], isHost(host)
}

// cutHTTP returns what stands behind http:// or https://, in any case.
func cutHTTP(url []byte) (rest []byte, ok bool) {
	if len(url) >= 8 && string(url[:8]) == "https://" {
		return url[8:], true
	}
	scheme := bytes.IndexByte(url[:min(len(url), len("https:"))], ':')
	if scheme < 0 || !textconv.EqualFold(url[:scheme], "http") && !textconv.EqualFold(url[:scheme], "https") ||
		!bytes.HasPrefix(url[scheme:], []byte("://")) {
		return nil, false
	}
	return url[scheme+len("://"):], true
}

// noOrAnyPort reports whether s is empty or a colon and digits, of which there may be
// none.
func noOrAnyPort(s []byte) bool {
	return len(s) == 0 || s[0] == ':' && textconv.CountDigits(s[1:]) == len(s)-1
}

func isHost(s []byte) bool {
	if len(s) == 0 || len(s) > maxHost {
		return false
	}
	ascii := true
	for _, c := range s {
		switch {
		case c >= utf8.RuneSelf:
			ascii = false
		case isDigit(c), 'a' <= c|0x20 && c|0x20 <= 'z', c == '-', c == '.', c == '_':
		default:
			return false
		}
	}
	return ascii || utf8.Valid(s)
}
