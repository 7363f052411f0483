package cookie

import (
	"errors"
	"fmt"
)

var errNil = errors.New("cookie: no decoder")

// Chain decodes what one decoder gives with the next, up to MaxChain in all.
// Each value of the one before is decoded for itself, and what it gives is
// named below it: of Chain(Pairs('&', '='), JSON{}) the cookie a={"b":1}
// gives a.b. A null is handed through, everything else goes on by its text
// whatever its kind; so a KeyedHash or Redact at the end misses nothing.
// If any part cannot be decoded, the cookie cannot.
//
// Check tells of a chain that is empty, too long, or has a wrong link.
func Chain(decoders ...Decoder) Decoder {
	var links []Decoder
	for _, d := range decoders {
		if inner, ok := d.(chain); ok {
			links = append(links, inner.links...)
			continue
		}
		links = append(links, d)
	}
	return chain{links}
}

type chain struct{ links []Decoder }

func (c chain) Check() error {
	if len(c.links) == 0 {
		return errNil
	}
	if len(c.links) > MaxChain {
		return errChain
	}
	for i, d := range c.links {
		if err := Check(d); err != nil {
			return fmt.Errorf("decoder %d of a chain: %w", i, err)
		}
	}
	return nil
}

func (c chain) Bind() DecodeFunc {
	if err := c.Check(); err != nil {
		return refuse(err)
	}
	if len(c.links) == 1 {
		return c.links[0].Bind()
	}
	b := new(boundChain)
	links := c.links
	for len(links) > 1 {
		t, ok := links[0].(texter)
		if !ok {
			break
		}
		b.texts, links = append(b.texts, t.bindText()), links[1:]
	}
	b.room = make([]Values, len(b.texts))
	for len(links) > 0 {
		n, link := bindFirst(links)
		b.links, links = append(b.links, link), links[n:]
	}
	b.mids = make([]Values, len(b.links)-1)
	return b.decode
}

// bindFirst binds the first n of the links, which are one or two.
func bindFirst(links []Decoder) (n int, link DecodeFunc) {
	if p, ok := links[0].(pairs); ok && len(links) == 2 {
		if values, ok := links[1].(Percent); ok {
			return 2, p.bindPercent(values)
		}
	}
	return 1, links[0].Bind()
}

// A boundChain first decodes text to text, in room. What the links behind that give
// lies in mids, mids[i] is of links[i], and of the last in the Values of the caller.
type boundChain struct {
	texts []textFunc
	room  []Values
	links []DecodeFunc
	mids  []Values
}

func (b *boundChain) decode(dst *Values, name, value []byte) error {
	for i, text := range b.texts {
		var err error
		if value, err = text(&b.room[i], value); err != nil {
			return err
		}
		if len(value) > MaxDecoded {
			return errDecoded
		}
	}
	if len(b.mids) == 0 {
		return b.links[0](dst, name, value)
	}
	mid := &b.mids[0]
	mid.Reset()
	if err := b.links[0](mid, name, value); err != nil {
		return err
	}
	for i := 1; i < len(b.mids); i++ {
		next := &b.mids[i]
		next.Reset()
		if err := decodeEach(b.links[i], next, name, mid); err != nil {
			return err
		}
		mid = next
	}
	return decodeEach(b.links[len(b.mids)], dst, name, mid)
}

// decodeEach decodes every value of src into dst, each below its name.
func decodeEach(link DecodeFunc, dst *Values, name []byte, src *Values) error {
	before := dst.Len()
	for i := range src.Len() {
		v := src.At(i)
		var err error
		if v.Kind == KindNull {
			err = dst.Add(v.Name, KindNull, v.Bytes)
		} else {
			outer := dst.within(v.Name)
			err = link(dst, name, v.Bytes)
			dst.leave(outer)
		}
		if err != nil {
			dst.Truncate(before)
			return err
		}
	}
	return nil
}
