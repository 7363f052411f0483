package cookie

import (
	"bytes"
	"fmt"
)

var errAnalytics = fmt.Errorf("%w: Google Analytics", ErrMalformed)

// GoogleAnalytics reads the cookies of Google Analytics. Google documents
// neither; the forms are those that gtag.js has written since 2011.
//
// _ga and _gid, GA1.2.540650868.1528792785:
//
//   - client, string: the client id, 540650868.1528792785
//   - created, number: seconds since 1970, if the id ends in them
//
// _ga_X, positional GS1.1.1746825440.14.0.1746825444.0.0.0 or keyed
// GS2.1.s1746825440$o14$g0$t1746825444$j0$l0$h0, whose parts come in any order:
//
//   - session, number: the session's id, seconds since 1970 when it began (s)
//   - count, number: how many sessions there were, with this one (o)
//   - engaged, bool (g)
//   - last, number: seconds since 1970 of the last hit (t)
//   - join, login, number, and user, string, if there (j, l, h)
//
// Anything else is malformed; unknown keys and further positions are passed
// over.
type GoogleAnalytics struct{}

// Bind implements Decoder.
func (GoogleAnalytics) Bind() DecodeFunc {
	return func(dst *Values, _, value []byte) error {
		before := dst.Len()
		err := decodeAnalytics(dst, value)
		if err != nil {
			dst.Truncate(before)
		}
		return err
	}
}

func decodeAnalytics(dst *Values, value []byte) error {
	version, rest, _ := bytes.Cut(value, []byte("."))
	_, rest, ok := bytes.Cut(rest, []byte(".")) // how deep the domain is
	if !ok || len(rest) == 0 {
		return errAnalytics
	}
	switch string(version) {
	case "GA1":
		return decodeClient(dst, rest)
	case "GS1":
		return decodeSession(dst, positional(rest))
	case "GS2":
		return decodeSession(dst, keyed(rest))
	}
	return errAnalytics
}

func decodeClient(dst *Values, id []byte) error {
	if err := dst.Add([]byte("client"), KindString, id); err != nil {
		return err
	}
	if _, created, ok := bytes.Cut(id, []byte(".")); ok {
		if _, _, ok := integer(created); ok {
			return addInt(dst, []byte("created"), created)
		}
	}
	return nil
}

// The parts of a session cookie, in the order of GS1; their keys in GS2.
const sessionKeys = "sogtjlh"

var sessionNames = [len(sessionKeys)]string{"session", "count", "engaged", "last", "join", "login", "user"}

type session [len(sessionKeys)][]byte

func positional(rest []byte) (s session) {
	for i := range s {
		s[i], rest, _ = bytes.Cut(rest, []byte("."))
	}
	return s
}

func keyed(rest []byte) (s session) {
	for len(rest) > 0 {
		var part []byte
		part, rest, _ = bytes.Cut(rest, []byte("$"))
		if len(part) == 0 {
			continue
		}
		if i := bytes.IndexByte([]byte(sessionKeys), part[0]); i >= 0 && s[i] == nil {
			s[i] = part[1:]
		}
	}
	return s
}

func decodeSession(dst *Values, s session) error {
	if len(s[0]) == 0 {
		return errAnalytics
	}
	for i, text := range s {
		if len(text) == 0 {
			continue
		}
		name := []byte(sessionNames[i])
		var err error
		switch sessionKeys[i] {
		case 'h':
			err = dst.Add(name, KindString, text)
		case 'g':
			err = addBool(dst, name, text)
		default:
			err = addInt(dst, name, text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func addBool(dst *Values, name, text []byte) error {
	switch string(text) {
	case "0":
		return dst.Add(name, KindBool, []byte("false"))
	case "1":
		return dst.Add(name, KindBool, []byte("true"))
	}
	return errAnalytics
}
