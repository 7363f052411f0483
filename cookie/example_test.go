package cookie_test

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/ltsvpipe/ltsvpipe/cookie"
)

// A header as nginx logged it.
const logged = `uid=4840603; own=seg%3Dc%252Cd%26rank%3D0%26src%3Dtop; theme="dark"; ` +
	`sess=eyJ1aWQiOiAyMDI2NzUsICJsYW5nIjogImphIiwgInQiOiAxNTEyMjQ3OTExfQ; ` +
	`_ga=GA1.2.540650868.1528792785; csrftoken=a32e69083d235422537696b2c9498373`

func ExampleCursor() {
	var c cookie.Cursor
	c.Reset([]byte(`uid=4840603; theme="dark"; a=b=c==; foo; q="x;y"`))
	for c.Next() {
		fmt.Printf("%q %q quoted:%t equal:%t\n", c.Name, c.Value, c.Quoted, c.HasEqual)
	}
	if err := c.Err(); err != nil {
		fmt.Println(err) // a limit; the cookies above stand
	}
	// Output:
	// "uid" "4840603" quoted:false equal:true
	// "theme" "dark" quoted:true equal:true
	// "a" "b=c==" quoted:false equal:true
	// "" "foo" quoted:false equal:false
	// "q" "\"x" quoted:false equal:true
	// "" "y\"" quoted:false equal:false
}

func ExampleOptions() {
	// Apache joins two Cookie headers by a comma.
	o := cookie.Options{Comma: true, Bare: cookie.BareName}
	for name, value := range o.All([]byte("uid=7; consent, theme=dark")) {
		fmt.Printf("%s=%s\n", name, value)
	}
	// Output:
	// uid=7
	// consent=
	// theme=dark
}

func ExampleAll() {
	for name, value := range cookie.All([]byte("a=1; a=2; A=3")) {
		fmt.Printf("%s=%s\n", name, value)
	}
	// Output:
	// a=1
	// a=2
	// A=3
}

func ExampleGet() {
	value, ok := cookie.Get([]byte(logged), "uid")
	fmt.Printf("%s %t\n", value, ok)
	// Output: 4840603 true
}

func ExampleOptions_Get() {
	value, _ := cookie.Options{Duplicates: cookie.Last}.Get([]byte("a=1; a=2"), "a")
	fmt.Printf("%s\n", value)
	// Output: 2
}

func ExampleSelector() {
	sel := cookie.NewSelector("theme", "uid", "lang")
	var values [][]byte
	for _, header := range []string{logged, "lang=ja"} {
		values, _ = sel.Select(values[:0], []byte(header))
		fmt.Printf("%q\n", values)
	}
	// Output:
	// ["dark" "4840603" ""]
	// ["" "" "ja"]
}

func ExampleValidate() {
	for _, header := range []string{`uid=7; theme="dark"`, "uid=7;theme=dark", "a=x y"} {
		fmt.Println(cookie.Validate([]byte(header)))
	}
	// Output:
	// <nil>
	// cookie: offset 6: cookies not separated by exactly "; "
	// cookie: offset 3: byte not allowed in a value
}

// print decodes one value and prints what it gives.
func print(d cookie.Decoder, value string) {
	decode := d.Bind() // once a goroutine
	var values cookie.Values
	if err := decode(&values, []byte("name"), []byte(value)); err != nil {
		fmt.Println(err)
		return
	}
	for v := range values.All() {
		fmt.Printf("%q %s\n", v.Name, v.Bytes)
	}
}

func ExampleChain() {
	// A cookie that was encoded as a whole, and each of its values before that.
	print(cookie.Chain(cookie.Percent{}, cookie.Pairs('&', '='), cookie.Percent{Plus: true}),
		"seg%3Dc%252Cd%26rank%3D0%26src%3Dtop")
	// Output:
	// "seg" c,d
	// "rank" 0
	// "src" top
}

func ExamplePercent() {
	print(cookie.Percent{}, "%E8%82%8C+100%")
	print(cookie.Percent{Plus: true}, "sun+screen%2B")
	// Output:
	// "" 肌+100%
	// "" sun screen+
}

func ExampleBase64() {
	print(cookie.Base64{}, "Zm9v")
	print(cookie.Base64{URL: true}, "44Ki44Kk44K5")
	print(cookie.Base64{}, "Zm9") // bits that carry nothing are not zero
	// Output:
	// "" foo
	// "" アイス
	// cookie: malformed: base64
}

func ExamplePairs() {
	print(cookie.Pairs('&', '='), "seg=b&rank=5&flag&rank=6")
	// Output:
	// "seg" b
	// "rank" 5
	// "flag"
}

