package cookie

import (
	"bytes"
	"fmt"
)

var errFacebook = fmt.Errorf("%w: Facebook browser id", ErrMalformed)

// FacebookBrowserID reads _fbp, fb.1.1596403881668.1116446470, and _fbc, which
// is written alike with a click id at its end ("fbp and fbc parameters" of the
// Conversions API):
//
//   - id, string: the browser's random number, or the click id
//   - created, number: milliseconds since 1970
//
// What a further dot leads in is passed over.
type FacebookBrowserID struct{}

// Bind implements Decoder.
func (FacebookBrowserID) Bind() DecodeFunc {
	return func(dst *Values, _, value []byte) error {
		before := dst.Len()
		err := decodeFacebook(dst, value)
		if err != nil {
			dst.Truncate(before)
		}
		return err
	}
}

func decodeFacebook(dst *Values, value []byte) error {
	rest, ok := bytes.CutPrefix(value, []byte("fb."))
	if !ok {
		return errFacebook
	}
	level, rest, _ := bytes.Cut(rest, []byte("."))
	created, rest, _ := bytes.Cut(rest, []byte("."))
	id, _, _ := bytes.Cut(rest, []byte("."))
	if _, _, ok := integer(level); !ok || len(id) == 0 {
		return errFacebook
	}
	if err := dst.Add([]byte("id"), KindString, id); err != nil {
		return err
	}
	return addInt(dst, []byte("created"), created)
}
