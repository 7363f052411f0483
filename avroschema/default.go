package avroschema

import (
	"encoding/json"
	"strconv"
)

// maxDefaultDepth bounds the records whose defaults need each other's.
const maxDefaultDepth = 64

// fits returns ErrDefault if the JSON text is no default of n. What a record's default
// does not say, its fields' defaults say.
func (r *reader) fits(n *node, text []byte, depth int) error {
	if r.steps--; r.steps < 0 || depth > maxDefaultDepth {
		return ErrDefault
	}
	ok := false
	switch n.kind {
	case kindNull:
		ok = text[0] == 'n'
	case kindBoolean:
		ok = text[0] == 't' || text[0] == 'f'
	case kindInt:
		_, err := strconv.ParseInt(string(text), 10, 32)
		ok = err == nil
	case kindLong:
		_, err := strconv.ParseInt(string(text), 10, 64)
		ok = err == nil
	case kindFloat, kindDouble:
		_, err := strconv.ParseFloat(string(text), 64)
		ok = err == nil && (text[0] == '-' || text[0]-'0' <= 9)
	case kindString:
		ok = text[0] == '"'
	case kindBytes:
		_, ok = defaultBytes(text)
	case kindFixed:
		b, bytes := defaultBytes(text)
		ok = bytes && len(b) == n.size
	case kindEnum:
		ok = n.hasSymbol(text)
	case kindUnion:
		if len(n.branches) > 0 {
			return r.fits(n.branches[0], text, depth)
		}
	case kindArray:
		return r.fitsArray(n, text, depth)
	case kindMap:
		return r.fitsMap(n, text, depth)
	case kindRecord:
		return r.fitsRecord(n, text, depth)
	}
	if !ok {
		return ErrDefault
	}
	return nil
}

func (r *reader) fitsArray(n *node, text []byte, depth int) error {
	var items []json.RawMessage
	if text[0] != '[' || json.Unmarshal(text, &items) != nil {
		return ErrDefault
	}
	for _, item := range items {
		if err := r.fits(n.items, item, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) fitsMap(n *node, text []byte, depth int) error {
	if text[0] != '{' {
		return ErrDefault
	}
	for _, value := range newAttrs(text) {
		if err := r.fits(n.items, value, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) fitsRecord(n *node, text []byte, depth int) error {
	if text[0] != '{' {
		return ErrDefault
	}
	members := newAttrs(text)
	for _, f := range n.fields {
		value := []byte(members[f.name])
		if value == nil {
			value = f.def
		}
		if value == nil {
			return ErrDefault
		}
		if err := r.fits(f.typ, value, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// defaultBytes returns the bytes that the JSON string text stands for: by the
// specification a default has code points up to 255 for them.
func defaultBytes(text []byte) (b []byte, ok bool) {
	var s string
	if text[0] != '"' || json.Unmarshal(text, &s) != nil {
		return nil, false
	}
	for _, r := range s {
		if r > 0xff {
			return nil, false
		}
		b = append(b, byte(r))
	}
	return b, true
}

// hasSymbol reports whether the JSON text is one of an enum's symbols.
func (n *node) hasSymbol(text []byte) bool {
	var s string
	if text[0] != '"' || json.Unmarshal(text, &s) != nil {
		return false
	}
	for _, symbol := range n.symbols {
		if symbol == s {
			return true
		}
	}
	return false
}
