package cookie

// A Decoder says how the value of a cookie is written. It is an immutable
// value that any number of goroutines may share.
//
//   - Bind returns its working form, for one goroutine.
//   - Printing a Decoder shows no key.
//   - A Decoder that can be configured wrongly has a method Check() error too.
//     It is called where decoders are put together (NewExtractor); a DecodeFunc
//     of a wrong one returns the same error at every call.
type Decoder interface {
	Bind() DecodeFunc
}

// A DecodeFunc decodes the value of one cookie and appends what it finds to
// dst.
//
//   - name is the cookie's name as sent: some signatures cover it.
//   - It neither keeps nor changes name and value; dst copies. Neither may
//     lie in dst.
//   - On error dst is as it was, and the error wraps ErrMalformed,
//     ErrUnverified or ErrTooLarge. There is no half of a cookie.
//   - It owns its scratch, so it belongs to one goroutine, and allocates
//     nothing once warm.
type DecodeFunc func(dst *Values, name, value []byte) error

// A texter is a Decoder that gives one string without a name. So a Chain need not
// put it between two links into Values.
type texter interface {
	bindText() textFunc
}

// A textFunc returns what value means: value itself, or bytes that are good until
// the next call, and may lie in the room behind the values of dst (see Values.Buf).
type textFunc func(dst *Values, value []byte) ([]byte, error)

// decode is the DecodeFunc.
func (f textFunc) decode(dst *Values, _, value []byte) error {
	text, err := f(dst, value)
	if err != nil {
		return err
	}
	return dst.Add(nil, KindString, text)
}

// Check returns what is wrong with the configuration of d, or nil.
func Check(d Decoder) error {
	if d == nil {
		return errNil
	}
	if c, ok := d.(interface{ Check() error }); ok {
		return c.Check()
	}
	return nil
}

// refuse is the DecodeFunc of a Decoder whose Check failed.
func refuse(err error) DecodeFunc {
	return func(*Values, []byte, []byte) error { return err }
}
