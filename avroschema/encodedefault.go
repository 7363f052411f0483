package avroschema

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
)

// maxDefaultBytes bounds the defaults of a schema together, as they are encoded: those
// of records hold those of their fields, at every place.
const maxDefaultBytes = 16 << 20

// appendDefault appends the default text of a field of type n, which fits it.
func appendDefault(dst []byte, n *node, text []byte, limit int) ([]byte, error) {
	if len(dst) > limit {
		return nil, ErrTooLarge
	}
	switch n.kind {
	case kindBoolean:
		return appendBool(dst, text[0] == 't'), nil
	case kindInt, kindLong:
		i, _ := strconv.ParseInt(string(text), 10, 64)
		return appendLong(dst, i), nil
	case kindFloat:
		f, _ := strconv.ParseFloat(string(text), 32)
		return appendFloat(dst, float32(f)), nil
	case kindDouble:
		f, _ := strconv.ParseFloat(string(text), 64)
		return appendDouble(dst, f), nil
	case kindBytes, kindFixed:
		b, _ := defaultBytes(text)
		if n.kind == kindBytes {
			dst = appendLong(dst, int64(len(b)))
		}
		return append(dst, b...), nil
	case kindString:
		return appendText(dst, unquote(text)), nil
	case kindEnum:
		return appendLong(dst, int64(slices.Index(n.symbols, unquote(text)))), nil
	case kindUnion:
		return appendDefault(appendLong(dst, 0), n.branches[0], text, limit)
	case kindArray, kindMap:
		return n.appendDefaultItems(dst, text, limit)
	case kindRecord:
		return n.appendDefaultRecord(dst, text, limit)
	}
	return dst, nil
}

func unquote(text []byte) (s string) {
	_ = json.Unmarshal(text, &s) // it was looked at before
	return s
}

func appendText(dst []byte, s string) []byte {
	return append(appendLong(dst, int64(len(s))), s...)
}

func (n *node) appendDefaultItems(dst, text []byte, limit int) (_ []byte, err error) {
	var items []json.RawMessage
	var members map[string]json.RawMessage
	var keys []string
	if n.kind == kindArray {
		_ = json.Unmarshal(text, &items)
	} else {
		_ = json.Unmarshal(text, &members)
		keys = slices.Sorted(maps.Keys(members)) // the same bytes every time
		for _, key := range keys {
			items = append(items, members[key])
		}
	}
	if len(items) > 0 {
		dst = appendLong(dst, int64(len(items)))
	}
	for i, item := range items {
		if keys != nil {
			dst = appendText(dst, keys[i])
		}
		if dst, err = appendDefault(dst, n.items, item, limit); err != nil {
			return nil, err
		}
	}
	return append(dst, 0), nil
}

func (n *node) appendDefaultRecord(dst, text []byte, limit int) (_ []byte, err error) {
	members := newAttrs(text)
	for _, f := range n.fields {
		value := []byte(members[f.name])
		if value == nil {
			value = f.def
		}
		if dst, err = appendDefault(dst, f.typ, value, limit); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

func appendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, 1)
	}
	return append(dst, 0)
}

func appendFloat(dst []byte, f float32) []byte {
	n := math.Float32bits(f)
	return append(dst, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
}

func appendDouble(dst []byte, f float64) []byte {
	n := math.Float64bits(f)
	return append(dst, byte(n), byte(n>>8), byte(n>>16), byte(n>>24), byte(n>>32), byte(n>>40), byte(n>>48), byte(n>>56))
}
