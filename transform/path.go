package transform

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/ltsvpipe/ltsvpipe/internal/textconv"
)

var (
	errPattern = errors.New("pattern does not begin with '/', has a '?', a name that is empty, or a '*' that is not its last segment")
	errNoRoom  = errors.New("MaxBytes has no room for /*")
	errNotPath = errors.New("not a string")
)

// Path is the stage that makes one of the many paths that differ in an id only, so that
// they can be counted together:
//
//	transform.Path{}                                                // /users/25527/orders: /users/:id/orders
//	transform.Path{Patterns: []string{"/blog/:slug", "/static/*"}} // /blog/my-cat: /blog/:slug
//
// The first pattern that fits the path whole takes its place. Of its segments, :name
// stands for any one that is not empty, and * at the end for whatever follows the '/',
// nothing among it; any other stands for itself. If none fits, segments that look like an id
// are replaced, unless NoGuess is set:
//
//   - digits only: :id
//   - a UUID, 8-4-4-4-12 hex digits in any case: :uuid
//   - 16 hex digits and more, in any case: :hex
//
// The result is bounded, whatever a client sends: what stands behind MaxSegments
// segments or would not fit into MaxBytes becomes one *. A query, from the first '?'
// on, is cut off. Nothing is decoded; empty segments and a '/' at the end count.
//
// A path that is null stays null (To becomes it); one that is not there writes nothing.
// What is no string fails: null, unless [OnError] says otherwise.
type Path struct {
	From string // default "path"
	To   string // default From: the path is replaced

	// Patterns are tried in this order. Default: none.
	Patterns []string

	// NoGuess leaves a path that no pattern fits as it is, but for the bounds.
	NoGuess bool

	MaxSegments int // default 16
	MaxBytes    int // default 256
}

const (
	defaultMaxSegments  = 16
	defaultMaxPathBytes = 256
	minHex              = 16
)

// String returns the Go code of s.
func (s Path) String() string {
	return literal("Path", "From", literalString(s.From), "To", literalString(s.To), "Patterns", literalStrings(s.Patterns),
		"NoGuess", literalTrue(s.NoGuess), "MaxSegments", literalInt(s.MaxSegments), "MaxBytes", literalInt(s.MaxBytes))
}

// Bind implements [Stage].
func (s Path) Bind(b *Binder) (func() Func, error) {
	if s.MaxSegments < 0 || s.MaxBytes < 0 {
		return nil, errNegative
	}
	if s.MaxBytes == 1 {
		return nil, errNoRoom
	}
	from := orElse(s.From, "path")
	w := &pathStage{
		from: b.Slot(from), to: []Slot{output(b, orElse(s.To, from), from)}, policy: b.Policy(OnErrorNull), guess: !s.NoGuess,
		maxSegments: intOrElse(s.MaxSegments, defaultMaxSegments), maxBytes: intOrElse(s.MaxBytes, defaultMaxPathBytes),
	}
	for _, text := range s.Patterns {
		p, err := newPathPattern(text)
		if err != nil {
			return nil, err
		}
		w.patterns = append(w.patterns, p)
	}
	return func() Func { return w.run }, nil
}

// A pathStage is Path at work. Workers share it.
type pathStage struct {
	from        Slot
	to          []Slot // one
	policy      Policy
	patterns    []pathPattern
	guess       bool
	maxSegments int
	maxBytes    int
}

func (w *pathStage) run(r *Record) error {
	v, ok := r.Value(w.from)
	switch {
	case !ok:
		return nil
	case v.Kind == KindNull:
		r.setNull(w.to)
		return nil
	case v.Kind != KindString:
		return r.failInto(w.policy, w.from, w.to, errNotPath)
	}
	r.SetValue(w.to[0], String(w.normalise(r, v.Bytes)))
	return nil
}

func (w *pathStage) normalise(r *Record, path []byte) []byte {
	if i := bytes.IndexByte(path, '?'); i >= 0 {
		path = path[:i:i]
	}
	for i := range w.patterns {
		if w.patterns[i].fits(path) {
			return w.patterns[i].text
		}
	}
	if w.isNormal(path) {
		return path
	}
	// An id that is replaced grows by two bytes at most, and a * for the rest may be
	// added: 1/2 becomes :id/:id.
	room := r.arena.alloc(min(w.maxBytes, 3*len(path)+1))
	text := w.replace(room[:0], path)
	r.arena.giveBack(len(room) - len(text))
	return text[:len(text):len(text)]
}