func ExampleJSON() {
	print(cookie.JSON{}, `j:{"uid": 202675, "cart": {"items": [104, 2086], "open": true}}`)
	// Output:
	// "uid" 202675
	// "cart.items" [104,2086]
	// "cart.open" true
}

func ExampleJSON_session() {
	print(cookie.Chain(cookie.Base64{URL: true}, cookie.JSON{}), "eyJ1aWQiOiAyMDI2NzUsICJsYW5nIjogImphIiwgInQiOiAxNTEyMjQ3OTExfQ")
	// Output:
	// "uid" 202675
	// "lang" ja
	// "t" 1512247911
}

func ExampleGoogleAnalytics() {
	print(cookie.GoogleAnalytics{}, "GA1.2.540650868.1528792785")
	print(cookie.GoogleAnalytics{}, "GS2.1.s1746825440$o14$g0$t1746825444$j0$l0$h0")
	// Output:
	// "client" 540650868.1528792785
	// "created" 1528792785
	// "session" 1746825440
	// "count" 14
	// "engaged" false
	// "last" 1746825444
	// "join" 0
	// "login" 0
	// "user" 0
}

func ExampleFacebookBrowserID() {
	print(cookie.FacebookBrowserID{}, "fb.1.1596403881668.1116446470")
	// Output:
	// "id" 1116446470
	// "created" 1596403881668
}

func ExampleInt() {
	print(cookie.Int{}, "0042")
	print(cookie.Int{}, "forty-two")
	// Output:
	// "" 42
	// cookie: malformed: integer
}

func ExampleText() {
	print(cookie.Text{}, "caf\xe9")
	// Output: "" caf�
}

func ExampleUnquote() {
	print(cookie.Unquote{}, `"fu\"ba\073"`)
	// Output: "" fu"ba;
}

func ExampleKeyedHash() {
	print(cookie.KeyedHash([]byte("a key from the caller")), "4840603")
	// Output: "" 3bc16d342c08bf3448965b24d0cf1257
}

func ExampleRedact() {
	print(cookie.Redact{}, "a32e69083d235422537696b2c9498373")
	// Output: "" [redacted]
}

func ExampleExtract() {
	own := cookie.Chain(cookie.Percent{}, cookie.Pairs('&', '='), cookie.Percent{Plus: true})
	x, err := cookie.NewExtractor(cookie.Extract{Fields: []cookie.Field{
		{Name: "uid", Label: "cookie.uid", Decoder: cookie.Int{}},
		{Name: "own", Label: "cookie.own", Decoder: own, Members: []string{"seg", "src"}},
		{Name: "sess", Label: "cookie.sess", Decoder: cookie.Chain(cookie.Base64{URL: true}, cookie.JSON{})},
		{Name: "theme", Label: "cookie.theme"},
	}})
	if err != nil {
		panic(err)
	}
	r := x.Bind() // once a goroutine
	if err := r.Extract([]byte(logged)); err != nil {
		fmt.Println(err) // a limit; the results stand
	}
	for i := range r.Len() {
		res := r.At(i)
		fmt.Printf("%s: %s\n", res.Label, res.Bytes)
	}
	// Output:
	// cookie.uid: 4840603
	// cookie.own.seg: c,d
	// cookie.own.src: top
	// cookie.sess.uid: 202675
	// cookie.sess.lang: ja
	// cookie.sess.t: 1512247911
	// cookie.theme: dark
}

func ExampleExtract_rest() {
	x, err := cookie.NewExtractor(cookie.Extract{
		Fields: []cookie.Field{{Name: "uid", Label: "cookie.uid", Decoder: cookie.Int{}}},
		Rest:   "cookie",
	})
	if err != nil {
		panic(err)
	}
	r := x.Bind()
	_ = r.Extract([]byte(`uid=7; theme="dark"; PHPSESSID=5fb3; _ga=GA1.2.3.4; csrftoken=a32e`))
	for i := range r.Len() {
		res := r.At(i)
		fmt.Printf("%s: %s\n", res.Label, res.Bytes)
	}
	fmt.Println("left out:", r.Counts().LeftOut)
	// Output:
	// cookie.uid: 7
	// cookie.theme: dark
	// cookie._ga: GA1.2.3.4
	// left out: 2
}

func ExampleResults_Failures() {
	x, err := cookie.NewExtractor(cookie.Extract{Fields: []cookie.Field{{Name: "uid", Label: "cookie.uid", Decoder: cookie.Int{}}}})
	if err != nil {
		panic(err)
	}
	r := x.Bind()
	_ = r.Extract([]byte("uid=robert'); drop table"))
	fmt.Println(r.Len(), r.Counts().Malformed)
	for _, f := range r.Failures() {
		fmt.Println(f.Field, f.Err)
	}
	// Output:
	// 0 1
	// 0 cookie: malformed: integer
}

