package cookie

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
)

var (
	errJSON    = fmt.Errorf("%w: JSON", ErrMalformed)
	errRepeats = fmt.Errorf("%w: JSON repeats a name in an object", ErrMalformed)
)

// JSON flattens a JSON text (RFC 8259, strict, nested at most MaxDepth deep)
// to dotted names: {"uid":1,"a":{"b":"x"}} gives the number uid and the string
// a.b. A text that is no object gives one value without a name. Express writes
// j: in front of JSON cookies; it is taken off.
//
// Strings are unescaped, numbers keep their digits. An array is one value of
// kind JSON, without white space and so without line breaks; an array with an
// object that repeats a name is malformed, because the text is passed on and
// Elasticsearch would refuse the record. Of a dotted name that comes twice the
// first counts. An empty object gives nothing.
type JSON struct{}

// Bind implements Decoder.
func (JSON) Bind() DecodeFunc {
	j := new(flattener)
	return func(dst *Values, _, value []byte) error {
		before := dst.Len()
		err := j.flatten(dst, bytes.TrimPrefix(value, []byte("j:")))
		if err != nil {
			dst.Truncate(before)
		}
		return err
	}
}

type flattener struct {
	scan  jsonscan.Scanner
	path  []byte            // the dotted name of the object that is open
	outer [MaxDepth + 1]int // len(path) around each open object
	inner repeats
}

func (j *flattener) flatten(dst *Values, text []byte) error {
	s := &j.scan
	s.Reset(text)
	j.path = j.path[:0]
	for s.Next() {
		if s.Kind == jsonscan.End {
			j.path = j.path[:j.outer[s.Level()]]
			continue
		}
		if s.Level() == 1 && s.Kind > jsonscan.End && !s.KeyEscaped {
			// A member of the outermost object: its key is its whole name.
			if err := j.add(dst, s.Key); err != nil {
				return err
			}
			continue
		}
		before := len(j.path)
		if err := j.push(); err != nil {
			return err
		}
		if s.Kind == jsonscan.Object {
			j.outer[s.Level()-1] = before
			continue
		}
		if err := j.add(dst, j.path); err != nil {
			return err
		}
		j.path = j.path[:before]
	}
	return jsonError(s.Cause())
}

// push puts the name of what was just read behind the path.
func (j *flattener) push() error {
	s := &j.scan
	if s.Key == nil {
		return nil
	}
	if len(j.path)+len(s.Key) >= MaxDecoded {
		return errDecoded
	}
	level := s.Level()
	if s.Kind == jsonscan.Object || s.Kind == jsonscan.Array {
		level-- // opened already
	}
	if level > 1 {
		j.path = append(j.path, '.')
	}
	if s.KeyEscaped {
		j.path = jsonscan.AppendUnescape(j.path, s.Key)
	} else {
		j.path = append(j.path, s.Key...)
	}
	return nil
}

// add gives dst the value that was just read, under this name.
func (j *flattener) add(dst *Values, name []byte) error {
	s := &j.scan
	switch s.Kind {
	case jsonscan.Number:
		return dst.Add(name, KindNumber, s.Value)
	case jsonscan.True, jsonscan.False:
		return dst.Add(name, KindBool, s.Value)
	case jsonscan.Null:
		return dst.Add(name, KindNull, s.Value)
	case jsonscan.Array:
		if !s.Skip() {
			return jsonError(s.Cause())
		}
		buf, err := dst.Buf(len(s.Value))
		if err != nil {
			return err
		}
		if err := j.inner.check(s.Value); err != nil {
			return err
		}
		return dst.Add(name, KindJSON, jsonscan.AppendCompact(buf, s.Value))
	}
	if !s.Escaped {
		return dst.Add(name, KindString, s.Value)
	}
	buf, err := dst.Buf(len(s.Value))
	if err != nil {
		return err
	}
	return dst.Add(name, KindString, jsonscan.AppendUnescape(buf, s.Value))
}

func jsonError(cause error) error {
	switch {
	case cause == nil:
		return nil
	case errors.Is(cause, jsonscan.ErrDepth):
		return errDepth
	}
	return errJSON
}

// repeats looks for objects that repeat a name.
type repeats struct {
	scan  jsonscan.Scanner
	keys  [][]byte // of the open objects, the innermost last
	outer [MaxDepth + 1]int
	text  []byte // of keys that are written with escapes
}

// check returns an error if an object inside text, which is valid JSON, has a
// name twice, or more than MaxValues names: that bounds the search.
func (r *repeats) check(text []byte) error {
	if bytes.IndexByte(text, '{') < 0 {
		return nil
	}
	s := &r.scan
	s.Reset(text)
	r.keys, r.text = r.keys[:0], r.text[:0]
	for s.Next() {
		if s.Kind == jsonscan.End {
			r.keys = r.keys[:r.outer[s.Level()]]
			continue
		}
		level := s.Level()
		opened := s.Kind == jsonscan.Object || s.Kind == jsonscan.Array
		if opened {
			level--
		}
		if s.Key != nil {
			if err := r.add(r.outer[level-1]); err != nil {
				return err
			}
		}
		if opened {
			r.outer[level] = len(r.keys)
		}
	}
	return nil
}

// add keeps the name that was just read, of the object whose names start at first.
func (r *repeats) add(first int) error {
	key := r.scan.Key
	if r.scan.KeyEscaped {
		start := len(r.text)
		r.text = jsonscan.AppendUnescape(r.text, key)
		key = r.text[start:]
	}
	if len(r.keys)-first == MaxValues {
		return errValues
	}
	for _, k := range r.keys[first:] {
		if bytes.Equal(k, key) {
			return errRepeats
		}
	}
	r.keys = append(r.keys, key)
	return nil
}
