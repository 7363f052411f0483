package jobs

import (
	"bytes"
	"errors"

	"github.com/ltsvpipe/ltsvpipe/transform"
)

var errRequest = errors.New("not a request line")

// request is a stage of job 1's own: method, path, protocol and query, of the labels
// method, uri and protocol where the server logs them, else of the request line. What
// is new comes in this order. A request line that does not split (TLS sent to a plain
// port, HTTP/0.9) gives null for what it should have given.
type request struct{}

func (request) String() string { return "request" }

// Bind implements transform.Stage.
func (request) Bind(b *transform.Binder) (func() transform.Func, error) {
	s := b.Slots([]string{"req", "method", "uri", "protocol"})
	req, method, uri, protocol := s[0], s[1], s[2], s[3]
	path, query := b.Output("path"), b.Output("query")
	f := func(r *transform.Record) error {
		line, hasLine := r.Value(req)
		target, hasURI := r.Value(uri)
		_, hasMethod := r.Value(method)
		_, hasProtocol := r.Value(protocol)
		parts := [3]transform.Value{transform.Null, transform.Null, transform.Null}
		if hasLine && line.Kind != transform.KindNull && !(hasMethod && hasURI && hasProtocol) {
			var ok bool
			if parts, ok = splitRequest(line.Bytes); !ok {
				if err := r.Fail(transform.OnErrorKeep, req, errRequest); err != nil {
					return err
				}
			}
		}
		if hasLine && !hasMethod {
			r.SetValue(method, parts[0])
		}
		if hasLine && !hasURI {
			target, hasURI = parts[1], true
		}
		before, after := transform.Null, transform.Null
		if hasURI && target.Kind != transform.KindNull {
			before = target
			if i := bytes.IndexByte(target.Bytes, '?'); i >= 0 {
				before = transform.String(target.Bytes[:i:i])
				after = transform.String(target.Bytes[i+1:])
			}
		}
		if hasURI {
			r.SetValue(path, before)
		}
		if hasLine && !hasProtocol {
			r.SetValue(protocol, parts[2])
		}
		if hasURI {
			r.SetValue(query, after)
		}
		return nil
	}
	return func() transform.Func { return f }, nil
}

// splitRequest splits a request line (RFC 9112 section 3) into method, target and
// protocol. Blanks inside the target are its own: some clients send them.
func splitRequest(line []byte) (parts [3]transform.Value, ok bool) {
	none := [3]transform.Value{transform.Null, transform.Null, transform.Null}
	first, last := bytes.IndexByte(line, ' '), bytes.LastIndexByte(line, ' ')
	if first <= 0 || last <= first+1 || !isProtocol(line[last+1:]) {
		return none, false
	}
	for _, c := range line[:first] {
		if !isToken(c) {
			return none, false
		}
	}
	return [3]transform.Value{
		transform.String(line[:first:first]),
		transform.String(line[first+1 : last : last]),
		transform.String(line[last+1:]),
	}, true
}

// isProtocol reports whether s is HTTP/ and one digit, or two with a dot between.
func isProtocol(s []byte) bool {
	version, ok := bytes.CutPrefix(s, []byte("HTTP/"))
	digit := func(i int) bool { return version[i]-'0' <= 9 }
	switch {
	case !ok:
		return false
	case len(version) == 1:
		return digit(0)
	}
	return len(version) == 3 && digit(0) && version[1] == '.' && digit(2)
}

// isToken reports whether c may stand in a method (RFC 9110 section 5.6.2).
func isToken(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		bytes.IndexByte([]byte("!#$%&'*+-.^_`|~"), c) >= 0
}
