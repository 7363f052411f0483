package cookie

import "iter"

// Kind is what the bytes of a Value are the text of.
type Kind uint8

const (
	KindString Kind = iota // any bytes
	KindNumber             // a number of the JSON grammar, as it was written
	KindBool               // true or false
	KindNull               // null
	KindJSON               // a JSON array, without white space
)

// A Value is one thing that a cookie decoded to.
type Value struct {
	Name  []byte // below the cookie: "seg" of own=seg%3Db; "a.b" of JSON; empty if the cookie is one value
	Kind  Kind
	Bytes []byte
}

// Values is what a cookie decoded to: a list of values in order, with the
// memory that holds them. A DecodeFunc appends to it. It can be used again and
// again, and then allocates nothing: memory grows to what the largest cookie
// needs, at most MaxDecoded bytes and MaxValues entries.
//
// No two values have the same name. Of several the first counts; Repeated
// tells how many were left out.
//
// Names and bytes that are handed out are clipped sub-slices of that memory:
// good until the next Reset or Truncate. The zero Values is empty and ready.
// It belongs to one goroutine and must not be copied.
type Values struct {
	list []entry
	buf  []byte
	// prefix goes in front of the names that are added: Chain sets it. joined is
	// where it lies if it was put together.
	prefix, joined []byte
	// first is the entry where the cookie that is being decoded begins. Names
	// are unique, and MaxValues counts, from there on; Extract keeps several
	// cookies in one Values.
	first    int
	repeated int
}

// The bytes of an entry are buf[start:name], its name buf[name:end]; entries
// follow each other without a gap.
type entry struct {
	start, name, end uint32
	kind             Kind
}

// Reset empties v and keeps its memory.
func (v *Values) Reset() {
	v.list, v.buf, v.prefix = v.list[:0], v.buf[:0], nil
	v.first, v.repeated = 0, 0
}

// Len returns the number of values.
func (v *Values) Len() int { return len(v.list) }

// At returns value i, which must be in [0, Len).
func (v *Values) At(i int) Value {
	e := &v.list[i]
	return Value{Name: v.buf[e.name:e.end:e.end], Kind: e.kind, Bytes: v.buf[e.start:e.name:e.name]}
}

// name returns the name of value i.
func (v *Values) name(i int) []byte {
	e := &v.list[i]
	return v.buf[e.name:e.end]
}

// All gives every value, in order. v must not change meanwhile.
func (v *Values) All() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		for i := range v.list {
			if !yield(v.At(i)) {
				return
			}
		}
	}
}

// Get returns the value with this name, and whether there is one.
func (v *Values) Get(name string) (Value, bool) {
	for i := v.first; i < len(v.list); i++ {
		if string(v.name(i)) == name {
			return v.At(i), true
		}
	}
	return Value{}, false
}

// Repeated returns how many values were left out since Reset because their
// name was there already.
func (v *Values) Repeated() int { return v.repeated }

// Truncate removes all values but the first n. A DecodeFunc that fails half
// way takes back what it added with it.
func (v *Values) Truncate(n int) {
	if n >= len(v.list) {
		return
	}
	v.buf = v.buf[:v.list[n].start]
	v.list = v.list[:n]
}

// Buf returns an empty slice with room for n bytes: append at most so many and
// give the result to Add, which then need not copy it. The error is a
// *LimitError if v cannot hold n bytes more.
func (v *Values) Buf(n int) ([]byte, error) {
	used := len(v.buf)
	if err := v.grow(used + n); err != nil {
		return nil, err
	}
	return v.buf[used : used : used+n], nil
}

// Add appends a value; name and bytes are copied. bytes may come from Buf. If
// the name is there already, the value is left out and counted. The error is a
// *LimitError; v is then as it was.
func (v *Values) Add(name []byte, kind Kind, bytes []byte) error {
	if len(v.list)-v.first >= MaxValues {
		return errValues
	}
	if len(v.prefix) > 0 {
		name = v.below(name)
	}
	start := len(v.buf)
	at := start + len(bytes)
	end := at + len(name)
	if end > cap(v.buf) {
		if err := v.grow(end); err != nil {
			return err
		}
	}
	if len(v.list) > v.first && v.has(name) {
		v.repeated++
		return nil
	}
	room := v.buf[start:end]
	copy(room, bytes) // onto themselves if they come from Buf, and it did not grow since
	copy(room[len(bytes):], name)
	v.buf = v.buf[:end]
	v.list = append(v.list, entry{uint32(start), uint32(at), uint32(end), kind})
	return nil
}

func (v *Values) has(name []byte) bool {
	for i := v.first; i < len(v.list); i++ {
		if string(v.name(i)) == string(name) {
			return true
		}
	}
	return false
}

// grow makes room for size bytes in all, within MaxDecoded.
func (v *Values) grow(size int) error {
	if size <= cap(v.buf) {
		return nil
	}
	if size > MaxDecoded {
		return errDecoded
	}
	buf := make([]byte, len(v.buf), min(max(2*cap(v.buf), size, 256), MaxDecoded))
	copy(buf, v.buf)
	v.buf = buf
	return nil
}

// begin makes what is added from now on the values of another cookie.
func (v *Values) begin() { v.first = len(v.list) }

// within makes name the prefix, behind the one that there is; the result is for leave.
// Until then name must stay as it is.
func (v *Values) within(name []byte) (outer []byte) {
	outer = v.prefix
	v.prefix = v.below(name)
	return outer
}

func (v *Values) leave(outer []byte) { v.prefix = outer }

// below returns name behind the prefix, until the next call.
func (v *Values) below(name []byte) []byte {
	switch {
	case len(v.prefix) == 0:
		return name
	case len(name) == 0:
		return v.prefix
	}
	// If the prefix is in joined, it stays there as it is.
	v.joined = append(append(append(v.joined[:0], v.prefix...), '.'), name...)
	return v.joined
}
