package transform

import (
	"bytes"
	"errors"
)

var errNotRequest = errors.New("not a request line")

// Request is the stage that splits a request line, GET /x?y HTTP/1.1, into labels for
// method, URI and protocol:
//
//	transform.Request{}                   // of req: method, uri, protocol
//	transform.Request{OnlyMissing: true}  // but those that were logged apart stay
//
// The method is what stands before the first space and must be a token (RFC 9110
// section 5.6.2); the protocol is what stands behind the last one and must be HTTP/1.1
// or HTTP/2, a digit each; the URI is what is between, which may have spaces inside,
// those around it taken off, and must not be empty. Nothing is decoded, nor is there a
// limit of length: the outputs are parts of the input.
//
// It is all or nothing. Of a text that is no request line, such as the bytes of a TLS
// handshake or HTTP/0.9, all outputs become null, unless [OnError] says otherwise. If
// the request line is null, so are they; if it is not there, they are not written. The
// request line stays, unless it is one of the outputs.
type Request struct {
	From     string // default "req"
	Method   string // default "method"
	URI      string // default "uri"
	Protocol string // default "protocol"

	// OnlyMissing leaves alone each output whose label is in the record already, null
	// or not. Default: they are replaced, in their place.
	OnlyMissing bool
}

// String returns the Go code of s.
func (s Request) String() string {
	return literal("Request", "From", literalString(s.From), "Method", literalString(s.Method),
		"URI", literalString(s.URI), "Protocol", literalString(s.Protocol), "OnlyMissing", literalTrue(s.OnlyMissing))
}

// Bind implements [Stage].
func (s Request) Bind(b *Binder) (func() Func, error) {
	from := orElse(s.From, "req")
	labels := []string{orElse(s.Method, "method"), orElse(s.URI, "uri"), orElse(s.Protocol, "protocol")}
	to, err := outputs(b, from, labels)
	if err != nil {
		return nil, err
	}
	w := &requestStage{from: b.Slot(from), to: to, policy: b.Policy(OnErrorNull)}
	if s.OnlyMissing {
		return func() Func { return w.runMissing }, nil
	}
	return func() Func { return w.run }, nil
}

// A requestStage is Request at work. Workers share it.
type requestStage struct {
	from   Slot
	to     []Slot // method, URI, protocol
	policy Policy
}

func (w *requestStage) run(r *Record) error { return w.split(r, w.to) }

// runMissing writes the outputs only that are not there.
func (w *requestStage) runMissing(r *Record) error {
	var missing [3]Slot
	n := 0
	for _, slot := range w.to {
		if _, there := r.Value(slot); !there {
			missing[n] = slot
			n++
		}
	}
	switch n {
	case 0:
		return nil
	case len(w.to):
		return w.split(r, w.to)
	}
	return w.split(r, missing[:n])
}

// split writes those outputs that are among to.
func (w *requestStage) split(r *Record, to []Slot) error {
	v, ok := r.Value(w.from)
	switch {
	case !ok:
		return nil
	case v.Kind == KindNull:
		r.setNull(to)
		return nil
	}
	line := v.Bytes
	method, uri, end, protocol, ok := splitRequest(line)
	if !ok || v.Kind != KindString {
		return r.failInto(w.policy, w.from, to, errNotRequest)
	}
	for _, slot := range to {
		part := line[uri:end:end]
		switch slot {
		case w.to[0]:
			part = line[:method:method]
		case w.to[2]:
			part = line[protocol:len(line):len(line)]
		}
		r.SetValue(slot, String(part))
	}
	return nil
}

// splitRequest returns where the method ends, where the URI begins and ends, and where the
// protocol begins.
func splitRequest(line []byte) (method, uri, end, protocol int, ok bool) {
	method = bytes.IndexByte(line, ' ')
	if method < 0 || !isToken(line[:method]) {
		return 0, 0, 0, 0, false
	}
	end = bytes.LastIndexByte(line, ' ')
	protocol = end + 1
	if !isProtocol(line[protocol:]) {
		return 0, 0, 0, 0, false
	}
	for uri = method; uri < end && line[uri] == ' '; uri++ {
	}
	for end > uri && line[end-1] == ' ' {
		end--
	}
	return method, uri, end, protocol, uri < end
}

// isProtocol reports whether p is HTTP/d or HTTP/d.d.
func isProtocol(p []byte) bool {
	const http = "HTTP/"
	if len(p) != len(http)+1 && len(p) != len(http)+3 || string(p[:len(http)]) != http || !isDigit(p[5]) {
		return false
	}
	return len(p) == len(http)+1 || p[6] == '.' && isDigit(p[7])
}

// isToken reports whether s is a token of RFC 9110.
func isToken(s []byte) bool {
	for _, c := range s {
		if !tokenBytes[c] {
			return false
		}
	}
	return len(s) > 0
}

var tokenBytes = func() (is [256]bool) {
	for _, c := range "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" {
		is[c] = true
	}
	return is
}()
