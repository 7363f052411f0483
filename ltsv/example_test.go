package ltsv_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/ltsvpipe/ltsvpipe/ltsv"
)

const line = "time:22/Nov/2026:16:00:49 +0000\thost:127.109.39.104\t" +
	"req:GET /users/25527/orders?id=70678 HTTP/1.1\tstatus:200\tsize:5\treferer:-\t" +
	"ua:Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:120.0)\treqtime:0.000\tcookie:theme=\\x22dark\\x22"

func ExampleRecord() {
	var rec ltsv.Record
	if err := rec.Parse([]byte(line)); err != nil {
		fmt.Println(err)
		return
	}
	status, ok := rec.Get(ltsv.LabelStatus)
	fmt.Println(rec.Len(), "fields, status", string(status), ok)
	for label, value := range rec.All() {
		if len(value) > 40 {
			fmt.Printf("%s has %d bytes\n", label, len(value))
		}
	}
	// Output:
	// 9 fields, status 200 true
	// req has 41 bytes
	// ua has 55 bytes
}

func ExampleRecord_Parse() {
	var rec ltsv.Record
	err := rec.Parse([]byte("host:192.0.2.7\tGET /\tstatus:200"))
	fmt.Println(err)
	var syntax *ltsv.SyntaxError
	if errors.As(err, &syntax) {
		fmt.Println(syntax.Column, errors.Is(err, ltsv.ErrNoColon))
	}
	// Output:
	// ltsv: column 16: field has no colon
	// 16 true
}

func ExampleRecord_ParseStrict() {
	var rec ltsv.Record
	line := []byte("host:192.0.2.7\t\tuser agent:curl")
	fmt.Println(rec.Parse(line), rec.Len())
	fmt.Println(rec.ParseStrict(line), rec.Len())
	// Output:
	// <nil> 2
	// ltsv: column 16: field is empty 0
}

func ExampleRecord_Clone() {
	r := ltsv.NewReader(strings.NewReader("status:200\nstatus:404\n"))
	first, _ := r.Read()
	kept := first.Clone() // first is valid until the next Read only
	second, _ := r.Read()
	fmt.Println(string(kept.Line()), string(second.Line()))
	// Output: status:200 status:404
}

func ExampleFields() {
	for label, value := range ltsv.Fields([]byte("status:200\tbroken\t:x\tua:")) {
		fmt.Printf("%q %q %t\n", label, value, value == nil)
	}
	// Output:
	// "status" "200" false
	// "broken" "" true
	// "" "x" false
	// "ua" "" false
}

func ExampleValid() {
	fmt.Println(ltsv.Valid([]byte("status:200\tua:curl/8.1.0")))
	fmt.Println(ltsv.Valid([]byte("status:200\tuser agent:curl/8.1.0")))
	// Output:
	// <nil>
	// ltsv: column 16: label has a byte other than 0-9 A-Z a-z _ . -
}

func ExampleSelector() {
	sel := ltsv.NewSelector("status", "reqtime", "cache")
	var rec ltsv.Record
	var values [][]byte // used again for each line
	for _, line := range []string{"host:a\tstatus:200\treqtime:0.012", "host:b\tstatus:500\treqtime:1.500"} {
		if err := rec.Parse([]byte(line)); err != nil {
			continue
		}
		values = sel.Select(values[:0], &rec)
		fmt.Printf("%s %s %t\n", values[0], values[1], values[2] == nil)
	}
	// Output:
	// 200 0.012 true
	// 500 1.500 true
}

func ExampleReader() {
	r := ltsv.NewReader(strings.NewReader("status:200\tsize:5\r\nwhat is this\n\nstatus:404\tsize:9"))
	for {
		rec, err := r.Read()
		if err == io.EOF {
			break
		}
		var syntax *ltsv.SyntaxError
		if errors.As(err, &syntax) { // costs one line
			fmt.Println("rejected:", err)
			continue
		}
		if err != nil { // the stream is broken
			fmt.Println(err)
			return
		}
		status, _ := rec.Get("status")
		fmt.Printf("line %d: %s; go on at %d\n", r.Line(), status, r.InputOffset())
	}
	// Output:
	// line 1: 200; go on at 19
	// rejected: ltsv: line 2, offset 19: column 1: field has no colon
	// line 4: 404; go on at 50
}

