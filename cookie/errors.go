package cookie

import "errors"

// What may be wrong with a cookie. Every error of this package and of
// cookie/signed about a cookie wraps exactly one of the three. None quotes the
// cookie, its name or a key, and returning one allocates nothing but for
// [Validate].
var (
	// ErrMalformed: the value is not written as its decoder expects.
	ErrMalformed = errors.New("cookie: malformed")
	// ErrUnverified: the value is written as expected, but no key verifies
	// it, or not any more.
	ErrUnverified = errors.New("cookie: not verified")
	// ErrTooLarge: a limit was reached. The error is a *LimitError.
	ErrTooLarge = errors.New("cookie: too large")
)

// The limits. Those on the header are defaults that [Options] overrides.
const (
	MaxHeader  = 16 << 10 // bytes of a header
	MaxCookies = 128      // cookies of a header
	MaxValues  = 64       // values that one cookie decodes to: pairs, members, positions
	MaxDecoded = 16 << 10 // bytes, names included, that a Values holds
	MaxDepth   = 64       // objects and arrays open at once in JSON
	MaxChain   = 4        // decoders of a Chain
)

// A Limit names one of the limits.
type Limit uint8

// The limits that a LimitError names.
const (
	LimitHeader  Limit = iota // MaxHeader or Options.MaxHeader
	LimitCookies              // MaxCookies or Options.MaxCookies
	LimitValues               // MaxValues
	LimitDecoded              // MaxDecoded
	LimitDepth                // MaxDepth
	LimitChain                // MaxChain
)

func (l Limit) String() string {
	switch l {
	case LimitHeader:
		return "header bytes"
	case LimitCookies:
		return "cookies"
	case LimitValues:
		return "values of a cookie"
	case LimitDecoded:
		return "decoded bytes"
	case LimitDepth:
		return "JSON depth"
	case LimitChain:
		return "decoders of a chain"
	}
	return "unknown limit"
}

// A LimitError says which limit was reached. It wraps ErrTooLarge.
type LimitError struct{ Limit Limit }

func (e *LimitError) Error() string { return ErrTooLarge.Error() + ": " + e.Limit.String() }

func (e *LimitError) Unwrap() error { return ErrTooLarge }

// Made once, so that hostile input does not allocate.
var (
	errHeader  error = &LimitError{LimitHeader}
	errCookies error = &LimitError{LimitCookies}
	errValues  error = &LimitError{LimitValues}
	errDecoded error = &LimitError{LimitDecoded}
	errDepth   error = &LimitError{LimitDepth}
	errChain   error = &LimitError{LimitChain}
)
