package transform

import (
	"bytes"
	"errors"
)

var (
	errNotTarget     = errors.New("not a string")
	errNoName        = errors.New("name of the parameter is empty")
	errParamTooLong  = errors.New("query parameter is too long")
	errTooManyParams = errors.New("query has too many parameters")
)

// URL is the stage that splits a URL at its first '?' into labels for path and query,
// and takes chosen parameters out of the query:
//
//	transform.URL{}                        // of uri: path, query
//	transform.URL{From: "referer", Scheme: "referer_scheme", Host: "referer_host", Path: "referer_path", Query: "referer_query"}
//	transform.URL{Params: []transform.Param{{Name: "utm_source", Label: "source"}}}
//
// Path and query are given as they stand, percent-encoding and all; the path may be
// empty. The query is null without a '?', and empty if nothing stands behind it. A '#'
// is text: clients do not send what it begins.
//
// A URL that is null makes all outputs null; one that is not there writes none. The URL
// stays, unless it is one of the outputs. What is no string fails: all outputs become
// null, unless [OnError] says otherwise.
type URL struct {
	From  string // default "uri"
	Path  string // default "path"
	Query string // default "query"

	// Scheme and Host are the labels for the two parts that an absolute URL,
	// https://host:port/path, has in front of its path: as written, with the port,
	// without user and password. If either is set, Path begins behind the host, and both
	// are null for a URL that is not absolute. Default: an absolute URL is not told from
	// others, and Path has all of it.
	Scheme, Host string

	// Params are the parameters that become labels. Default: none.
	Params []Param

	// MaxParams is how many parameters of a query are looked at; more count as failed
	// once, those before stand. Default 128.
	MaxParams int

	// MaxParamBytes is how long the value of a parameter may be, decoded. A longer one
	// becomes null and counts as failed, or what OnError says. Default 1024.
	MaxParamBytes int
}

// A Param is a query parameter that becomes a label: its value, decoded as HTML forms
// write it (+ is a space, %XX a byte; a '%' without two hex digits behind it stays). Of
// a repeated parameter the first counts. One without '=' is empty; one that is not in
// the query writes nothing.
type Param struct {
	Name  string // decoded
	Label string
}

const (
	defaultMaxParams     = 128
	defaultMaxParamBytes = 1024
)

// String returns the Go code of s.
func (s URL) String() string {
	params := ""
	for i, p := range s.Params {
		if i > 0 {
			params += ", "
		}
		params += literal("", "Name", literalString(p.Name), "Label", literalString(p.Label))
	}
	if params != "" {
		params = "[]Param{" + params + "}"
	}
	return literal("URL", "From", literalString(s.From), "Path", literalString(s.Path), "Query", literalString(s.Query),
		"Scheme", literalString(s.Scheme), "Host", literalString(s.Host), "Params", params,
		"MaxParams", literalInt(s.MaxParams), "MaxParamBytes", literalInt(s.MaxParamBytes))
}

// Bind implements [Stage].
func (s URL) Bind(b *Binder) (func() Func, error) {
	if s.MaxParams < 0 || s.MaxParamBytes < 0 {
		return nil, errNegative
	}
	from := orElse(s.From, "uri")
	labels := []string{orElse(s.Path, "path"), orElse(s.Query, "query")}
	w := &urlStage{
		from: b.Slot(from), scheme: -1, host: -1, absolute: s.Scheme != "" || s.Host != "", policy: b.Policy(OnErrorNull),
		maxParams: intOrElse(s.MaxParams, defaultMaxParams), maxBytes: intOrElse(s.MaxParamBytes, defaultMaxParamBytes),
	}
	if s.Scheme != "" {
		labels = append(labels, s.Scheme)
	}
	if s.Host != "" {
		labels = append(labels, s.Host)
	}
	parts := len(labels)
	for _, p := range s.Params {
		if p.Name == "" {
			return nil, errNoName
		}
		labels = append(labels, p.Label)
		w.names = append(w.names, p.Name)
	}
	to, err := outputs(b, from, labels)
	if err != nil {
		return nil, err
	}
	w.params = to[parts:]
	w.all, w.path, w.query = to, to[0], to[1]
	if s.Scheme != "" {
		w.scheme = to[2]
	}
	if s.Host != "" {
		w.host = to[parts-1]
	}
	return func() Func {
		own := *w
		own.found = make([]bool, len(own.names))
		return own.run
	}, nil
}

