package bulk

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"sync"

	"github.com/klauspost/compress/gzip"
)

const (
	answerBytes     = 64 << 10 // of an answer, and
	answerItemBytes = 1 << 10  // for each item: an item's status and type take some 80
)

var (
	errAnswerTooLong = errors.New("answer is too long") // for the memory that is spent on it
	errNotHTTP       = errors.New("answer is not HTTP")
)

// A poster sends requests, one at a time. It belongs to one goroutine.
type poster struct {
	client *http.Client
	header http.Header
	zip    *gzip.Writer // nil without compression
	zipped bytes.Buffer
	answer bytes.Buffer // of the last request
	cut    bool         // the last request failed with some of its body sent
}

func newPoster(t *Target, client *http.Client) (*poster, error) {
	p := &poster{client: client, header: t.header()}
	if t.Gzip {
		var err error
		if p.zip, err = gzip.NewWriterLevel(nil, gzip.BestSpeed); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// encode returns what is sent for body: the same, or compressed.
func (p *poster) encode(body []byte) ([]byte, error) {
	if p.zip == nil {
		return body, nil
	}
	p.zipped.Reset()
	p.zip.Reset(&p.zipped)
	if _, err := p.zip.Write(body); err != nil {
		return nil, err
	}
	if err := p.zip.Close(); err != nil {
		return nil, err
	}
	return p.zipped.Bytes(), nil
}

// post sends wire and reads the answer to a request of so many items into
// p.answer. When it returns, nobody reads wire any more.
func (p *poster) post(ctx context.Context, url string, wire []byte, items int) (*http.Response, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	out := &outgoing{rest: wire}
	defer out.Close() // a transport may read on, also after it has answered or failed
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, out)
	if err != nil {
		return nil, err
	}
	req.ContentLength = int64(len(wire))
	req.Header = p.header.Clone() // which a transport of the caller's may add to
	resp, err := p.client.Do(req)
	p.cut = err != nil && out.halfway()
	if err != nil {
		return nil, bare(err)
	}
	defer resp.Body.Close()
	p.answer.Reset()
	limit := int64(answerBytes + answerItemBytes*items)
	n, err := p.answer.ReadFrom(io.LimitReader(resp.Body, limit+1))
	if err == nil && n > limit {
		err = errAnswerTooLong
	}
	return resp, bare(err)
}

// unread are the errors in which net/http quotes an answer that it cannot read.
var unread = regexp.MustCompile(`(connection broken|malformed).*"`)

// bare returns err without the URL, whose query says nothing, and without what
// is quoted of an answer.
func bare(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if err != nil && unread.MatchString(err.Error()) {
		return errNotHTTP
	}
	return err
}

// outgoing is a request's body. Once it is closed nobody gets bytes of it, so
// that the memory may be used again, whatever a transport still does.
type outgoing struct {
	mu     sync.Mutex
	rest   []byte
	begun  bool
	closed bool
}

func (o *outgoing) Read(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	if len(o.rest) == 0 {
		return 0, io.EOF
	}
	o.begun = true
	n := copy(p, o.rest)
	o.rest = o.rest[n:]
	return n, nil
}

// halfway reports whether some was read and some was not, also when it has been
// closed.
func (o *outgoing) halfway() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.begun && len(o.rest) > 0
}

func (o *outgoing) Close() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	return nil
}
