// Package signed verifies cookies that a web framework signed, and JSON Web
// Tokens. What passes was written by someone who holds the key; everything
// else in a Cookie header may have been written by the client.
//
//	keys := signed.Secrets([]byte("keyboard cat"))
//	d := cookie.Chain(cookie.Percent{}, signed.Express{Keys: keys})
//
// Each verifier is a cookie.Decoder: an immutable struct that goroutines may
// share, whose Bind gives a working form for one goroutine.
//
//	Express      cookie-parser, express-session     HMAC-SHA256
//	Flask        sessions, by itsdangerous          HMAC-SHA1, zlib
//	Django       set_signed_cookie                  HMAC-SHA256 under the cookie's name
//	DjangoDumps  signing.dumps, cookie sessions     HMAC-SHA256, zlib
//	Rails        signed cookies, to Rails 7.0       HMAC-SHA1 or -SHA256
//	Gorilla      gorilla/securecookie and sessions  HMAC-SHA256 under the cookie's name
//	JWT          RFC 7519                           HS256/384/512, RS256, ES256, EdDSA
//
// For all of them:
//
//   - Several keys may be given, for rotation. Signatures are compared in
//     constant time and as they are written, so no second way to write one
//     passes.
//   - An error wraps cookie.ErrUnverified if the value has the form but no key
//     vouches for it, or it is out of date; cookie.ErrMalformed if it has not
//     the form, or is signed and still cannot be decoded; cookie.ErrTooLarge
//     if it is more than cookie.MaxDecoded bytes. None shows a key, a value or
//     a name.
//   - No payload is parsed or inflated before it is verified, and no input makes
//     a bound verifier and its Values allocate more than 256 KiB in all.
//
// Cookies that are encrypted, and payloads of pickle, gob and Ruby's Marshal,
// are not taken apart.
package signed
