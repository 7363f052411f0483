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

func (p pairs) Bind() DecodeFunc { return p.decode }

func (p pairs) decode(dst *Values, _, value []byte) error {
	before := dst.Len()
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
		if err := dst.Add(name, KindString, part); err != nil {
			dst.Truncate(before)
			return err
		}
	}
	return nil
}