func ExampleReader_All() {
	r := ltsv.NewReader(strings.NewReader("status:200\nstatus:404\n"))
	for rec, err := range r.All() {
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(string(rec.Line()))
	}
	// Output:
	// status:200
	// status:404
}

func ExampleScan() {
	log := []byte("status:200\tsize:5\nstatus:404\tsize:9\n")
	total := 0
	for rec, err := range ltsv.Scan(log) {
		if err != nil {
			continue
		}
		size, _ := rec.Get("size")
		total += len(size)
	}
	fmt.Println(total)
	// Output: 2
}

func ExampleSplit() {
	log := bytes.Repeat([]byte("status:200\tsize:5\n"), 1000)
	counts := make(chan int)
	pieces := ltsv.Split(log, 4)
	for _, piece := range pieces {
		go func() {
			n := 0
			for range ltsv.Scan(piece) {
				n++
			}
			counts <- n
		}()
	}
	total := 0
	for range pieces {
		total += <-counts
	}
	fmt.Println(len(pieces), total)
	// Output: 4 1000
}

func ExampleAppendField() {
	line, err := ltsv.AppendField(nil, "status", []byte("200"))
	fmt.Println(string(line), err)
	line, err = ltsv.AppendField(line, "ua", []byte("two\nlines"))
	fmt.Println(string(line), err)
	// Output:
	// status:200 <nil>
	// status:200 ltsv: value has a NUL, TAB, LF or CR
}

func ExampleWriter() {
	w := ltsv.NewWriter(os.Stdout)
	w.Escaping = ltsv.EscapeNginx
	_ = w.Field("status", []byte("200"))
	_ = w.Field("ua", []byte("a \"quoted\"\ttab"))
	_ = w.End()
	if err := w.Flush(); err != nil {
		fmt.Println(err)
	}
	// Output: status:200	ua:a \x22quoted\x22\x09tab
}

func ExampleAppendUnescape() {
	var rec ltsv.Record
	if err := rec.Parse([]byte(line)); err != nil {
		fmt.Println(err)
		return
	}
	cookie, _ := rec.Get("cookie")
	fmt.Printf("%s\n", ltsv.AppendUnescape(nil, cookie, ltsv.EscapeNginx))
	// Output: theme="dark"
}

func ExampleAppendEscape() {
	value := []byte("a\tb\\")
	for _, e := range []ltsv.Escaping{ltsv.EscapeNginx, ltsv.EscapeApache, ltsv.EscapeJSON, ltsv.EscapeHAProxy} {
		fmt.Printf("%-8s %s\n", e, ltsv.AppendEscape(nil, value, e))
	}
	// Output:
	// nginx    a\x09b\x5C
	// apache   a\tb\\
	// json     a\tb\\
	// haproxy  a#09b\
}

func ExampleEscaping_Missing() {
	fmt.Println(ltsv.EscapeNginx.Missing([]byte("-")), ltsv.EscapeNginx.Missing([]byte("")))
	fmt.Println(ltsv.EscapeJSON.Missing([]byte("-")), ltsv.EscapeJSON.Missing([]byte("")))
	// Output:
	// true false
	// false true
}

type access struct {
	Time    time.Time `ltsv:"time,layout=02/Jan/2006:15:04:05 -0700"`
	Host    string    `ltsv:"host"`
	Status  int       `ltsv:"status"`
	Size    int64     `ltsv:"size,omitempty"`
	AppTime *float64  `ltsv:"apptime,omitempty"` // "-" is nil
}

func ExampleUnmarshal() {
	var a access
	err := ltsv.Unmarshal([]byte("time:22/Nov/2026:16:00:49 +0000\thost:192.0.2.7\tstatus:200\tapptime:-"), &a)
	fmt.Println(a.Time.Unix(), a.Host, a.Status, a.AppTime == nil, err)
	err = ltsv.Unmarshal([]byte("status:OK"), &a)
	fmt.Println(err)
	// Output:
	// 1795363249 192.0.2.7 200 true <nil>
	// ltsv: field Status, label status: value is not of the field's type
}