// A urlStage is URL at work, for one worker.
type urlStage struct {
	from         Slot
	all          []Slot
	params       []Slot // by names
	names        []string
	path, query  Slot
	scheme, host Slot // -1: not asked for
	absolute     bool
	policy       Policy

	maxParams, maxBytes int

	found []bool // by names
}

func (w *urlStage) run(r *Record) error {
	v, ok := r.Value(w.from)
	switch {
	case !ok:
		return nil
	case v.Kind == KindNull:
		r.setNull(w.all)
		return nil
	case v.Kind != KindString:
		return r.failInto(w.policy, w.from, w.all, errNotTarget)
	}
	url := v.Bytes
	if w.absolute {
		scheme, host, rest := splitAbsolute(url)
		w.set(r, w.scheme, scheme)
		w.set(r, w.host, host)
		url = rest
	}
	var query []byte // nil: there is none
	path := url
	if i := bytes.IndexByte(url, '?'); i >= 0 {
		path, query = url[:i:i], url[i+1:]
	}
	r.SetValue(w.path, String(path))
	w.set(r, w.query, query)
	if len(w.names) == 0 || len(query) == 0 {
		return nil
	}
	return w.takeParams(r, query)
}

// set writes a part of the URL, which is null if the URL has not got it.
func (w *urlStage) set(r *Record, slot Slot, part []byte) {
	switch {
	case slot < 0:
	case part == nil:
		r.SetValue(slot, Null)
	default:
		r.SetValue(slot, String(part))
	}
}

// splitAbsolute takes scheme and host off a URL that has both; else they are nil.
func splitAbsolute(url []byte) (scheme, host, rest []byte) {
	n := 0
	for n < len(url) && isScheme(url[n], n) {
		n++
	}
	if n == 0 || !bytes.HasPrefix(url[n:], []byte("://")) {
		return nil, nil, url
	}
	rest = url[n+3:]
	end := bytes.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	host = rest[:end:end]
	if at := bytes.LastIndexByte(host, '@'); at >= 0 {
		host = host[at+1:]
	}
	return url[:n:n], host, rest[end:]
}

// isScheme reports whether c can be byte i of a scheme (RFC 3986 section 3.1).
func isScheme(c byte, i int) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || i > 0 && (isDigit(c) || c == '+' || c == '-' || c == '.')
}

func (w *urlStage) takeParams(r *Record, query []byte) error {
	clear(w.found)
	left := len(w.names)
	for n := 0; len(query) > 0 && left > 0; {
		var pair []byte
		pair, query = cutByte(query, '&')
		if len(pair) == 0 {
			continue
		}
		if n++; n > w.maxParams {
			return r.failInto(w.policy, w.from, nil, errTooManyParams)
		}
		name, value := cutByte(pair, '=')
		for i, want := range w.names {
			if w.found[i] || !isForm(name, want) {
				continue
			}
			w.found[i] = true
			left--
			if err := w.takeParam(r, i, value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *urlStage) takeParam(r *Record, i int, value []byte) error {
	if !hasForm(value) {
		if len(value) <= w.maxBytes {
			r.SetValue(w.params[i], String(value[:len(value):len(value)]))
			return nil
		}
	} else if len(value)/3 <= w.maxBytes { // three bytes become one at best
		room := r.arena.alloc(len(value))
		text := appendForm(room[:0], value)
		r.arena.giveBack(len(room) - len(text))
		if len(text) <= w.maxBytes {
			r.SetValue(w.params[i], String(text[:len(text):len(text)]))
			return nil
		}
	}
	return r.failInto(w.policy, w.from, w.params[i:i+1], errParamTooLong)
}

func cutByte(s []byte, sep byte) (before, after []byte) {
	if i := bytes.IndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, nil
}
