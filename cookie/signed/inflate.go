package signed

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"io"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

var (
	errPayload = fmt.Errorf("%w: signed, but its payload cannot be decoded", cookie.ErrMalformed)
	errInflate = &cookie.LimitError{Limit: cookie.LimitDecoded}
)

// payloads decodes what itsdangerous and Django write in front of a signature:
// base64url without padding, and behind a leading '.' zlib under it. It is
// called once the signature is verified: 2.6 KB can inflate to 2 MB, and an
// attacker should not get as far as that.
type payloads struct {
	packed []byte
	plain  []byte
	source bytes.Reader
	zlib   io.ReadCloser
}

// add decodes text and adds the payload to dst.
func (p *payloads) add(dst *cookie.Values, text []byte) error {
	text, compressed := bytes.CutPrefix(text, []byte("."))
	if len(text) > 2*cookie.MaxDecoded {
		return errInflate
	}
	plain, ok := decodeURL(p.packed[:0], text)
	if !ok {
		return errPayload
	}
	p.packed = plain
	if compressed {
		var err error
		if plain, err = p.inflate(plain); err != nil {
			return err
		}
	}
	return dst.Add(nil, cookie.KindString, plain)
}

// inflate undoes zlib, up to MaxDecoded bytes.
func (p *payloads) inflate(packed []byte) ([]byte, error) {
	p.source.Reset(packed)
	if p.zlib == nil {
		z, err := zlib.NewReader(&p.source)
		if err != nil {
			return nil, errPayload
		}
		p.zlib = z
		p.plain = make([]byte, cookie.MaxDecoded+1)
	} else if err := p.zlib.(zlib.Resetter).Reset(&p.source, nil); err != nil {
		return nil, errPayload
	}
	n, err := io.ReadFull(p.zlib, p.plain)
	switch {
	case err == nil:
		return nil, errInflate
	case err == io.EOF || err == io.ErrUnexpectedEOF && p.ended():
		return p.plain[:n], nil
	}
	return nil, errPayload
}

// ended reports whether the stream is at its end, checksum and all. ReadFull
// says ErrUnexpectedEOF of a text shorter than the buffer and of a cut stream.
func (p *payloads) ended() bool {
	var b [1]byte
	n, err := p.zlib.Read(b[:])
	return n == 0 && err == io.EOF
}

// decodeURL appends base64url without padding, strictly: bits that carry
// nothing are zero, and there are no line breaks, over which encoding/base64
// passes.
func decodeURL(dst, text []byte) ([]byte, bool) {
	return decode64(base64.RawURLEncoding.Strict(), dst, text)
}

func decode64(enc *base64.Encoding, dst, text []byte) ([]byte, bool) {
	if bytes.IndexByte(text, '\n') >= 0 || bytes.IndexByte(text, '\r') >= 0 {
		return dst, false
	}
	out, err := enc.AppendDecode(dst, text)
	return out, err == nil
}
