package jsonrec

import (
	"bytes"

	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// Defaults of the limits of a [Decoder], and the limit that is fixed.
const (
	DefaultMaxBytes   = 1 << 20
	DefaultMaxMembers = 1024
	DefaultMaxDepth   = jsonscan.MaxDepth // 64
	MaxLabel          = 1024              // bytes of a dotted label that Flatten makes
)

// A Decoder makes a record of one JSON object, by RFC 8259 and strictly: a text
// that is not UTF-8, has bytes behind the object, a name twice in an object at any
// level, or more than its limits is refused with a [*SyntaxError]. Each limit has
// its default for 0 and below.
//
// Members become fields in their order, each with its kind. Strings are unescaped,
// into the record's own memory if they hold an escape; everything else aliases the
// input, and is valid as long as that is. Numbers keep their digits. A nested
// object or array is one field of KindJSON, as it stands, or without white space
// if it holds a line end.
//
// The zero value is ready for use. A Decoder is configuration, and may be shared.
type Decoder struct {
	MaxBytes   int // of the text; default 1 MiB
	MaxMembers int // of all objects together; default 1,024
	MaxDepth   int // objects and arrays open at once; default, and at most, 64

	// Flatten makes dotted labels of nested objects: the member b of the object
	// a becomes the field a.b. Arrays, and objects without members, stay
	// KindJSON. Two members that come to one label are refused as duplicates, as
	// are an object and another member, and a label over MaxLabel bytes.
	Flatten bool
}

var _ transform.Decoder = Decoder{}

// Decode implements [transform.Decoder]. On error the record is empty.
func (d Decoder) Decode(rec *transform.Record, src []byte) error {
	rec.Reset()
	return d.decode(rec, src)
}

// decode is Decode into a record that is empty.
func (d Decoder) decode(rec *transform.Record, src []byte) error {
	if limit := orDefault(d.MaxBytes, DefaultMaxBytes); len(src) > limit {
		return &SyntaxError{limit, ErrTooLarge}
	}
	r := reader{rec: rec, src: src, left: orDefault(d.MaxMembers, DefaultMaxMembers)}
	r.scan.Depth = min(orDefault(d.MaxDepth, DefaultMaxDepth), DefaultMaxDepth)
	r.scan.Reset(src)
	if err := r.object(d.Flatten); err != nil {
		rec.Reset()
		return &SyntaxError{r.scan.Offset(), err}
	}
	return nil
}

// decodeCopy is Decode of a copy of src, which is the record's.
func (d Decoder) decodeCopy(rec *transform.Record, src []byte) error {
	rec.Reset()
	return d.decode(rec, append(rec.Alloc(len(src))[:0], src...))
}

func orDefault(limit, otherwise int) int {
	if limit <= 0 {
		return otherwise
	}
	return limit
}

// A reader is one Decode.
type reader struct {
	scan jsonscan.Scanner
	rec  *transform.Record
	src  []byte
	left int // members that may still come
}

// object reads the text, which is one object.
func (r *reader) object(flatten bool) error {
	s := &r.scan
	if !s.Next() {
		return s.Cause()
	}
	if s.Kind != jsonscan.Object {
		return ErrNotObject
	}
	var err error
	if flatten {
		err = r.flatten()
	} else {
		err = r.members()
	}
	if err != nil {
		return err
	}
	if s.Next() || s.Cause() != nil {
		return ErrTrailing
	}
	return nil
}

// members reads up to the end of the object.
func (r *reader) members() error {
	s := &r.scan
	for {
		before := r.rec.Len()
		if end := r.rec.AppendMembers(r.src, s.Offset(), r.left); end > s.Offset() {
			s.Resume(end)
			r.left -= r.rec.Len() - before
		}
		if !s.Next() {
			return s.Cause()
		}
		if s.Kind == jsonscan.End {
			return nil
		}
		if r.left--; r.left < 0 {
			return ErrMembers
		}
		label := s.Key
		if s.KeyEscaped {
			label = r.unescape(label)
		}
		if err := r.field(label); err != nil {
			return err
		}
	}
}

// field appends the value that was just read, under label.
func (r *reader) field(label []byte) error {
	s := &r.scan
	v := transform.Value{Bytes: s.Value}
	switch s.Kind {
	case jsonscan.String:
		if s.Escaped {
			v.Bytes = r.unescape(s.Value)
		}
	case jsonscan.Number:
		v.Kind = transform.KindNumber
	case jsonscan.True, jsonscan.False:
		v.Kind = transform.KindBool
	case jsonscan.Null:
		v = transform.Null
	default:
		text, err := r.raw()
		if err != nil {
			return err
		}
		v = transform.Value{Kind: transform.KindJSON, Bytes: text}
	}
	if r.rec.Append(label, v) {
		return nil
	}
	return ErrDuplicate
}

// unescape returns what raw means, in memory of the record.
func (r *reader) unescape(raw []byte) []byte {
	plain := jsonscan.AppendUnescape(r.rec.Alloc(len(raw))[:0], raw)
	return plain[:len(plain):len(plain)]
}

// raw reads the object or array that was just opened to its end and returns its
// text. The scanner checks all of it but for names that come twice, which
// Elasticsearch, for one, refuses.
func (r *reader) raw() ([]byte, error) {
	var room [32][]byte
	var outer [jsonscan.MaxDepth + 1]int // the first name of each open object
	s, names := &r.scan, room[:0]
	start, level := s.Offset()-1, s.Level()
	for s.Level() >= level {
		if !s.Next() {
			return nil, s.Cause()
		}
		if s.Kind == jsonscan.End {
			names = names[:outer[s.Level()+1]]
			continue
		}
		in := s.Level() // of the object that has the name
		opened := s.Kind == jsonscan.Object || s.Kind == jsonscan.Array
		if opened {
			in--
		}
		if s.Key != nil {
			if r.left--; r.left < 0 {
				return nil, ErrMembers
			}
			name := s.Key
			if s.KeyEscaped {
				name = r.unescape(name)
			}
			// MaxMembers bounds the search.
			if contains(names[outer[in]:], name) {
				return nil, ErrDuplicate
			}
			names = append(names, name)
		}
		if opened {
			outer[in+1] = len(names)
		}
	}
	text := r.src[start:s.Offset():s.Offset()]
	if bytes.IndexByte(text, '\n') < 0 && bytes.IndexByte(text, '\r') < 0 {
		return text, nil
	}
	compact := jsonscan.AppendCompact(r.rec.Alloc(len(text))[:0], text)
	return compact[:len(compact):len(compact)], nil
}

func contains(names [][]byte, name []byte) bool {
	for _, n := range names {
		if bytes.Equal(n, name) {
			return true
		}
	}
	return false
}