// cart is a decoder of one's own: 104x1-2086x3, an item and its count each.
type cart struct{ maxItems int }

// Check is called by NewExtractor, and by transform.NewChain for the stage Cookies.
func (d cart) Check() error {
	if d.maxItems < 1 {
		return errors.New("cart: maxItems is not positive")
	}
	return nil
}

func (d cart) Bind() cookie.DecodeFunc {
	if err := d.Check(); err != nil {
		return func(*cookie.Values, []byte, []byte) error { return err }
	}
	return func(dst *cookie.Values, _, value []byte) error { // for one goroutine: scratch would be made here
		before, items := dst.Len(), 0
		for part := range bytes.SplitSeq(value, []byte("-")) {
			item, count, ok := bytes.Cut(part, []byte("x"))
			if items++; !ok || items > d.maxItems {
				dst.Truncate(before) // there is no half of a cookie
				return cookie.ErrMalformed
			}
			if err := dst.Add(item, cookie.KindString, count); err != nil {
				dst.Truncate(before)
				return err // a limit of Values
			}
		}
		return nil
	}
}

func ExampleDecoder() {
	print(cart{maxItems: 2}, "104x1-2086x3")
	print(cart{maxItems: 2}, "104x1-2086")
	print(cookie.Chain(cookie.Percent{}, cart{maxItems: 2}), "104x1%2D2086x3")
	// Output:
	// "104" 1
	// "2086" 3
	// cookie: malformed
	// "104" 1
	// "2086" 3
}

// What is wrong with a decoder shows where it is put together, not with the first cookie.
func ExampleCheck() {
	fmt.Println(cookie.Check(cart{}))
	fmt.Println(cookie.Check(cookie.Chain(cookie.Percent{}, cookie.KeyedHash(nil))))
	_, err := cookie.NewExtractor(cookie.Extract{Fields: []cookie.Field{{Name: "cart", Label: "cart", Decoder: cart{}}}})
	fmt.Println(err)
	// Output:
	// cart: maxItems is not positive
	// decoder 1 of a chain: cookie: KeyedHash without a key
	// cookie: decoder of cookie "cart": cart: maxItems is not positive
}

// Cookies that hold sessions and credentials are held back from Extract.Rest.
func ExampleDenied() {
	for _, name := range []string{"theme", "PHPSESSID", "connect.sid", "csrftoken"} {
		fmt.Println(name, cookie.Denied([]byte(name)))
	}
	// Output:
	// theme false
	// PHPSESSID true
	// connect.sid true
	// csrftoken true
}

// A header that is too large is read up to the limit.
func ExampleLimitError() {
	c := cookie.Cursor{Options: cookie.Options{MaxCookies: 2}}
	c.Reset([]byte("a=1; b=2; c=3"))
	for c.Next() {
		fmt.Printf("%s=%s\n", c.Name, c.Value)
	}
	var limit *cookie.LimitError
	if errors.As(c.Err(), &limit) {
		fmt.Println(limit, limit.Limit == cookie.LimitCookies)
	}
	// Output:
	// a=1
	// b=2
	// cookie: too large: cookies true
}

// The kinds tell an encoder which values need quotes.
func ExampleKind() {
	decode := cookie.JSON{}.Bind()
	var values cookie.Values
	if err := decode(&values, []byte("cart"), []byte(`{"uid":7,"lang":"ja","open":true,"items":[104,2086]}`)); err != nil {
		fmt.Println(err)
		return
	}
	for v := range values.All() {
		switch v.Kind {
		case cookie.KindString:
			fmt.Printf("%s: %q\n", v.Name, v.Bytes)
		default: // JSON as it stands
			fmt.Printf("%s: %s\n", v.Name, v.Bytes)
		}
	}
	// Output:
	// uid: 7
	// lang: "ja"
	// open: true
	// items: [104,2086]
}

func ExampleValues() {
	var v cookie.Values
	_ = v.Add([]byte("seg"), cookie.KindString, []byte("b"))
	buf, _ := v.Buf(8) // room in v itself, so that Add need not copy
	buf = append(buf, "0.5"...)
	_ = v.Add([]byte("rank"), cookie.KindNumber, buf)
	for value := range v.All() {
		fmt.Printf("%s=%s\n", value.Name, value.Bytes)
	}
	// Output:
	// seg=b
	// rank=0.5
}