func ExampleMarshal() {
	line, err := ltsv.Marshal(access{Time: time.Unix(1795363249, 0).UTC(), Host: "192.0.2.7", Status: 200})
	fmt.Println(string(line), err)
	// Output: time:22/Nov/2026:16:00:49 +0000	host:192.0.2.7	status:200 <nil>
}

func ExampleDecoder() {
	d, err := ltsv.NewDecoder[access]()
	if err != nil {
		fmt.Println(err) // a tag is wrong
		return
	}
	var a access // used again for each record
	for rec, err := range ltsv.Scan([]byte("host:a\tstatus:200\tsize:7\nhost:b\tstatus:404\n")) {
		if err == nil {
			err = d.Decode(&a, rec)
		}
		fmt.Println(a.Host, a.Status, a.Size, err)
	}
	// Output:
	// a 200 7 <nil>
	// b 404 0 <nil>
}

func ExampleRecord_SetLimits() {
	var rec ltsv.Record
	rec.SetLimits(64, 4) // bytes and fields; the defaults are 1 MiB and 1,024
	fmt.Println(rec.Parse([]byte("a:1\tb:2\tc:3\td:4\te:5")))
	fmt.Println(rec.Parse([]byte("ua:" + strings.Repeat("x", 100))))
	// Output:
	// ltsv: column 17: line has too many fields
	// ltsv: line is too long
}

func ExampleAppendEscapedField() {
	line, err := ltsv.AppendEscapedField(nil, "ua", []byte("two\nlines"), ltsv.EscapeNginx)
	fmt.Println(string(line), err)
	// Output: ua:two\x0Alines <nil>
}

// Fields of one line are written into another, and a field that must not leave is left out.
func ExampleWriter_Field() {
	var rec ltsv.Record
	if err := rec.Parse([]byte(line)); err != nil {
		fmt.Println(err)
		return
	}
	w := ltsv.NewWriter(os.Stdout)
	for label, value := range rec.All() {
		if string(label) == "cookie" || string(label) == "host" {
			continue
		}
		if err := w.Field(string(label), value); err != nil {
			fmt.Println(err) // refused: the record goes on without the field
		}
	}
	_ = w.End() // the error of the stream, which Flush tells as well
	if err := w.Flush(); err != nil {
		fmt.Println(err)
	}
	// Output: time:22/Nov/2026:16:00:49 +0000	req:GET /users/25527/orders?id=70678 HTTP/1.1	status:200	size:5	referer:-	ua:Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:120.0)	reqtime:0.000
}

// Most values hold no escape and can be used as they are.
func ExampleEscaping_Escaped() {
	var rec ltsv.Record
	if err := rec.Parse([]byte(line)); err != nil {
		fmt.Println(err)
		return
	}
	var scratch []byte
	for _, label := range []string{"host", "cookie"} {
		value, _ := rec.Get(label)
		if ltsv.EscapeNginx.Escaped(value) {
			scratch = ltsv.AppendUnescape(scratch[:0], value, ltsv.EscapeNginx)
			value = scratch
		}
		fmt.Printf("%s\n", value)
	}
	// Output:
	// 127.109.39.104
	// theme="dark"
}

func ExampleParseEscaping() {
	e, ok := ltsv.ParseEscaping("apache") // from a command line
	fmt.Println(e == ltsv.EscapeApache, ok)
	_, ok = ltsv.ParseEscaping("iis")
	fmt.Println(ok)
	// Output:
	// true true
	// false
}

// A field that does not fit is named; the others are set all the same.
func ExampleFieldError() {
	d, err := ltsv.NewDecoder[access]()
	if err != nil {
		fmt.Println(err)
		return
	}
	var rec ltsv.Record
	if err := rec.Parse([]byte("status:4o4\thost:192.0.2.7")); err != nil {
		fmt.Println(err)
		return
	}
	var a access
	err = d.Decode(&a, &rec)
	var field *ltsv.FieldError
	if errors.As(err, &field) {
		fmt.Println(field.Field, field.Label, errors.Is(err, ltsv.ErrValue))
	}
	fmt.Println(a.Host, a.Status)
	// Output:
	// Status status true
	// 192.0.2.7 0
}
