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
	b := &boundChain{mids: make([]Values, len(c.links)-1)}
	for _, d := range c.links {
		b.links = append(b.links, d.Bind())
	}
	return b.decode
}

// boundChain keeps what lies between its links: mids[i] is what links[i] gave.
type boundChain struct {
	links []DecodeFunc
	mids  []Values
}

func (b *boundChain) decode(dst *Values, name, value []byte) error {
	mid := &b.mids[0]
	mid.Reset()
	if err := b.links[0](mid, name, value); err != nil {
		return err
	}
	for i, link := range b.links[1:] {
		if i == len(b.mids)-1 {
			return decodeEach(link, dst, name, mid)
		}
		next := &b.mids[i+1]
		next.Reset()
		if err := decodeEach(link, next, name, mid); err != nil {
			return err
		}
		mid = next
	}
	return nil
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
