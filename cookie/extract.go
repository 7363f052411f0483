package cookie

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Extract says which cookies of a header become which labels. It is an
// allow-list: a cookie that no Field names is left out, unless Rest asks for
// all others, and then the deny list still holds.
//
// It is plain configuration; NewExtractor checks it.
type Extract struct {
	// Fields are the cookies wanted. Results come in this order.
	Fields []Field

	// Rest is what the labels of all other cookies lie below: theme becomes
	// Rest.theme, and a dot in a name '_'. Of names that are equal then one
	// counts. Default (""): they are left out. Left out too, and counted, are
	// those
	//   - that the deny list holds (see Denied),
	//   - whose name is empty, longer than MaxName or no token (RFC 9110
	//     section 5.6.2),
	//   - whose label would be, or lie below or above, one of a Field: else
	//     clients could forge a verified value.
	Rest string

	// RestDecoder decodes the cookies of Rest. Default Text.
	RestDecoder Decoder

	// Deny holds back more names: those that contain one of these texts,
	// in any case. The built-in list (DefaultDeny) always holds.
	Deny []string

	// Denied is what becomes of the cookies that the deny list holds back:
	// nil leaves them out; Redact or a KeyedHash, and nothing else, takes the
	// place of the value.
	Denied Decoder

	// Options say how the header is read.
	Options Options
}

// A Field is one cookie that is wanted.
type Field struct {
	// Name is the cookie's name.
	Name string

	// Label is what its value is called; what it decodes to below that
	// (Value.Name) is called Label.name.
	Label string

	// Decoder is how its value is written. Default Text.
	Decoder Decoder

	// Members are the names of the values that are wanted, of those it decodes
	// to. Results come in this order; others are left out. Default: all, as
	// they come. A client can write any names into most cookies, so without
	// Members, names that are longer than MaxName, no printable UTF-8, or have
	// a dot first, last or twice in a row are left out and counted.
	Members []string
}

// MaxName is how long a name may be, in bytes, that a client makes a label of.
const MaxName = 128

// An Extractor is an Extract that was checked. It is immutable; any number of
// goroutines may share it.
type Extractor struct {
	fields []field
	names  *names
	labels []string
	known  [][]byte // labels, for results

	rest   string
	others Decoder // for Rest; nil without
	deny   []string
	denied Decoder
	opts   Options
}

type field struct {
	Field
	first int // index of its first label
}

// NewExtractor checks a configuration: every field has a name, a label and a
// decoder that is right; no cookie is named twice; no label is equal to
// another or lies below it.
func NewExtractor(e Extract) (*Extractor, error) {
	x := &Extractor{rest: e.Rest, opts: e.Options, denied: e.Denied}
	var cookies []string
	for _, f := range e.Fields {
		if err := x.addField(f); err != nil {
			return nil, err
		}
		cookies = append(cookies, f.Name)
	}
	x.names = newNames(e.Options, cookies)
	for i, name := range cookies {
		if x.names.find([]byte(name)) != i {
			return nil, fmt.Errorf("cookie: %q is named by two fields", name)
		}
	}
	if err := apart(x.labels); err != nil {
		return nil, err
	}
	if err := x.addRest(e); err != nil {
		return nil, err
	}
	return x, nil
}

func (x *Extractor) addField(f Field) error {
	if f.Name == "" {
		return fmt.Errorf("cookie: field with label %q names no cookie", f.Label)
	}
	if f.Label == "" {
		return fmt.Errorf("cookie: field of cookie %q has no label", f.Name)
	}
	if f.Decoder == nil {
		f.Decoder = Text{}
	}
	if err := Check(f.Decoder); err != nil {
		return fmt.Errorf("cookie: decoder of cookie %q: %w", f.Name, err)
	}
	f.Members = append([]string(nil), f.Members...)
	c := field{Field: f, first: len(x.labels)}
	labels := []string{f.Label}
	if len(f.Members) > 0 {
		labels = labels[:0]
	}
	for _, member := range f.Members {
		labels = append(labels, join(f.Label, member))
	}
	for _, label := range labels {
		x.known = append(x.known, slices.Clip([]byte(label)))
	}
	x.labels = append(x.labels, labels...)
	x.fields = append(x.fields, c)
	return nil
}

func (x *Extractor) addRest(e Extract) error {
	if e.Rest == "" {
		return nil
	}
	x.others = e.RestDecoder
	if x.others == nil {
		x.others = Text{}
	}
	if err := Check(x.others); err != nil {
		return fmt.Errorf("cookie: RestDecoder: %w", err)
	}
	x.deny = DefaultDeny()
	for _, text := range e.Deny {
		if text == "" {
			return errors.New("cookie: empty text in Deny")
		}
		x.deny = append(x.deny, strings.ToLower(text))
	}
	switch e.Denied.(type) {
	case nil:
		return nil
	case Redact, keyedHash:
	default:
		return errors.New("cookie: Denied is neither Redact nor KeyedHash")
	}
	if err := Check(e.Denied); err != nil {
		return fmt.Errorf("cookie: Denied: %w", err)
	}
	return nil
}

// Labels returns the labels that are known beforehand: of each field its
// Label, or if it has Members, those below it. Result.Index counts in them.
func (x *Extractor) Labels() []string { return append([]string(nil), x.labels...) }

// apart returns an error if two labels are equal or one lies below the other:
// they could not stand in one JSON object as dotted names.
func apart(labels []string) error {
	for i, a := range labels {
		for _, b := range labels[:i] {
			if clash([]byte(a), b) {
				return fmt.Errorf("cookie: labels %q and %q are in each other's way", b, a)
			}
		}
	}
	return nil
}

// clash reports whether a and b are equal or one lies below the other.
func clash(a []byte, b string) bool {
	n := min(len(a), len(b))
	switch {
	case string(a[:n]) != b[:n]:
		return false
	case len(a) > n:
		return a[n] == '.'
	case len(b) > n:
		return b[n] == '.'
	}
	return true
}

func join(label, name string) string {
	if name == "" {
		return label
	}
	return label + "." + name
}
