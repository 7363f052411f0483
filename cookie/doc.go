// Package cookie takes a Cookie header and the values of its cookies apart, in
// a log or in a request.
//
// # The header
//
// RFC 6265 has a browser write name=value pairs joined by "; ", and most do:
//
//	uid=4840603; own=seg%3Db%26rank%3D5%26src%3Dtop; theme="dark"
//
// But what arrives at a server was written by anybody. There are cookies
// without a name (just foo) or without a value, names that come twice, spaces,
// commas, quotes with a ';' between them, control characters, bytes in any
// character set, and headers that Apache joined by a comma. A [Cursor] reads
// them all and refuses none, as browsers and servers do; [Options] say what it
// makes of those where servers differ. [All], [Get] and a [Selector] are short
// ways to use one. [Validate] is for those who want the grammar kept.
//
// A header in a log was escaped by the server that wrote it. Undo that first,
// over the whole header: no server escapes ';', and quotes only show after.
//
// # The values
//
// What a value means is up to whoever set the cookie. A [Decoder] knows one
// way to write values, and [Chain] puts decoders behind each other:
//
//	cookie.Int{}                       uid=4840603
//	cookie.Text{}                      theme=dark
//	cookie.Percent{}                   %E8%82%8C, as encodeURIComponent writes
//	cookie.Percent{Plus: true}         a+b, as HTML forms and PHP write
//	cookie.Base64{URL: true}           eyJ1aWQiOjF9
//	cookie.Pairs('&', '=')             seg=b&rank=5&src=top
//	cookie.JSON{}                      {"uid":1,"a":{"b":"x"}}, also Express' j:{…}
//	cookie.Unquote{}                   fu\"ba\073, as Python's http.cookies writes
//	cookie.GoogleAnalytics{}           GA1.2.540650868.1528792785, GS1.…, GS2.…
//	cookie.FacebookBrowserID{}         fb.1.1596403881668.1116446470
//	cookie.KeyedHash(key)              what can be joined, but not read
//	cookie.Redact{}                    that it was there, and no more
//
// One cookie may give one value or several, each with a name below the cookie
// and a kind, in [Values]. Signed cookies and JSON Web Tokens are decoders
// too, in package signed.
//
// # Many cookies of many headers
//
// [Extract] names the cookies that are wanted, the label that each becomes and
// its decoder. Everything else is left out, unless asked for, and then cookies
// that hold sessions and credentials still are.
//
// # Limits
//
// Input is hostile, so all of it is bounded: [MaxHeader], [MaxCookies],
// [MaxValues], [MaxDecoded], [MaxDepth], [MaxChain]. Reaching one is a
// *[LimitError]. One of the header ends the cookies there; what came before
// stands. One of a decoder ends that cookie, which then gives nothing. No input
// makes a bound decoder and its Values allocate more than 128 KiB in all.
// Nothing panics, writes into its input, or allocates in steady state, and no
// error quotes a cookie or a key.
package cookie
