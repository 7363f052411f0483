package avroschema

import (
	"github.com/ltsvpipe/ltsvpipe/internal/jsonscan"
	"github.com/ltsvpipe/ltsvpipe/transform"
)

// readFactor is how many bytes of JSON may be read for each that a record may have: what
// is nested is read again at each level, and for each type of a union.
const readFactor = 4

// scan starts to read JSON that must be of a kind.
func (e *Encoder) scan(s *jsonscan.Scanner, text []byte, kind jsonscan.Kind) error {
	if e.read += len(text); e.read > readFactor*e.limit {
		return ErrRecordTooLarge
	}
	s.Reset(text)
	return valueError(s.Next() && s.Kind == kind)
}

// end returns what a scan that is through came to: nothing may follow.
func end(s *jsonscan.Scanner) error { return valueError(!s.Next() && s.Cause() == nil) }

// scanned reads into v what s has just read.
func (e *Encoder) scanned(s *jsonscan.Scanner, v *transform.Value) error {
	v.Bytes = s.Value
	switch s.Kind {
	case jsonscan.String:
		if v.Kind = transform.KindString; s.Escaped {
			v.Bytes = e.unescape(s.Value)
		}
	case jsonscan.Number:
		v.Kind = transform.KindNumber
	case jsonscan.True, jsonscan.False:
		v.Kind = transform.KindBool
	case jsonscan.Null:
		v.Kind = transform.KindNull
	default:
		ok := s.Skip()
		v.Kind, v.Bytes = transform.KindJSON, s.Value
		return valueError(ok)
	}
	return nil
}

// scalar returns v, whose text is JSON, as the kind that the text is.
func (e *Encoder) scalar(v *transform.Value) *transform.Value {
	if len(v.Bytes) > 0 && (v.Bytes[0] == '{' || v.Bytes[0] == '[') {
		return v
	}
	var s jsonscan.Scanner
	s.Reset(v.Bytes)
	if s.Next() && s.Kind != jsonscan.Object && s.Kind != jsonscan.Array {
		v = e.hold(transform.Value{})
		_ = e.scanned(&s, v)
	}
	return v
}

// hold returns v at a place that is its own as long as the record is in work.
func (e *Encoder) hold(v transform.Value) *transform.Value {
	e.held = append(e.held, v)
	return &e.held[len(e.held)-1]
}

// unescape returns what raw means, as long as the record is in work.
func (e *Encoder) unescape(raw []byte) []byte {
	from := len(e.text)
	e.text = jsonscan.AppendUnescape(e.text, raw)
	return e.text[from:len(e.text):len(e.text)]
}

// item appends a value of an array, map or union, which may be null.
func (e *Encoder) item(dst []byte, t *typePlan, v *transform.Value) ([]byte, error) {
	if len(dst)-e.start > e.limit {
		return nil, ErrRecordTooLarge
	}
	if v.Kind != transform.KindNull {
		return e.value(dst, t, v)
	}
	switch {
	case t.op == opNull:
		return dst, nil
	case t.null >= 0:
		return appendLong(dst, int64(t.null)), nil
	}
	return nil, ErrMissing
}

// array appends the items of a JSON array as one block.
func (e *Encoder) array(dst []byte, items *typePlan, text []byte) ([]byte, error) {
	var s jsonscan.Scanner
	if err := e.scan(&s, text, jsonscan.Array); err != nil {
		return nil, err
	}
	at, count := len(dst), 0
	for dst = append(dst, 0); s.Next() && s.Kind != jsonscan.End; count++ {
		var v transform.Value
		err := e.scanned(&s, &v)
		if err == nil {
			dst, err = e.item(dst, items, &v)
		}
		if err != nil {
			e.trail = append(e.trail, "[]")
			return nil, err
		}
	}
	return closeBlock(dst, at, count), end(&s)
}

// closeBlock puts the count of items before those from at on, where one byte was left
// for it, and the end of the array or map behind them.
func closeBlock(dst []byte, at, count int) []byte {
	if count == 0 {
		return dst // the byte is the end
	}
	var room [10]byte
	n := appendLong(room[:0], int64(count))
	if len(n) > 1 {
		dst = append(dst, n[1:]...)
		copy(dst[at+len(n):], dst[at+1:])
	}
	copy(dst[at:], n)
	return append(dst, 0)
}

// object appends a JSON object as a record.
func (e *Encoder) object(dst []byte, r *recordPlan, text []byte) ([]byte, error) {
	var s jsonscan.Scanner
	if err := e.scan(&s, text, jsonscan.Object); err != nil {
		return nil, err
	}
	frame, held, base := len(e.frames), len(e.held), len(e.extras)
	dst, err := e.members(dst, r, &s)
	e.cutExtras(base)
	e.frames, e.held = e.frames[:frame], e.held[:held]
	return dst, err
}

// members appends the record whose members s reads, and leaves values and extras behind.
func (e *Encoder) members(dst []byte, r *recordPlan, s *jsonscan.Scanner) ([]byte, error) {
	frame, base := len(e.frames), len(e.extras)
	e.frames = append(e.frames, make([]*transform.Value, len(r.fields))...)
	values := e.frames[frame:]
	for s.Next() && s.Kind != jsonscan.End {
		key := s.Key
		if s.KeyEscaped {
			key = e.unescape(key)
		}
		var v transform.Value
		if err := e.scanned(s, &v); err != nil {
			return nil, err
		}
		if i, ok := r.index[string(key)]; ok {
			values[i] = e.hold(v)
		} else if r.extras >= 0 {
			e.addExtra(r, extra{key: key}, &v)
		}
	}
	if err := end(s); err != nil {
		return nil, err
	}
	if len(dst)-e.start > e.limit {
		return nil, ErrRecordTooLarge
	}
	return e.record(dst, r, values, nil, base)
}