// isNormal reports whether path stays as it is, which most paths do that have no id.
func (w *pathStage) isNormal(path []byte) bool {
	if len(path) > w.maxBytes {
		return false
	}
	n := 0
	for rest, more := pathSegments(path); more; {
		var segment []byte
		if segment, rest, more = cutSegment(rest); w.name(segment) != "" {
			return false
		}
		if n++; n > w.maxSegments {
			return false
		}
	}
	return true
}

// replace appends path with the ids replaced, to maxBytes at most.
func (w *pathStage) replace(dst, path []byte) []byte {
	rest, more := pathSegments(path)
	if len(rest) < len(path) {
		dst = append(dst, '/')
	}
	for n := 1; more; n++ {
		var segment []byte
		segment, rest, more = cutSegment(rest)
		length := len(segment)
		name := w.name(segment)
		if name != "" {
			length = len(name)
		}
		behind := 0
		if more {
			behind = len("/*") // there must be room for the rest
		}
		if n > w.maxSegments || len(dst)+length+behind > w.maxBytes {
			return append(dst, '*')
		}
		if name != "" {
			dst = append(dst, name...)
		} else {
			dst = append(dst, segment...)
		}
		if more {
			dst = append(dst, '/')
		}
	}
	return dst
}

// name returns what an id is replaced by, or "" for a segment that is none.
func (w *pathStage) name(segment []byte) string {
	if !w.guess || len(segment) == 0 {
		return ""
	}
	if n := textconv.CountDigits(segment); n == len(segment) {
		return ":id"
	} else if n == 0 && hexDigit(segment[0]) > 15 {
		return ""
	}
	switch {
	case isUUID(segment):
		return ":uuid"
	case len(segment) >= minHex && isHex(segment):
		return ":hex"
	}
	return ""
}

func isHex(s []byte) bool {
	for _, c := range s {
		if hexDigit(c) > 15 {
			return false
		}
	}
	return true
}

func isUUID(s []byte) bool {
	return len(s) == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-' &&
		isHex(s[:8]) && isHex(s[9:13]) && isHex(s[14:18]) && isHex(s[19:23]) && isHex(s[24:])
}

// pathSegments returns path without its first '/', and whether there is a segment.
func pathSegments(path []byte) (rest []byte, more bool) {
	if len(path) > 0 && path[0] == '/' {
		path = path[1:]
	}
	return path, len(path) > 0
}

// cutSegment returns the first segment, and whether another follows.
func cutSegment(s []byte) (segment, rest []byte, more bool) {
	if i := bytes.IndexByte(s, '/'); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, nil, false
}

// A pathPattern is a pattern, checked.
type pathPattern struct {
	text     []byte
	segments []string // without a * at the end
	open     bool     // a * was there
}

func newPathPattern(text string) (pathPattern, error) {
	p := pathPattern{text: slices.Clip([]byte(text))} // what the records get of it is not to be appended to
	rest, ok := strings.CutPrefix(text, "/")
	if !ok {
		return p, errPattern
	}
	p.segments = strings.Split(rest, "/")
	if last := len(p.segments) - 1; p.segments[last] == "*" {
		p.open, p.segments = true, p.segments[:last]
	}
	if strings.Contains(text, "?") || slices.Contains(p.segments, "*") || slices.Contains(p.segments, ":") {
		return p, errPattern
	}
	return p, nil
}

// fits reports whether the pattern fits path.
func (p *pathPattern) fits(path []byte) bool {
	if len(path) == 0 || path[0] != '/' {
		return false
	}
	rest, more := path[1:], true
	for _, want := range p.segments {
		if !more {
			return false
		}
		var segment []byte
		segment, rest, more = cutSegment(rest)
		if strings.HasPrefix(want, ":") {
			if len(segment) == 0 {
				return false
			}
		} else if string(segment) != want {
			return false
		}
	}
	return more == p.open
}
