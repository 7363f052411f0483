package cookie

// Redact gives the same text whatever the value is: that the cookie was there
// remains, what it held does not.
type Redact struct {
	// With is the text. Default "[redacted]".
	With string
}

// Bind implements Decoder.
func (r Redact) Bind() DecodeFunc {
	text := []byte("[redacted]")
	if r.With != "" {
		text = []byte(r.With)
	}
	return func(dst *Values, _, _ []byte) error {
		return dst.Add(nil, KindString, text)
	}
}
