package cookie

import "bytes"

// Pairs splits names from values: Pairs('&', '=') takes seg=b&rank=5 apart.
// It gives one string a pair, named as written, in order; a part without eq is
// a name with an empty value, empty parts are passed over, of a repeated name
// the first counts. It undoes no encoding: put Percent in front of it for a
// cookie that is encoded as a whole, and Percent{Plus: true} behind it for
// values that are encoded each. More than MaxValues pairs are refused.
func Pairs(sep, eq byte) Decoder { return pairs{sep, eq} }

type pairs struct{ sep, eq byte }

func (p pairs) Bind() DecodeFunc {
	return func(dst *Values, _, value []byte) error { return p.decode(dst, value, nil) }
}

// bindPercent is Chain(p, values), without a Values between.
func (p pairs) bindPercent(values Percent) DecodeFunc {
	return func(dst *Values, _, value []byte) error { return p.decode(dst, value, &values) }
}

// decode splits value, and then decodes each part if it is to.
func (p pairs) decode(dst *Values, value []byte, each *Percent) error {
	before, size := dst.Len(), 0
	for n := 0; len(value) > 0; n++ {
		part := value
		value = nil
		if end := bytes.IndexByte(part, p.sep); end >= 0 {
			part, value = part[:end], part[end+1:]
		}
		if len(part) == 0 {
			n-- // so that only its length bounds a run of separators
			continue
		}
		if n == MaxValues {
			dst.Truncate(before)
			return errValues
		}
		name := part
		if eq := bytes.IndexByte(part, p.eq); eq >= 0 {
			name, part = part[:eq], part[eq+1:]
		} else {
			part = nil
		}
		var err error
		if each == nil {
			err = dst.Add(name, KindString, part)
		} else if !dst.has(dst.below(name)) {
			// As if it were between two links, where what is repeated does not count either.
			if size += len(name) + len(part); size > MaxDecoded {
				err = errDecoded
			} else if part, err = each.text(dst, part); err == nil {
				err = dst.Add(name, KindString, part)
			}
		}
		if err != nil {
			dst.Truncate(before)
			return err
		}
	}
	return nil
}
