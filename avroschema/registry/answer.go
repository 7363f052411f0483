package registry

import (
	"errors"
	"io"
	"net/http"
)

// Limits, beyond which is [ErrLimit].
const (
	MaxAnswerBytes = 4 << 20 // of one answer
	MaxReferences  = 128     // schemas that one needs, directly or through others
	MaxDepth       = 16      // references of references
	MaxVersions    = 1024    // of a subject, to compare with
)

// errTooLong is what the transport says; others wrap it on its way.
var errTooLong = errors.New("answer too long")

// A limiter is the caller's own transport with an end to what it reads. The sr.Client
// reads all there is.
type limiter struct{ http.RoundTripper }

func (l limiter) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := l.RoundTripper.RoundTrip(req)
	if err == nil {
		resp.Body = &body{resp.Body, MaxAnswerBytes}
	}
	return resp, err
}

// CloseIdleConnections does what http.Client's method of the name looks for.
func (l limiter) CloseIdleConnections() {
	if inner, ok := l.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		inner.CloseIdleConnections()
	}
}

type body struct {
	io.ReadCloser
	left int
}

func (b *body) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, errTooLong
	}
	// One byte more than may be: an answer of just the limit is not too long.
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left+1)])
	b.left -= n
	if b.left < 0 {
		return n, errTooLong
	}
	return n, err
}
