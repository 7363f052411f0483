package jsonrec_test

import (
	"errors"
	"fmt"

	"github.com/ltsvpipe/ltsvpipe/ltsv"
	"github.com/ltsvpipe/ltsvpipe/transform"
	"github.com/ltsvpipe/ltsvpipe/transform/jsonrec"
)

func ExampleEncoder() {
	line := `host:192.0.2.7	status:200	ua:a \x22quoted\x22 agent	referer:-`
	chain, err := transform.NewChain(transform.Missing(ltsv.EscapeNginx), transform.Unescape(ltsv.EscapeNginx))
	if err != nil {
		fmt.Println(err)
		return
	}
	worker := chain.NewWorker(transform.LTSV{})
	rec, err := worker.Process([]byte(line))
	if err != nil {
		fmt.Println(err)
		return
	}
	var enc jsonrec.Encoder
	out, _ := enc.Append(nil, rec)
	fmt.Println(string(out))
	// Output: {"host":"192.0.2.7","status":"200","ua":"a \"quoted\" agent","referer":null}
}

// Dotted labels become objects on request, and nulls are left out.
func ExampleEncoder_nested() {
	line := "status:200	cookie.uid:70678	cache:-	cookie.own.seg:b	cookie.own.rank:5"
	var rec transform.Record
	if err := (transform.LTSV{}).Decode(&rec, []byte(line)); err != nil {
		fmt.Println(err)
		return
	}
	rec.Set("status", transform.Value{Kind: transform.KindNumber, Bytes: []byte("200")})
	rec.Set("cache", transform.Null)
	enc := jsonrec.Encoder{Nested: true, OmitNull: true}
	out, _ := enc.Append(nil, &rec)
	fmt.Println(string(out))
	// Output: {"status":200,"cookie":{"uid":"70678","own":{"seg":"b","rank":"5"}}}
}

// Labels that nobody expected do not become members of their own.
func ExampleEncoder_unlisted() {
	line := "host:192.0.2.7	x_debug:1	status:200	tmp.foo:bar"
	var rec transform.Record
	if err := (transform.LTSV{}).Decode(&rec, []byte(line)); err != nil {
		fmt.Println(err)
		return
	}
	enc := jsonrec.Encoder{Unlisted: "extra", Listed: []string{"host", "status"}}
	if err := enc.Check(); err != nil { // when the program starts
		fmt.Println(err)
		return
	}
	out, _ := enc.Append(nil, &rec)
	fmt.Println(string(out))
	// Output: {"host":"192.0.2.7","status":"200","extra":{"x_debug":"1","tmp.foo":"bar"}}
}

// Job 2 begins with a record of JSON.
func ExampleDecoder() {
	line := `{"host":"192.0.2.0","ua":"a \"quoted\" agent","status":200,"reqtime":0.010,"bot":false,"own":{"seg":"b","rank":5}}`
	var rec transform.Record
	if err := (jsonrec.Decoder{}).Decode(&rec, []byte(line)); err != nil {
		fmt.Println(err)
		return
	}
	for label, v := range rec.All() {
		fmt.Printf("%s %s: %s\n", label, v.Kind, v.Bytes)
	}
	// Output:
	// host string: 192.0.2.0
	// ua string: a "quoted" agent
	// status number: 200
	// reqtime number: 0.010
	// bot bool: false
	// own JSON: {"seg":"b","rank":5}
}

// Flatten is what Encoder.Nested undoes.
func ExampleDecoder_flatten() {
	line := `{"host":"192.0.2.0","cookie":{"uid":70678,"own":{"seg":"b"}}}`
	var rec transform.Record
	if err := (jsonrec.Decoder{Flatten: true}).Decode(&rec, []byte(line)); err != nil {
		fmt.Println(err)
		return
	}
	for label, v := range rec.All() {
		fmt.Printf("%s %s: %s\n", label, v.Kind, v.Bytes)
	}
	nested := jsonrec.Encoder{Nested: true}
	out, _ := nested.Append(nil, &rec)
	fmt.Println(string(out))
	// Output:
	// host string: 192.0.2.0
	// cookie.uid number: 70678
	// cookie.own.seg string: b
	// {"host":"192.0.2.0","cookie":{"uid":70678,"own":{"seg":"b"}}}
}

// A record that is refused costs that record. The error says where and why, and
// quotes nothing: log lines hold personal data.
func ExampleSyntaxError() {
	var rec transform.Record
	err := jsonrec.Decoder{}.Decode(&rec, []byte(`{"host":"192.0.2.7","host":"192.0.2.8"}`))
	fmt.Println(err)
	fmt.Println(errors.Is(err, jsonrec.ErrDuplicate))
	// Output:
	// jsonrec: offset 38: duplicate member in a JSON object
	// true
}

// Logic that wants types reads a record into a struct, and may write it back.
func ExampleStruct() {
	type access struct {
		Host   string `json:"host"`
		Status int    `json:"status"`
		Cookie struct {
			UID int64 `json:"uid"`
		} `json:"cookie"`
	}
	bridge, err := jsonrec.NewStruct[access]() // one a goroutine
	if err != nil {
		fmt.Println(err)
		return
	}
	bridge.Encoder.Nested = true  // cookie.uid is the member uid of cookie
	bridge.Decoder.Flatten = true // and becomes cookie.uid again

	var rec transform.Record
	rec.Set("host", transform.String([]byte("192.0.2.7")))
	rec.Set("status", transform.Value{Kind: transform.KindNumber, Bytes: []byte("404")})
	rec.Set("cookie.uid", transform.Value{Kind: transform.KindNumber, Bytes: []byte("70678")})
	rec.Set("ua", transform.String([]byte("not in the struct")))
	var a access
	if err := bridge.Load(&a, &rec); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a.Host, a.Status, a.Cookie.UID)

	a.Status++
	if err := bridge.Store(&rec, &a); err != nil {
		fmt.Println(err)
		return
	}
	out, _ := jsonrec.Marshal(&rec)
	fmt.Println(string(out))
	// Output:
	// 192.0.2.7 404 70678
	// {"host":"192.0.2.7","status":405,"cookie.uid":70678}
}

func ExampleMarshal() {
	var rec transform.Record
	if err := (transform.LTSV{}).Decode(&rec, []byte("host:192.0.2.7	status:200")); err != nil {
		fmt.Println(err)
		return
	}
	out, _ := jsonrec.Marshal(&rec)
	fmt.Println(string(out))
	// Output: {"host":"192.0.2.7","status":"200"}
}

// Options that contradict each other are found before the first record.
func ExampleEncoder_Check() {
	enc := jsonrec.Encoder{Listed: []string{"host", "status"}}
	err := enc.Check()
	var option *jsonrec.OptionError
	if errors.As(err, &option) {
		fmt.Println(option.Option)
	}
	fmt.Println(err)
	// Output:
	// Listed
	// jsonrec: Listed: there is no Unlisted to take the other fields
}

// A record that does not fit the struct costs itself; the error names the member.
func ExampleStructError() {
	type access struct {
		Status int `json:"status"`
	}
	bridge, err := jsonrec.NewStruct[access]()
	if err != nil {
		fmt.Println(err)
		return
	}
	var rec transform.Record
	rec.Set("status", transform.String([]byte("4o4")))
	var a access
	err = bridge.Load(&a, &rec)
	var mismatch *jsonrec.StructError
	if errors.As(err, &mismatch) {
		fmt.Println(mismatch.Label, errors.Is(err, jsonrec.ErrMismatch), a.Status)
	}
	// Output: status true 0
}
